import type { EventCursor, EventFilter, EventPage } from '../../shared/events';
import { ServiceError } from '../../shared/service';
import type { Database } from '../database';
import { familyCode } from '../feed-families';
import { formatInstant, parseInstant } from '../instants';
import type { ViewerBook } from '../viewer-book';
import { feedEventsById } from './feed-events';
import { isNewer, placesBefore, rangeOf, type FeedRange, type Place } from './feed-order';
import { createTextMatcher, createViewerMatcher, INSIDE_TOP, viewersByName, walkFeed } from './search';

export const MOST_PER_PAGE = 500;

export interface FeedQueryContext {
  database: Database;
  viewers: ViewerBook;
  /** Milliseconds that a search may take before it answers with what it has. */
  budgetMs: number;
}

/**
 * One page of the feed. A text is looked for in two phases: first the events of the people whose name begins
 * with it (from an index, at once), then everywhere inside names, descriptions and JSON, newest first. A cursor
 * of the second phase has a negative id.
 */
export function queryEvents(
  context: FeedQueryContext,
  filter: EventFilter,
  cursor: EventCursor | null,
  limit: number,
): EventPage {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_PER_PAGE) {
    throw new ServiceError('badRequest', `A page has 1 to ${MOST_PER_PAGE} events.`);
  }
  const range = rangeOf(filter);
  const before = cursor === null ? null : toPlace(cursor);
  const text = filter.text?.trim() ?? '';
  if (text !== '') return queryText(context, filter, range, text, before, limit);
  if (filter.viewerId !== undefined) {
    const places = placesOfViewers(context, [filter.viewerId], range);
    if (places) return pageOf(context.database, below(places, before, limit + 1), limit);
    return pageOfBusyViewer(context, filter.viewerId, range, before, limit);
  }
  return pageOf(context.database, placesBefore(context.database, range, before, limit + 1), limit);
}

function toPlace(cursor: EventCursor): Place {
  const atMs = parseInstant(cursor.occurredAt);
  if (Number.isNaN(atMs) || !Number.isInteger(cursor.id)) {
    throw new ServiceError('badRequest', 'The place in the feed makes no sense.');
  }
  return { atMs, id: cursor.id };
}

/** The page of the first `limit` places; one more tells that there is a next page. */
function pageOf(database: Database, places: readonly Place[], limit: number): EventPage {
  const shown = places.slice(0, limit);
  const last = shown.at(-1);
  return {
    events: feedEventsById(
      database,
      shown.map(place => place.id),
    ),
    next: places.length > limit && last ? toCursor(last) : null,
  };
}

function toCursor(place: Place): EventCursor {
  return { occurredAt: formatInstant(place.atMs), id: place.id };
}

function below(places: readonly Place[], before: Place | null, limit: number): Place[] {
  const rest = before === null ? places : places.filter(place => isNewer(before, place));
  return rest.slice(0, limit);
}

/** With more events than this a walk through the feed is faster than gathering all of a person's. */
const MOST_GATHERED = 4_000;

/** Every place of these people's events within the range, newest first; null if they are too many. */
function placesOfViewers(
  context: FeedQueryContext,
  viewerIds: readonly string[],
  range: FeedRange,
): Place[] | null {
  const read = context.database.prepare('SELECT occurred_at, event_type FROM events WHERE id = ?1');
  const places: Place[] = [];
  let gathered = 0;
  for (const viewerId of viewerIds) {
    const viewer = context.viewers.find(viewerId);
    if (!viewer) continue;
    for (const id of context.viewers.chain('event', viewer.row)) {
      if (++gathered > MOST_GATHERED) return null;
      const found = read.first([id], row => ({
        atMs: parseInstant(row.text(0)),
        family: familyCode(row.text(1)),
      }));
      // Pruned ones still hang in the chain.
      if (!found || !range.families.includes(found.family)) continue;
      if (found.atMs >= range.fromMs && found.atMs < range.toMs) places.push({ atMs: found.atMs, id });
    }
  }
  return places.sort((a, b) => (isNewer(a, b) ? -1 : 1));
}

/** Somebody with very many events: the page may be short, with a next one, where they are far apart. */
function pageOfBusyViewer(
  context: FeedQueryContext,
  viewerId: string,
  range: FeedRange,
  before: Place | null,
  limit: number,
): EventPage {
  const { database, budgetMs } = context;
  const matches = createViewerMatcher(database, viewerId);
  const { ids, reached } = walkFeed({ database, range, before, limit, budgetMs, matches });
  return { events: feedEventsById(database, ids), next: reached && toCursor(reached) };
}

function queryText(
  context: FeedQueryContext,
  filter: EventFilter,
  range: FeedRange,
  text: string,
  before: Place | null,
  limit: number,
): EventPage {
  const { database, budgetMs } = context;
  const named = viewersByName(database, text);
  const isInside = before !== null && before.id < 0;
  const people = filter.viewerId === undefined ? named : named.filter(id => id === filter.viewerId);
  const places = people.length > 0 ? placesOfViewers(context, people, range) : null;
  if (!isInside && places) {
    const page = pageOf(database, below(places, before, limit + 1), limit);
    if (page.next !== null) return page;
    if (page.events.length > 0) {
      return { ...page, next: toCursor(INSIDE_TOP), searchedBackTo: formatInstant(INSIDE_TOP.atMs) };
    }
  }
  const found = walkFeed({
    database,
    range,
    before: isInside ? { atMs: before.atMs, id: -before.id } : null,
    limit,
    budgetMs,
    matches: createTextMatcher({
      database,
      text,
      leaveOut: new Set(places ? people : []),
      viewerId: filter.viewerId ?? null,
    }),
  });
  const events = feedEventsById(database, found.ids);
  if (found.reached === null) return { events, next: null };
  const next = toCursor({ atMs: found.reached.atMs, id: -found.reached.id });
  return { events, next, ...(found.isOutOfTime ? { searchedBackTo: next.occurredAt } : {}) };
}
