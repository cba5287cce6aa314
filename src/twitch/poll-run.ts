import type { SweepKind, SweepMarks } from '../shared/data-service';
import { pause } from './alarm';
import { sweepRecent, sweepWhole, type SweepParts, type SweepResult } from './poll-sweep';

/** What one list teaches from poll to poll, while the poller lives. */
export interface ListMemory {
  /** Polls in a row whose `total` was not what we know. */
  mismatches: number;
  /** What the last whole sweep fell short of its total by. */
  lastShortfall: number | null;
  needsSecondSweep: boolean;
  /** When the last whole sweep began, by the monotonic clock; null: not in this life. */
  wholeAt: number | null;
}

/** A memory of nothing. */
export function createListMemory(): ListMemory {
  return { mismatches: 0, lastShortfall: null, needsSecondSweep: false, wholeAt: null };
}

export interface RunResult {
  recovered: number;
  isBaseline: boolean;
  doubt: string | null;
}

/** Whole sweeps of followers may use this part of the rate bucket. */
const SWEEP_PART = 0.05;
const DEFAULT_LIMIT = 800;
const PAGE_SIZE = 100;
const WEEK_MS = 7 * 24 * 60 * 60_000;
const MINUTE_MS = 60_000;
/** Two looks at a total that differs are at least so far apart, because lists lag the socket. */
const SECOND_LOOK_MS = 3000;

/**
 * Polls one list once. `isThorough`: a total that differs is looked at a second time at once, instead of at the next
 * poll. Rejects as the sweeps do.
 */
export async function pollList(
  parts: SweepParts,
  list: SweepKind,
  memory: ListMemory,
  isThorough: boolean,
): Promise<RunResult> {
  const marks = await parts.recorder.getSweepMarks(parts.channelId, list);
  if (list !== 'followers' || !marks.hasBaseline || marks.lastCompletedStartAt === null) {
    return runWhole(parts, list, memory, marks);
  }
  if (
    (memory.needsSecondSweep || isWeekOld(parts, marks)) &&
    hasBudget(parts, memory, marks, marks.knownCount)
  ) {
    return runWhole(parts, list, memory, marks);
  }
  return runRecent(parts, memory, marks, isThorough);
}

async function runRecent(
  parts: SweepParts,
  memory: ListMemory,
  marks: SweepMarks,
  isThorough: boolean,
): Promise<RunResult> {
  const first = await lookAtRecent(parts, memory, marks);
  let { recovered } = first;
  let latest = first;
  if (memory.mismatches === 1 && isThorough) {
    if (await pause(parts.clock, SECOND_LOOK_MS, parts.signal)) {
      latest = await lookAtRecent(parts, memory, latest.marks);
      recovered += latest.recovered;
    }
  }
  if (memory.mismatches < 2 || !hasBudget(parts, memory, latest.marks, latest.total ?? 0)) {
    return { recovered, isBaseline: false, doubt: null };
  }
  const whole = await runWhole(parts, 'followers', memory, latest.marks);
  return { ...whole, recovered: recovered + whole.recovered };
}

async function lookAtRecent(
  parts: SweepParts,
  memory: ListMemory,
  marks: SweepMarks,
): Promise<{ recovered: number; total: number | null; marks: SweepMarks }> {
  const { recovered, total } = await sweepRecent(parts, marks);
  const after = await parts.recorder.getSweepMarks(parts.channelId, 'followers');
  const differs = total !== null && total !== after.knownCount + after.totalOffset;
  memory.mismatches = differs ? memory.mismatches + 1 : 0;
  return { recovered, total, marks: after };
}

async function runWhole(
  parts: SweepParts,
  list: SweepKind,
  memory: ListMemory,
  marks: SweepMarks,
): Promise<RunResult> {
  memory.wholeAt = parts.clock.monotonic();
  const result: SweepResult = await sweepWhole(parts, list, marks, memory.lastShortfall);
  memory.lastShortfall = result.shortfall;
  memory.needsSecondSweep = result.needsSecondSweep;
  memory.mismatches = 0;
  const { recovered, isBaseline, doubt } = result;
  return { recovered, isBaseline, doubt };
}

function isWeekOld(parts: SweepParts, marks: SweepMarks): boolean {
  if (marks.lastWholeSweepAt === null) return true;
  return serverNow(parts) - Date.parse(marks.lastWholeSweepAt) >= WEEK_MS;
}

/** Whether another whole sweep of so many followers keeps to its part of the rate bucket. */
function hasBudget(parts: SweepParts, memory: ListMemory, marks: SweepMarks, total: number): boolean {
  const limit = parts.helix.getRateBucket()?.limit ?? DEFAULT_LIMIT;
  const gapMs = (Math.ceil(total / PAGE_SIZE) / (limit * SWEEP_PART)) * MINUTE_MS;
  if (memory.wholeAt !== null) return parts.clock.monotonic() - memory.wholeAt >= gapMs;
  if (marks.lastWholeSweepAt === null) return true;
  return Math.abs(serverNow(parts) - Date.parse(marks.lastWholeSweepAt)) >= gapMs;
}

function serverNow(parts: SweepParts): number {
  return parts.helix.getServerTime() ?? parts.clock.now();
}
