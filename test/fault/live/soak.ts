import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../../src/simulator/faults';
import { emptyReport, type FaultReport } from '../data/fault-report';
import type { Levels } from './level-watch';
import { LiveStage, until } from './live-stage';
import { checkStored } from './stored-followers';

const PER_SECOND = 50;
const RECONNECT_EVERY_MS = 30_000;
const SAMPLE_EVERY_MS = 2_000;
/** How much the last quarter may lie above the second. */
const TOLERANCE = 0.05;
/** Of things that are few, so many more or fewer are no trend. */
const SLACK = 3;

/** Every way in which a session ends or moves, one after another. */
const ENDS: readonly Fault[] = [
  { kind: 'reconnect' },
  { kind: 'terminate' },
  { kind: 'silentPeer', sockets: 'current', frames: 'dropped' },
  { kind: 'close', code: 4000 },
  { kind: 'reconnect', sessionId: 'new', chain: 2 },
  { kind: 'close', code: 4002 },
  { kind: 'reconnect', to: 'refused' },
  { kind: 'close', code: 4005 },
  { kind: 'reconnect', to: 'unknownChallenge' },
  { kind: 'close', code: 4006 },
  { kind: 'close', code: 1012 },
  { kind: 'reconnect', to: 'noWelcome' },
  { kind: 'close', code: 4007 },
  { kind: 'close', code: 1001 },
];

/** What a soak came to. */
export interface SoakResult extends FaultReport {
  events: number;
  /** The medians of the second and of the last quarter. */
  levels: Record<keyof Levels, { second: number; last: number }>;
}

/** Runs service, worker and simulator for so many minutes under 50 follows a second, with a reconnect every 30 s. */
export async function run(minutes: number, reconnectEveryMs = RECONNECT_EVERY_MS): Promise<SoakResult> {
  const report = emptyReport();
  const samples: Levels[] = [];
  const stage = await LiveStage.open(
    { followers: 10, timings: { reconnectGraceMs: 5_000 } },
    { keepaliveTimeoutSeconds: 10 },
  );
  let sent = 0;
  try {
    const endsAt = Date.now() + minutes * 60_000;
    const following = (async (): Promise<void> => {
      while (Date.now() < endsAt) {
        await stage.control({ do: 'followBots', count: PER_SECOND, perSecond: PER_SECOND });
        sent += PER_SECOND;
      }
    })();
    let nextEndAt = Date.now() + reconnectEveryMs;
    while (Date.now() < endsAt) {
      await delay(Math.min(SAMPLE_EVERY_MS, Math.max(0, endsAt - Date.now())));
      samples.push(await stage.ask<'levels'>({ kind: 'levels' }));
      if (Date.now() < nextEndAt || endsAt - Date.now() < reconnectEveryMs / 2) continue;
      nextEndAt += reconnectEveryMs;
      await stage.control({ do: 'clear' });
      const fault = ENDS[report.tried++ % ENDS.length];
      if (fault) await stage.control({ do: 'inject', fault });
    }
    await following;
    await stage.control({ do: 'clear' });
    await until('the session to be live at the end', () => stage.isLive());
    await stage.ask<'call'>({ kind: 'call', method: 'refresh', args: [] });
    await delay(200);
    await until('the last polls', () => stage.isPolled());
    await checkStored(stage, report, sent);
    await stage.dispose();
  } finally {
    await stage.close();
  }
  return { ...report, events: sent, levels: compareQuarters(report, samples) };
}

function compareQuarters(report: FaultReport, samples: readonly Levels[]): SoakResult['levels'] {
  // The median: around a reconnect there are two sockets for a moment, and requests after it.
  const median = (name: keyof Levels, from: number, to: number): number => {
    const part = samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to));
    const values = part.map(levels => levels[name]).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? 0;
  };
  const quarters = (name: keyof Levels): { second: number; last: number } => ({
    second: median(name, 0.25, 0.5),
    last: median(name, 0.75, 1),
  });
  const levels = {
    heapBytes: quarters('heapBytes'),
    // The database lies in it and grows with what it holds: told, not judged.
    rssBytes: quarters('rssBytes'),
    timers: quarters('timers'),
    handles: quarters('handles'),
    listeners: quarters('listeners'),
  };
  for (const name of ['heapBytes', 'timers', 'handles', 'listeners'] as const) {
    const { second, last } = levels[name];
    const slack = name === 'heapBytes' ? 0 : SLACK;
    if (last <= second * (1 + TOLERANCE) + slack) continue;
    report.notes.push(`${name} rose from ${second.toFixed(0)} to ${last.toFixed(0)}.`);
  }
  return levels;
}
