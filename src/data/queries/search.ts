import { EVENT_TYPES } from '../../shared/catalogue';
import { describeType } from '../../shared/events';
import type { Database } from '../database';
import { viewersByLogin } from '../login-index';
import { placesBefore, type FeedRange, type Place } from './feed-order';

/** Where the second phase of a search begins: above everything; the negative id marks the phase. */
export const INSIDE_TOP: Place = { atMs: 253_402_300_799_999, id: -Number.MAX_SAFE_INTEGER };

/** With more people than this by one beginning, a walk through the feed finds some of them soon enough. */
const MOST_NAMED = 300;
const BLOCK = 256;

/** The people whose login or display name begins with a text; none if they are very many. */
export function viewersByName(database: Database, text: string): string[] {
  const byName = database.prepare(
    `SELECT id FROM viewers WHERE display_name <> login COLLATE NOCASE
     AND display_name >= ?1 COLLATE NOCASE AND display_name < ?2 COLLATE NOCASE LIMIT ?3`,
  );
  const most = MOST_NAMED + 1;
  const named = byName.all([text, `${text}\u{10ffff}`, most], row => row.text(0));
  const ids = new Set([...viewersByLogin(database, text, most), ...named]);
  return ids.size > MOST_NAMED ? [] : [...ids];
}

export interface FeedWalk {
  database: Database;
  range: FeedRange;
  before: Place | null;
  limit: number;
  budgetMs: number;
  matches: (eventId: number) => boolean;
}

export interface WalkResult {
  ids: number[];
  /** How far it looked; null: to the end. */
  reached: Place | null;
  isOutOfTime: boolean;
}

/** Walks through the feed, newest first, until a page is full, the time is up or the end is reached. */
export function walkFeed(walk: FeedWalk): WalkResult {
  const { database, range, limit, matches } = walk;
  const deadline = performance.now() + walk.budgetMs;
  const ids: number[] = [];
  let { before } = walk;
  for (;;) {
    const places = placesBefore(database, range, before, BLOCK);
    for (const place of places) {
      if (!matches(place.id)) continue;
      ids.push(place.id);
      if (ids.length === limit) return { ids, reached: place, isOutOfTime: false };
    }
    const last = places.at(-1);
    if (!last || places.length < BLOCK) return { ids, reached: null, isOutOfTime: false };
    before = last;
    if (performance.now() >= deadline) return { ids, reached: last, isOutOfTime: true };
  }
}

/** Decides whether an event is this viewer's. */
export function createViewerMatcher(database: Database, viewerId: string): (eventId: number) => boolean {
  const statement = database.prepare('SELECT 1 FROM events WHERE id = ?1 AND viewer_id = ?2');
  return id => statement.first([id, viewerId], () => true) === true;
}

export interface TextSearch {
  database: Database;
  text: string;
  /** Whose events the first phase has shown. */
  leaveOut: ReadonlySet<string>;
  viewerId: string | null;
}

/** Decides whether one event has the text in it; case is ignored. */
export function createTextMatcher(search: TextSearch): (eventId: number) => boolean {
  const { database, leaveOut, viewerId } = search;
  const needle = search.text.toLowerCase();
  const types = ['unfollow', ...EVENT_TYPES].filter(type =>
    describeType(type).toLowerCase().includes(needle),
  );
  const isAllowed = (owner: string | null): boolean =>
    (owner === null || !leaveOut.has(owner)) && (viewerId === null || owner === viewerId);
  // SQLite's LIKE ignores case only for ASCII, and is several times as fast as reading the text out.
  if (/^[\x20-\x7e]+$/.test(needle)) {
    const pattern = `%${needle.replace(/[\\%_]/g, '\\$&')}%`;
    const statement = database.prepare(
      `SELECT viewer_id, event_type FROM events WHERE id = ?1
       AND (event_data LIKE ?2 ESCAPE '\\' OR event_type LIKE ?2 ESCAPE '\\' OR instr(?3, ',' || event_type || ','))`,
    );
    const typeList = `,${types.join(',')},`;
    return id => statement.first([id, pattern, typeList], row => isAllowed(row.textOrNull(0))) === true;
  }
  const statement = database.prepare('SELECT viewer_id, event_data, event_type FROM events WHERE id = ?1');
  return id =>
    statement.first(
      [id],
      row =>
        isAllowed(row.textOrNull(0)) &&
        (row.text(1).toLowerCase().includes(needle) || types.includes(row.text(2))),
    ) === true;
}
