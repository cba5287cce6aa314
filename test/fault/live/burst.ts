import { emptyReport, type FaultReport } from '../data/fault-report';
import { LiveStage, until } from './live-stage';
import type { HostTold } from './host-child';
import type { LoopDelay } from './loop-watch';
import { checkStored } from './stored-followers';

const EVENTS = 10_000;

/** What one burst came to. */
export interface BurstResult extends FaultReport {
  delay: LoopDelay;
  /** From the first frame until every event was told, and until the status had told its last. */
  toldMs: number;
  told: HostTold;
}

/** Sends 10 000 follows as fast as the socket takes them from a process of its own, `count` times. */
export async function run(count: number, execArgv?: string[]): Promise<BurstResult> {
  const report: BurstResult = {
    ...emptyReport(),
    delay: { maxMs: 0, p99Ms: 0, ownMaxMs: 0 },
    toldMs: 0,
    told: { events: 0, twice: 0, gaps: 0, largestBatch: 0, largestMessage: 0, errors: [] },
  };
  const stage = await LiveStage.open({ followers: 10, timings: {} }, {}, execArgv);
  try {
    for (let round = 1; round <= count; round++) await burstOnce(stage, report, round);
    await checkStored(stage, report, count * EVENTS);
    await stage.dispose();
  } finally {
    await stage.close();
  }
  return report;
}

async function burstOnce(stage: LiveStage, report: BurstResult, round: number): Promise<void> {
  report.tried += EVENTS;
  await stage.ask<'beginDelay'>({ kind: 'beginDelay' });
  const startedAt = performance.now();
  await stage.control({ do: 'followBots', count: EVENTS });
  let events = 0;
  await until('every event of the burst', async () => {
    const told = await stage.ask<'told'>({ kind: 'told' });
    const isAll = told.events >= round * EVENTS;
    events = told.events;
    return isAll;
  }).catch(() => report.notes.push(`burst ${round}: only ${events} events were told.`));
  const toldMs = performance.now() - startedAt;
  const delay = await stage.ask<'endDelay'>({ kind: 'endDelay' });
  report.toldMs = Math.max(report.toldMs, toldMs);
  if (delay.ownMaxMs > report.delay.ownMaxMs) report.delay = delay;
  report.told = await stage.ask<'told'>({ kind: 'told' });
}
