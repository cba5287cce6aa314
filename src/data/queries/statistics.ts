import type { Statistics, StatisticsBucket, StatisticsRange } from '../../shared/events';
import type { Books } from '../books';
import { formatInstant, localMidnight } from '../instants';
import { QUARTER_MS, type FlowKind } from '../tallies';

const BUCKET_KINDS = {
  follows: 'follows',
  unfollows: 'unfollows',
  subscriptionsBegun: 'subscriptionsBegun',
  subscriptionsEnded: 'subscriptionsEnded',
} as const satisfies Record<Exclude<keyof StatisticsBucket, 'start'>, FlowKind>;

/** The four numbers now, today's changes, and equal steps of a range; by this machine's time zone. */
export function getStatistics(books: Books, range: StatisticsRange, nowMs: number): Statistics {
  const channelId = books.events.lastChannelId;
  const { tallies, database } = books;
  const firstMs =
    (database
      .prepare(
        `SELECT min(at) FROM tallies WHERE channel_id = ?1 AND at >= 0
         AND kind IN ('follows', 'unfollows', 'subscriptionsBegun', 'subscriptionsEnded')`,
      )
      .first([channelId], row => row.integerOrNull(0)) ?? Math.floor(nowMs / QUARTER_MS)) * QUARTER_MS;
  const { starts, unit } = stepsOf(range, nowMs, firstMs);
  const buckets: StatisticsBucket[] = starts.map(start => ({
    start: formatInstant(start),
    follows: 0,
    unfollows: 0,
    subscriptionsBegun: 0,
    subscriptionsEnded: 0,
  }));
  const read = database.prepare(
    'SELECT at, amount FROM tallies WHERE channel_id = ?1 AND kind = ?2 AND at >= ?3',
  );
  const fromMs = starts[0] ?? nowMs;
  for (const [field, kind] of Object.entries(BUCKET_KINDS)) {
    let step = 0;
    read.each([channelId, kind, Math.floor(fromMs / QUARTER_MS)], row => {
      const atMs = row.integer(0) * QUARTER_MS;
      while (step + 1 < starts.length && atMs >= (starts[step + 1] ?? Infinity)) step++;
      const bucket = buckets[step];
      if (bucket && atMs >= fromMs) bucket[field as keyof typeof BUCKET_KINDS] += row.integer(1);
    });
  }
  const midnight = localMidnight(nowMs);
  const today = (added: FlowKind, removed: FlowKind): { added: number; removed: number } => ({
    added: sumSince(books, channelId, added, midnight),
    removed: sumSince(books, channelId, removed, midnight),
  });
  return {
    range,
    now: {
      followers: tallies.now(channelId, 'followers'),
      subscribers: tallies.now(channelId, 'subscribers'),
      moderators: tallies.now(channelId, 'moderators'),
      vips: tallies.now(channelId, 'vips'),
    },
    today: {
      followers: today('follows', 'unfollows'),
      subscribers: today('subscriptionsBegun', 'subscriptionsEnded'),
      moderators: today('moderatorsAdded', 'moderatorsRemoved'),
      vips: today('vipsAdded', 'vipsRemoved'),
    },
    buckets,
    bucketUnit: unit,
    eventCount: tallies.now('', 'events'),
  };
}

/** Recorded since local midnight, by type, whatever the channel. */
export function getToday(books: Books, nowMs: number): Partial<Record<string, number>> {
  const counts: Partial<Record<string, number>> = {};
  books.database
    .prepare(
      `SELECT substr(kind, 7), sum(amount) FROM tallies WHERE kind >= 'event:' AND kind < 'event;' AND at >= ?1
       GROUP BY kind`,
    )
    .each([Math.floor(localMidnight(nowMs) / QUARTER_MS)], row => {
      counts[row.text(0)] = (counts[row.text(0)] ?? 0) + row.integer(1);
    });
  return counts;
}

function sumSince(books: Books, channelId: string, kind: FlowKind, sinceMs: number): number {
  return (
    books.database
      .prepare('SELECT sum(amount) FROM tallies WHERE channel_id = ?1 AND kind = ?2 AND at >= ?3')
      .first([channelId, kind, Math.floor(sinceMs / QUARTER_MS)], row => row.integerOrNull(0)) ?? 0
  );
}

const MOST_STEPS = 240;

/** The local starts of a range's steps, oldest first, the last one under way. */
function stepsOf(
  range: StatisticsRange,
  nowMs: number,
  firstMs: number,
): { starts: number[]; unit: Statistics['bucketUnit'] } {
  const now = new Date(nowMs);
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  switch (range) {
    case '7days':
      return { starts: daily(year, month, day, 7, 1), unit: 'day' };
    case '30days':
      return { starts: daily(year, month, day, 30, 1), unit: 'day' };
    case 'year':
      return { starts: daily(year, month, day - weekday(now), 53, 7), unit: 'week' };
    case 'all': {
      const days = Math.ceil((localMidnight(nowMs) - localMidnight(firstMs)) / 86_400_000) + 1;
      if (days <= 60) return { starts: daily(year, month, day, Math.max(days, 7), 1), unit: 'day' };
      if (days <= 2 * 366) {
        return { starts: daily(year, month, day - weekday(now), Math.ceil(days / 7) + 1, 7), unit: 'week' };
      }
      const first = new Date(firstMs);
      const months = (year - first.getFullYear()) * 12 + month - first.getMonth() + 1;
      const count = Math.min(months, MOST_STEPS);
      return {
        starts: Array.from({ length: count }, (_, i) => new Date(year, month - count + 1 + i, 1).getTime()),
        unit: 'month',
      };
    }
  }
}

/** Days since Monday. */
function weekday(date: Date): number {
  return (date.getDay() + 6) % 7;
}

/** `count` steps of so many local days, the last of which begins on this day. */
function daily(year: number, month: number, day: number, count: number, days: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    new Date(year, month, day - (count - 1 - i) * days).getTime(),
  );
}
