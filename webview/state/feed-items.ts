import type { FeedEvent, RecordedType } from '../../src/shared/events';
import type { WebviewStrings } from '../../src/shared/webview-strings';
import { DAY_HEIGHT, ROW_HEIGHT } from './feed-metrics';

/** One line of the feed. `day` is the local date (`2025-11-23`) to head it with, null inside a day. */
export type FeedItem =
  | { kind: 'event'; key: string; day: string | null; event: FeedEvent }
  /** Many of one kind at once; newest first. */
  | { kind: 'burst'; key: string; day: string | null; type: RecordedType; events: readonly FeedEvent[] }
  /** A page that was let go; it keeps its height, so that nothing moves when it comes back. */
  | { kind: 'gap'; key: string; day: null; pageKey: number; height: number };

/** How many of a kind make a burst. */
const BURST_SIZE = 10;
/** The longest pause inside a burst: ten in a row then fall within a minute. */
const BURST_PAUSE_MS = 6_000;

/** The types of which many at once become one line, with its sentence. */
export const BURST_SENTENCES = new Map<RecordedType, keyof WebviewStrings>([
  ['channel.follow', 'burstFollowed'],
  ['unfollow', 'burstUnfollowed'],
  ['channel.subscribe', 'burstSubscribed'],
  ['channel.subscription.end', 'burstEnded'],
]);

/** The height of a closed line before it was measured. */
export function estimateHeight(item: FeedItem): number {
  if (item.kind === 'gap') return item.height;
  return item.day === null ? ROW_HEIGHT : ROW_HEIGHT + DAY_HEIGHT;
}

/** Turns instants into local dates; remembers the last day, because neighbours mostly share it. */
function createDayFinder(): (atMs: number) => string {
  let from = 0;
  let to = 0;
  let day = '';
  return atMs => {
    if (atMs >= from && atMs < to) return day;
    const date = new Date(atMs);
    const year = date.getFullYear();
    const month = date.getMonth();
    from = new Date(year, month, date.getDate()).getTime();
    to = new Date(year, month, date.getDate() + 1).getTime();
    const pad = (value: number): string => String(value).padStart(2, '0');
    day = `${year}-${pad(month + 1)}-${pad(date.getDate())}`;
    return day;
  };
}

/** The local date of an instant, as `2025-11-23`. */
export function localDay(atMs: number): string {
  return createDayFinder()(atMs);
}

interface Run {
  members: FeedEvent[];
  lastMs: number;
  day: string;
}

/** Finds the runs of one kind and one day whose pauses are short; events of other kinds may lie between. */
function findRuns(events: readonly FeedEvent[], times: readonly number[], days: readonly string[]): Run[] {
  const open = new Map<string, Run>();
  const runs: Run[] = [];
  events.forEach((event, index) => {
    if (!BURST_SENTENCES.has(event.type)) return;
    const atMs = times[index] ?? 0;
    const day = days[index] ?? '';
    const run = open.get(event.type);
    if (run?.day === day && run.lastMs - atMs <= BURST_PAUSE_MS) {
      run.members.push(event);
      run.lastMs = atMs;
      return;
    }
    const fresh: Run = { members: [event], lastMs: atMs, day };
    open.set(event.type, fresh);
    runs.push(fresh);
  });
  return runs;
}

interface BuildOptions {
  /** The day that the line before these belongs to, null at the top. */
  previousDay: string | null;
  /** Whether a gifted subscription is left out because its gift's line stands for it. */
  foldsGifts: boolean;
}

/** Makes the lines for a run of events that is newest first: headed by day, gifts folded, bursts gathered. */
export function buildItems(
  all: readonly FeedEvent[],
  options: BuildOptions,
): { items: FeedItem[]; lastDay: string | null } {
  const events = options.foldsGifts ? all.filter(event => event.giftEventId === null) : all;
  const findDay = createDayFinder();
  const times = events.map(event => Date.parse(event.occurredAt));
  const days = times.map(findDay);
  const burstOf = new Map<number, FeedEvent[]>();
  for (const { members } of findRuns(events, times, days)) {
    if (members.length < BURST_SIZE) continue;
    for (const member of members) burstOf.set(member.id, members);
  }
  const items: FeedItem[] = [];
  let lastDay = options.previousDay;
  events.forEach((event, index) => {
    const members = burstOf.get(event.id);
    if (members && members[0] !== event) return;
    const own = days[index] ?? '';
    const day = own === lastDay ? null : own;
    lastDay = own;
    if (!members) {
      items.push({ kind: 'event', key: `e${event.id}`, day, event });
      return;
    }
    // The oldest names the burst, so that an open one stays open while it grows.
    const key = `b${members.at(-1)?.id ?? event.id}`;
    items.push({ kind: 'burst', key, day, type: event.type, events: members });
  });
  return { items, lastDay };
}

/**
 * Where to end a page so that no burst is cut in two: the index of the first event that belongs to the next
 * page. A burst longer than half the page is cut all the same.
 */
export function findPageEnd(events: readonly FeedEvent[]): number {
  const last = events.at(-1);
  if (!last) return 0;
  const endMs = Date.parse(last.occurredAt);
  const times = events.map(event => Date.parse(event.occurredAt));
  const days = times.map(createDayFinder());
  let end = events.length;
  for (const run of findRuns(events, times, days)) {
    if (run.members.length < 2 || run.lastMs - endMs > BURST_PAUSE_MS) continue;
    const first = run.members[0];
    const start = first ? events.indexOf(first) : -1;
    if (start >= events.length / 2) end = Math.min(end, start);
  }
  return end;
}
