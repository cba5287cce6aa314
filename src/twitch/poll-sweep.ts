import type { SweepKind, SweepMarks, SweepRecorder } from '../shared/data-service';
import type { Logger } from '../shared/service';
import type { Clock } from './clock';
import type { HelixClient } from './helix-client';
import { HelixError } from './helix-error';
import type { HelixPage } from './helix-lists';
import { confirmGone } from './poll-confirm';

/** What every sweep of one channel works with. */
export interface SweepParts {
  helix: HelixClient;
  recorder: SweepRecorder;
  channelId: string;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /** Rows read so far, and how many there should be. */
  onProgress: (done: number, total: number | null, isBaseline: boolean) => void;
}

export interface SweepResult {
  /** What was found that had been missed, removals included. */
  recovered: number;
  isBaseline: boolean;
  total: number | null;
  /** `total` minus what was listed; null where there is no total. */
  shortfall: number | null;
  /** More seem to be gone than can be asked for: another whole sweep has to agree. */
  needsSecondSweep: boolean;
  /** What made the list unfit to believe a removal by; a sentence. */
  doubt: string | null;
}

/** An answer that would be wrong to believe. */
class ImplausibleList extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ImplausibleList';
  }
}

/** Follows are looked for a little further back than the last poll, because lists lag. */
const OVERLAP_MS = 5 * 60_000;
/** More pages than the largest channel of all has. */
const PAGE_LIMIT = 200_000;
/** So many pages in a row may name nobody new. */
const MOST_IDLE_PAGES = 3;
/** A list that names so many more than its total goes on for ever. */
const [OVERRUN_FACTOR, OVERRUN_ROWS] = [1.5, 500];
/** How far a list may fall short of its total and still be whole: accounts come and go while it is read. */
const SHORTFALL_ROWS = 3;
const SHORTFALL_PART = 0.01;

/**
 * Reads the newest followers until those that were there at the last completed poll. Rejects with `HelixError`, with
 * `ImplausibleList`, or with what the recorder rejects with; then nothing of it counts as a completed poll.
 */
export async function sweepRecent(parts: SweepParts, marks: SweepMarks): Promise<SweepResult> {
  const { recorder, channelId } = parts;
  const cutoffMs = Date.parse(marks.lastCompletedStartAt ?? '') - OVERLAP_MS;
  const reading = await readFirst(parts, 'followers', marks);
  const { sweepId } = await recorder.beginSweep({
    kind: 'followers',
    channelId,
    mode: 'recent',
    startedAt: reading.startedAt,
  });
  return abandonOnFailure(parts, sweepId, async () => {
    let recovered = 0;
    const count = await readPages(parts, 'followers', reading, async page => {
      recovered += (await recorder.addSweepPage(sweepId, page)).recovered;
      const oldest = Date.parse(page.rows.at(-1)?.followedAt ?? '');
      return !(oldest < cutoffMs);
    });
    await recorder.finishSweep(sweepId, { isWhole: false, total: count.total });
    return {
      recovered,
      isBaseline: false,
      total: count.total,
      shortfall: null,
      needsSecondSweep: false,
      doubt: null,
    };
  });
}

/**
 * Reads a list to its end, has it compared, and confirms who is gone. `lastShortfall` is what the sweep before fell
 * short by: falling short twice by the same is how it is for good. Rejects as `sweepRecent`.
 */
export async function sweepWhole(
  parts: SweepParts,
  list: SweepKind,
  marks: SweepMarks,
  lastShortfall: number | null,
): Promise<SweepResult> {
  const { recorder, channelId } = parts;
  const reading = await readFirst(parts, list, marks);
  const start = { kind: list, channelId, mode: 'whole', startedAt: reading.startedAt } as const;
  const { sweepId, isBaseline } = await recorder.beginSweep(start);
  return abandonOnFailure(parts, sweepId, async () => {
    let recovered = 0;
    const doneBefore = reading.isResumed ? marks.baselineDone : 0;
    const count = await readPages(parts, list, reading, async (page, listed, total) => {
      // Twitch is said to list the broadcaster as a subscriber of its own.
      const rows = page.rows.filter(row => row.userId !== channelId);
      recovered += (await recorder.addSweepPage(sweepId, { ...page, rows })).recovered;
      parts.onProgress(doneBefore + listed, total, isBaseline);
      return true;
    });
    const shortfall = count.total === null ? null : count.total - doneBefore - count.listed;
    const isWhole = isBaseline || shortfall === null || agrees(shortfall, count.total, marks, lastShortfall);
    const found = await recorder.finishSweep(sweepId, { isWhole, total: count.total });
    const result: SweepResult = {
      recovered: isBaseline ? 0 : recovered,
      isBaseline,
      total: count.total,
      shortfall,
      needsSecondSweep: found.needsSecondSweep,
      doubt: describeDoubt(found.isImplausible, isWhole, shortfall),
    };
    if (isBaseline || !isWhole || found.isImplausible || found.suspects.length === 0) return result;
    const inquiry = { ...parts, list, controlId: count.controlId };
    const gone = await confirmGone(inquiry, found.suspects);
    const { removed } = await recorder.confirmRemovals(sweepId, gone);
    return { ...result, recovered: result.recovered + removed };
  });
}

