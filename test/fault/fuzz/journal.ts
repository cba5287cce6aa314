import fc from 'fast-check';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeFiles } from '../../../src/data/file-layer';
import { createFaultEngine, recordViewers, storedViewers } from '../data/fault-engine';
import { encodeRecords, segmentName, SEGMENT_MAGIC } from '../../../src/data/journal-format';
import { compare, type FaultReport } from '../data/fault-report';
import { tryProperty } from './fuzz-report';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 4_000 }),
  // As a segment begins, so that the reader goes on.
  fc.uint8Array({ maxLength: 400 }).map(tail => Buffer.concat([SEGMENT_MAGIC, tail])),
  fc.string({ unit: 'binary', maxLength: 500 }).map(text => Buffer.from(text)),
  // Whole records that nobody of ours wrote.
  fc
    .tuple(
      fc.array(fc.oneof(fc.string(), fc.json()), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 90 }),
    )
    .map(([lines, sequence]) => {
      const text = Buffer.from(lines.map(line => line.replaceAll('\n', ' ')).join('\n'));
      return Buffer.concat([SEGMENT_MAGIC, encodeRecords(text, sequence, null).bytes]);
    }),
);
const name = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map(segmentName),
  fc.stringMatching(/^[\w.-]{1,20}$/).filter(text => text !== '.' && text !== '..'),
);

/** Any files in the journal's folder beside a whole snapshot: all that the snapshot has is there, and goes on. */
export async function run(count: number): Promise<FaultReport> {
  const model = mkdtempSync(join(tmpdir(), 'evsub-journal-'));
  try {
    const engine = createFaultEngine(createNodeFiles());
    await engine.open({ folder: model, retentionDays: 0 });
    const ids = Array.from({ length: 40 }, (_, index) => String(index + 1));
    await recordViewers(engine, ids);
    await engine.close();
    const first = readdirSync(join(model, 'journal'))[0];
    const names = first === undefined ? name : fc.oneof(name, fc.constant(first));
    const property = fc.asyncProperty(
      fc.array(fc.tuple(names, bytes), { minLength: 1, maxLength: 4 }),
      files => openWith(model, files, ids),
    );
    return await tryProperty(property, count);
  } finally {
    rmSync(model, { recursive: true, force: true });
  }
}

async function openWith(
  model: string,
  files: readonly (readonly [string, Uint8Array])[],
  ids: readonly string[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'evsub-journal-'));
  try {
    cpSync(model, folder, { recursive: true });
    mkdirSync(join(folder, 'journal'), { recursive: true });
    for (const [file, content] of files) writeFileSync(join(folder, 'journal', file), content);
    for (const batch of ['101', '102']) {
      const engine = createFaultEngine(createNodeFiles());
      await engine.open({ folder, retentionDays: 0 });
      await recordViewers(engine, [batch]);
      await engine.close();
    }
    const engine = createFaultEngine(createNodeFiles());
    await engine.open({ folder, retentionDays: 0 });
    const report: FaultReport = { tried: 0, lost: 0, twice: 0, unreadable: 0, notes: [] };
    compare(report, new Set([...ids, '101', '102']), await storedViewers(engine), 'opened');
    await engine.close();
    if (report.notes.length > 0) throw new Error(report.notes.join(' '));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
