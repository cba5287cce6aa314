import type { EventFilter } from '../../shared/events';
import type { Database } from '../database';
import { familyCodes } from '../feed-families';
import { parseInstant } from '../instants';

/** A place in the feed's order. */
export interface Place {
  atMs: number;
  id: number;
}

/** Which part of the feed is looked at. */
export interface FeedRange {
  families: number[];
  /** Included; `toMs` is not. */
  fromMs: number;
  toMs: number;
}

export function rangeOf(filter: EventFilter): FeedRange {
  const fromMs = filter.from === undefined ? -Infinity : parseInstant(filter.from);
  const toMs = filter.to === undefined ? Infinity : parseInstant(filter.to);
  return {
    families: familyCodes(filter.families),
    fromMs: Number.isNaN(fromMs) ? -Infinity : fromMs,
    toMs: Number.isNaN(toMs) ? Infinity : toMs,
  };
}

const BEFORE_EVERYTHING = -8_640_000_000_000_000;
const AFTER_EVERYTHING = 8_640_000_000_000_001;

/** Whether `a` stands above `b` in the feed (is newer). */
export function isNewer(a: Place, b: Place): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && a.id > b.id);
}

/** The next places below `before` (null: from the top), newest first: the families' indexes merged. */
export function placesBefore(
  database: Database,
  range: FeedRange,
  before: Place | null,
  limit: number,
): Place[] {
  const toMs = Math.min(range.toMs, AFTER_EVERYTHING);
  const isBelowTop = before !== null && before.atMs < toMs;
  const top: Place = isBelowTop ? before : { atMs: toMs, id: 0 };
  const statement = database.prepare(
    `SELECT at, event FROM feed WHERE family = ?1 AND (at, event) < (?2, ?3) AND at >= ?4
     ORDER BY at DESC, event DESC LIMIT ?5`,
  );
  const places: Place[] = [];
  for (const family of range.families) {
    statement.each([family, top.atMs, top.id, Math.max(range.fromMs, BEFORE_EVERYTHING), limit], row => {
      places.push({ atMs: row.integer(0), id: row.integer(1) });
    });
  }
  if (range.families.length > 1) places.sort((a, b) => (isNewer(a, b) ? -1 : 1));
  return places.slice(0, limit);
}
