import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordResult } from '../../../src/shared/data-service';
import { createNodeFiles } from '../../../src/data/file-layer';
import type { DataEngine } from '../../../src/data/data-engine';
import { encodeNotification } from '../../../src/data/worker-protocol';
import { parseFrame } from '../../../src/twitch/frame-parser';
import { createFaultEngine, storedViewers } from '../data/fault-engine';
import { compare, type FaultReport } from '../data/fault-report';
import { tryProperty } from './fuzz-report';

/** Names that no one sane has. */
const NASTY = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  "Robert'); DROP TABLE events; --",
  '" OR 1=1; --',
  '%_%',
  '\u202Eeno-on\u202C',
  '\u200F\u2067مرحبا\u2069',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
  '=HYPERLINK("http://evil.example")',
  'x'.repeat(10_000),
  '日本語の名前',
  'a\tb\r\nc\u2028d\u0085e',
  '\uFEFF',
  'null',
  '',
  '$(rm -rf /)',
  '{0} {1}',
];

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  // No NUL: Twitch's JSON cannot carry one in a name, and SQLite's text ends there.
  fc.string({ unit: 'binary', maxLength: 200 }).map(text => text.replaceAll('\0', ' ')),
);

const type = fc.constantFrom(
  'channel.follow',
  'channel.vip.add',
  'channel.vip.remove',
  'channel.moderator.add',
  'channel.subscribe',
  'channel.subscription.end',
  'channel.cheer',
);

/** What stands between the good frames: none of it may cost one of them. */
const junk = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.constantFrom('[]', '{', '{"metadata":{}}', '\u0000', '{"metadata":{"message_type":"notification"}}'),
);

const frames = fc.array(fc.record({ type, name, login: name, extra: fc.jsonValue(), junk }), {
  minLength: 1,
  maxLength: 25,
});

interface Made {
  text: string;
  viewerId: string;
}

let lastViewer = 0;

function makeFrame(given: { type: string; name: string; login: string; extra: unknown }): Made {
  const viewerId = String(++lastViewer);
  const at = new Date(Date.UTC(2026, 10, 1) + lastViewer * 1000).toISOString();
  const event = {
    extra: given.extra,
    user_id: viewerId,
    user_login: given.login,
    user_name: given.name,
    broadcaster_user_id: '1337',
    tier: '1000',
    is_gift: false,
    followed_at: at,
  };
  const metadata = {
    message_id: randomUUID(),
    message_type: 'notification',
    message_timestamp: at,
    subscription_type: given.type,
  };
  const subscription = { id: 'the-only-one', type: given.type, version: '1' };
  return { viewerId, text: JSON.stringify({ metadata, payload: { subscription, event } }) };
}

async function recordFrames(engine: DataEngine, texts: readonly string[]): Promise<RecordResult> {
  const lines = texts.flatMap(text => {
    const frame = parseFrame(text);
    if (frame.kind !== 'notification') return [];
    const { messageId, sentAt, subscriptionId, eventJson, version } = frame;
    const input = { messageId, version, subscriptionId, eventJson, type: frame.type, isLate: false };
    return [encodeNotification({ ...input, messageTimestamp: sentAt, receivedAtMs: Date.parse(sentAt) })];
  });
  const answer = await engine.recordLines(Buffer.from(lines.join('\n')), [lines.length], null);
  const [result] = JSON.parse(answer) as RecordResult[];
  if (!result) throw new Error('No answer.');
  return result;
}

/** Frames with hostile names and junk between them, through parser, journal and database, and found again. */
export async function run(count: number): Promise<FaultReport> {
  const folder = mkdtempSync(join(tmpdir(), 'evsub-names-'));
  const engine = createFaultEngine(createNodeFiles());
  const recorded = new Set<string>();
  try {
    await engine.open({ folder, retentionDays: 0 });
    const property = fc.asyncProperty(frames, async given => {
      const made = given.map(makeFrame);
      const result = await recordFrames(
        engine,
        made.flatMap(({ text }, index) => [given[index]?.junk ?? '', text]),
      );
      for (const { viewerId } of made) recorded.add(viewerId);
      const events = result.events.filter(({ viewer }) => viewer !== null && recorded.has(viewer.id));
      if (events.length < made.length) throw new Error(`${events.length} of ${made.length} were recorded.`);
      for (const [index, { viewerId }] of made.entries()) {
        await checkViewer(engine, viewerId, given[index]?.name ?? '', given[index]?.login ?? '');
      }
    });
    const report = await tryProperty(property, count);
    compare(report, recorded, await storedViewers(engine), 'at the end');
    await checkExports(engine, folder, recorded.size, report);
    await engine.close();
    const again = createFaultEngine(createNodeFiles());
    await again.open({ folder, retentionDays: 0 });
    compare(report, recorded, await storedViewers(again), 'opened again');
    await again.close();
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkViewer(engine: DataEngine, id: string, name: string, login: string): Promise<void> {
  const details = await engine.getViewer(id);
  const shown = details?.viewer.displayName;
  const isKept = shown === (name || login || id);
  if (!isKept) throw new Error(`The name came back as ${JSON.stringify(shown)}.`);
  const text = name.trim().slice(0, 300);
  if (text === '') return;
  await engine.queryEvents({ text }, null, 5, null);
}

async function checkExports(
  engine: DataEngine,
  folder: string,
  atLeast: number,
  report: FaultReport,
): Promise<void> {
  const path = join(folder, 'all.jsonl');
  const { count } = await engine.exportEvents('all', 'jsonl', {}, path);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  if (count < atLeast || lines.length !== count) report.notes.push('The export is not whole.');
  for (const line of lines) JSON.parse(line);
  await engine.exportEvents('csv', 'csv', {}, join(folder, 'all.csv'));
}