interface Reading {
  first: HelixPage;
  startedAt: string;
  isResumed: boolean;
}

/** Reads the first page, from which the server's own time of the sweep's start is learned. */
async function readFirst(parts: SweepParts, list: SweepKind, marks: SweepMarks): Promise<Reading> {
  const { helix, clock, channelId, signal, logger } = parts;
  const begun = clock.monotonic();
  let first = marks.hasBaseline ? null : await resume(parts, list, marks);
  const isResumed = first !== null;
  if (!isResumed && !marks.hasBaseline && marks.baselineCursor !== null) {
    logger.info(`The place where the list of ${list} was left is no longer known; it begins again.`);
  }
  first ??= await helix.readPage(list, { channelId, signal });
  if (!isResumed && isEmptyEnd(first) && (first.total ?? 0) > 0) {
    throw new ImplausibleList(
      `The server counts ${first.total} ${list} and names none: a scope or the moderator right is missing.`,
    );
  }
  const nowMs = helix.getServerTime() ?? clock.now();
  const startedAt = new Date(nowMs - (clock.monotonic() - begun)).toISOString();
  return { first, startedAt, isResumed };
}

/** The page at which a baseline was cut off; null if it is to begin from the first. */
async function resume(parts: SweepParts, list: SweepKind, marks: SweepMarks): Promise<HelixPage | null> {
  const { helix, channelId, signal } = parts;
  if (marks.baselineCursor === null) return null;
  try {
    const page = await helix.readPage(list, { channelId, after: marks.baselineCursor, signal });
    return isEmptyEnd(page) && (page.total ?? 0) > marks.baselineDone ? null : page;
  } catch (error: unknown) {
    if (error instanceof HelixError && error.kind === 'badRequest') return null;
    throw error;
  }
}

function isEmptyEnd(page: HelixPage): boolean {
  return page.rows.length === 0 && page.cursor === null;
}

/** Goes through the pages until `take` says no or the list ends. Pages that overlap are counted once. */
async function readPages(
  parts: SweepParts,
  list: SweepKind,
  reading: Reading,
  take: (page: HelixPage, listed: number, total: number | null) => Promise<boolean>,
): Promise<{ listed: number; total: number | null; controlId: string | null }> {
  const { helix, channelId, signal } = parts;
  const seenCursors = new Set<string>();
  let before = new Set<string>();
  /** Everybody so far, where no total says when a list is too long; such lists are short. */
  const seen = new Set<string>();
  let listed = 0;
  let total: number | null = null;
  let controlId: string | null = null;
  let idlePages = 0;
  let page = reading.first;
  for (let pages = 1; ; pages++) {
    total = page.total ?? total;
    const ids = new Set(page.rows.map(row => row.userId));
    const fresh = [...ids].filter(id => !before.has(id) && !seen.has(id)).length;
    if (total === null) for (const id of ids) seen.add(id);
    listed += fresh;
    before = ids;
    controlId ??= page.rows.find(row => row.userId !== channelId)?.userId ?? null;
    const goesOn = await take(page, listed, total);
    if (!goesOn || page.cursor === null) return { listed, total, controlId };
    idlePages = fresh === 0 ? idlePages + 1 : 0;
    const isOverrun = total !== null && listed > total * OVERRUN_FACTOR + OVERRUN_ROWS;
    const isCircle = seenCursors.has(page.cursor) || idlePages > MOST_IDLE_PAGES || isOverrun;
    if (isCircle || pages >= PAGE_LIMIT) {
      throw new ImplausibleList(`The list of ${list} does not end: its pages lead in a circle.`);
    }
    seenCursors.add(page.cursor);
    page = await helix.readPage(list, { channelId, after: page.cursor, signal });
  }
}

async function abandonOnFailure<T>(parts: SweepParts, sweepId: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error: unknown) {
    await parts.recorder.abandonSweep(sweepId).catch((failure: unknown) => {
      parts.logger.warn('A sweep that failed could not be dropped.', failure);
    });
    throw error;
  }
}

function agrees(
  shortfall: number,
  total: number | null,
  marks: SweepMarks,
  lastShortfall: number | null,
): boolean {
  const tolerance = Math.max(SHORTFALL_ROWS, Math.ceil((total ?? 0) * SHORTFALL_PART));
  const expected = [0, marks.totalOffset, ...(lastShortfall === null ? [] : [lastShortfall])];
  return expected.some(usual => Math.abs(shortfall - usual) <= tolerance);
}

function describeDoubt(isImplausible: boolean, isWhole: boolean, shortfall: number | null): string | null {
  if (isImplausible) return 'The list came back far shorter than what is known; nobody was removed.';
  if (!isWhole) return `The list fell ${shortfall ?? 0} short of its own total; nobody was removed.`;
  return null;
}
