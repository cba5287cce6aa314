import type { EventCursor, EventPage, FeedEvent } from '../../src/shared/events';
import { buildItems, estimateHeight, findPageEnd, type FeedItem } from './feed-items';
import { PREFETCH_EVENTS, PREFETCH_LINES, ROW_HEIGHT } from './feed-metrics';
import { compareNewestFirst, cursorOf, mergeEvents } from './feed-order';

/** A stretch of the feed. `events` is null once it was let go: it is fetched again by `after`. */
interface FeedPage {
  readonly key: number;
  /** What comes before it ends here; null for the newest page. */
  readonly after: EventCursor | null;
  readonly events: readonly FeedEvent[] | null;
  readonly eventCount: number;
  readonly items: readonly FeedItem[];
  readonly lastDay: string | null;
}

/** What is known of the feed, newest first, without holes; `next` leads further back, null at the very end. */
export interface FeedPages {
  readonly pages: readonly FeedPage[];
  readonly next: EventCursor | null;
  readonly foldsGifts: boolean;
  readonly nextKey: number;
}

/** A head page above this many events is split, so that a new event costs little. */
const HEAD_LIMIT = 1_000;
const HEAD_REST = 300;

/** A feed from its first answer. */
export function startPages(first: EventPage, foldsGifts: boolean): FeedPages {
  const empty: FeedPages = { pages: [], next: null, foldsGifts, nextKey: 1 };
  return appendPage(empty, first);
}

/**
 * Puts a newer first page before what is known, which is complete only after `joint`. What lies between is a page to be
 * fetched, together with the head, unless that is kept, of a bridge whose own gap is still open. Null: nothing is known
 * that could stay.
 */
export function bridgePages(
  state: FeedPages,
  first: EventPage,
  joint: EventCursor,
  keepsHead: boolean,
): FeedPages | null {
  const { pages, next, nextKey } = state;
  const last = first.events.at(-1);
  const index = pages.findLastIndex(({ after }) => !after || compareNewestFirst(after, joint) < 0);
  const cut = pages[index];
  if (!last || !cut || (next && compareNewestFirst(joint, next) > 0)) return null;
  // Another key where nothing is loaded: an answer that is under way begins before the joint.
  const rest = cut.events
    ? { ...cut, after: joint, events: cut.events.filter(event => compareNewestFirst(joint, event) < 0) }
    : makeGap(cut, nextKey + 2, joint, heightOf(cut));
  const isOpen = !keepsHead && index === 0 && pages[1] && !pages[1].events;
  const known = isOpen ? pages.slice(2) : [rest, ...pages.slice(index + 1)];
  const top = buildPage(state, { key: nextKey, after: null, events: first.events, previousDay: null });
  const gap = makeGap(top, nextKey + 1, cursorOf(last), ROW_HEIGHT);
  const changed = new Set(known.slice(0, 1).map(page => page.key));
  return relink({ ...state, nextKey: nextKey + 3 }, [top, gap, ...known], changed);
}

/** Adds the next answer at the end. */
export function appendPage(state: FeedPages, answer: EventPage): FeedPages {
  const lastEvent = findLastEvent(state);
  const fresh = lastEvent
    ? answer.events.filter(event => compareNewestFirst(lastEvent, event) < 0)
    : answer.events;
  const end = answer.next === null ? fresh.length : findPageEnd(fresh);
  const isCut = end < fresh.length && end > 0;
  const events = isCut ? fresh.slice(0, end) : fresh;
  const last = events.at(-1);
  const next = isCut && last ? cursorOf(last) : answer.next;
  if (events.length === 0 && state.pages.length > 0) return { ...state, next };
  const page = buildPage(state, {
    key: state.nextKey,
    after: state.pages.length === 0 ? null : lastEvent ? cursorOf(lastEvent) : state.next,
    events,
    previousDay: state.pages.at(-1)?.lastDay ?? null,
  });
  return { ...state, pages: [...state.pages, page], next, nextKey: state.nextKey + 1 };
}

/**
 * Adds a search's next answer. A search looks at names first and into texts afterwards, so what it finds later may be
 * newer than what it found before; it goes where it belongs.
 */
export function mergePage(state: FeedPages, answer: EventPage): FeedPages {
  const last = findLastEvent(state);
  const [first] = answer.events;
  if (!last || !first || compareNewestFirst(last, first) < 0) return appendPage(state, answer);
  const merged = insertEvents({ ...state, next: null }, answer.events);
  return { ...merged.state, next: answer.next };
}

function buildPage(
  state: Pick<FeedPages, 'foldsGifts'>,
  from: { key: number; after: EventCursor | null; events: readonly FeedEvent[]; previousDay: string | null },
): FeedPage {
  const { items, lastDay } = buildItems(from.events, {
    previousDay: from.previousDay,
    foldsGifts: state.foldsGifts,
  });
  return {
    key: from.key,
    after: from.after,
    events: from.events,
    eventCount: from.events.length,
    items,
    lastDay,
  };
}

/** The oldest event that is loaded and not let go, if the last page still has its events. */
function findLastEvent(state: FeedPages): FeedEvent | null {
  return state.pages.at(-1)?.events?.at(-1) ?? null;
}

/** Rebuilds pages in order; a page whose day before it changed gets its heading anew. */
function relink(state: FeedPages, pages: readonly FeedPage[], changed: ReadonlySet<number>): FeedPages {
  let previousDay: string | null = null;
  let wasRebuilt = false;
  const linked: FeedPage[] = [];
  for (const page of pages) {
    const needsBuild: boolean = page.events !== null && (changed.has(page.key) || wasRebuilt);
    const built: FeedPage =
      needsBuild && page.events
        ? buildPage(state, { key: page.key, after: page.after, events: page.events, previousDay })
        : page;
    wasRebuilt = needsBuild && built.lastDay !== page.lastDay;
    linked.push(built);
    previousDay = built.lastDay;
  }
  return { ...state, pages: linked };
}

/**
 * Puts new events where they belong; one that is older than everything loaded is left for its page.
 * Answers what was not there before.
 */
export function insertEvents(
  state: FeedPages,
  events: readonly FeedEvent[],
): { state: FeedPages; added: FeedEvent[] } {
  if (events.length === 0) return { state, added: [] };
  const buckets = new Map<number, FeedEvent[]>();
  const last = findLastEvent(state);
  // A search that goes on with the texts begins at the top again.
  const next = state.next && last && compareNewestFirst(state.next, last) < 0 ? null : state.next;
  for (const event of events) {
    if (next && compareNewestFirst(next, event) < 0) continue;
    const page = findPageFor(state, event);
    if (!page) continue;
    const bucket = buckets.get(page.key);
    if (bucket) bucket.push(event);
    else buckets.set(page.key, [event]);
  }
  if (state.pages.length === 0) {
    const first = startPages({ events: [...events].sort(compareNewestFirst), next: null }, state.foldsGifts);
    return { state: first, added: [...events] };
  }
  const added: FeedEvent[] = [];
  const changed = new Set<number>();
  const pages = state.pages.map(page => {
    const bucket = buckets.get(page.key);
    if (!bucket) return page;
    // A page that was let go finds them itself when it is fetched again.
    if (!page.events) return { ...page, eventCount: page.eventCount + bucket.length };
    const merged = mergeEvents(page.events, bucket);
    added.push(...merged.added);
    changed.add(page.key);
    return { ...page, events: merged.events, eventCount: merged.events.length };
  });
  return { state: splitHead(relink(state, pages, changed)), added };
}

function findPageFor(state: FeedPages, event: FeedEvent): FeedPage | undefined {
  // Nearly always the newest page; the rest is a walk from the top.
  let found = state.pages[0];
  for (const page of state.pages.slice(1)) {
    if (page.after && compareNewestFirst(page.after, event) >= 0) break;
    found = page;
  }
  return found;
}

function splitHead(state: FeedPages): FeedPages {
  const [head, ...rest] = state.pages;
  if (!head?.events || head.events.length <= HEAD_LIMIT) return state;
  const boundary = findPageEnd(head.events.slice(0, HEAD_REST)) || HEAD_REST;
  const newest = head.events.slice(0, boundary);
  const last = newest.at(-1);
  if (!last) return state;
  const fresh = buildPage(state, { key: state.nextKey, after: null, events: newest, previousDay: null });
  const older = buildPage(state, {
    key: head.key,
    after: cursorOf(last),
    events: head.events.slice(boundary),
    previousDay: fresh.lastDay,
  });
  return { ...state, pages: [fresh, older, ...rest], nextKey: state.nextKey + 1 };
}

/** Notes to which gift older events belong, once that became known. */
export function applyGifts(
  state: FeedPages,
  gifts: readonly { id: number; giftEventId: number }[],
): FeedPages {
  if (gifts.length === 0) return state;
  const giftOf = new Map(gifts.map(({ id, giftEventId }) => [id, giftEventId]));
  const changed = new Set<number>();
  const pages = state.pages.map(page => {
    if (!page.events?.some(event => giftOf.has(event.id))) return page;
    changed.add(page.key);
    const events = page.events.map(event => {
      const giftEventId = giftOf.get(event.id);
      return giftEventId === undefined ? event : { ...event, giftEventId };
    });
    return { ...page, events };
  });
  return changed.size === 0 ? state : relink(state, pages, changed);
}

/** Pages near the screen, both ends included. */
export interface PageRange {
  from: number;
  to: number;
  /** Whether what is loaded ends so near that more has to be fetched. */
  isEndNear: boolean;
}

/**
 * The pages of these lines, and as many around them as give `PREFETCH_LINES` lines or `PREFETCH_EVENTS` events on
 * each side: a line may stand for hundreds of events.
 */
export function findNearby({ pages }: FeedPages, firstLine: number, lastLine: number): PageRange {
  const [start] = findLinePage(pages, firstLine);
  const [end, linesAfter] = findLinePage(pages, lastLine);
  const before = walkAway(pages, start, -1, 0);
  const after = walkAway(pages, end, 1, linesAfter);
  return { from: before.index, to: after.index, isEndNear: after.isShort };
}

function walkAway(
  pages: readonly FeedPage[],
  start: number,
  step: 1 | -1,
  linesAtStart: number,
): { index: number; isShort: boolean } {
  let index = start;
  let lines = linesAtStart;
  let events = 0;
  while (lines < PREFETCH_LINES && events < PREFETCH_EVENTS) {
    const page = pages[index + step];
    if (!page) return { index, isShort: true };
    index += step;
    lines += page.items.length;
    events += page.eventCount;
  }
  return { index, isShort: false };
}

/** The page that has this line (else the last one), and how many of its lines come after it. */
function findLinePage(pages: readonly FeedPage[], line: number): [index: number, linesAfter: number] {
  let end = 0;
  for (const [index, { items }] of pages.entries()) {
    end += items.length;
    if (line < end) return [index, end - line - 1];
  }
  return [Math.max(0, pages.length - 1), 0];
}

/** Lets go of the pages farthest from those near the screen until at most `limit` events are kept beside them. */
export function evictPages(state: FeedPages, nearby: PageRange, limit: number): FeedPages {
  const distanceOf = (index: number): number => Math.max(nearby.from - index, index - nearby.to, 0);
  const farthest = state.pages
    .map((page, index) => ({ page, index, distance: distanceOf(index) }))
    // The newest page always stays: Home must never find it empty. The last one holds the way further back.
    .filter(
      ({ page, index, distance }) =>
        page.events && distance > 0 && index > 0 && index < state.pages.length - 1,
    )
    .sort((a, b) => b.distance - a.distance);
  let kept = farthest.reduce((sum, { page }) => sum + page.eventCount, 0);
  const gone = new Set<number>();
  for (const { page } of farthest) {
    if (kept <= limit) break;
    gone.add(page.key);
    kept -= page.eventCount;
  }
  if (gone.size === 0) return state;
  const pages = state.pages.map(page =>
    gone.has(page.key) ? makeGap(page, page.key, page.after, heightOf(page)) : page,
  );
  return { ...state, pages };
}

/** A page that is fetched once it comes near. */
function makeGap(page: FeedPage, key: number, after: EventCursor | null, height: number): FeedPage {
  const gap: FeedItem = { kind: 'gap', key: `g${key}`, day: null, pageKey: key, height };
  return { ...page, key, after, events: null, items: [gap] };
}

function heightOf({ items }: FeedPage): number {
  return items.reduce((sum, item) => sum + estimateHeight(item), 0);
}

/** The place at which the page after `key` begins; null if it reaches to the very end. */
export function endOfPage(state: FeedPages, key: number): EventCursor | null {
  const index = state.pages.findIndex(page => page.key === key);
  return state.pages[index + 1]?.after ?? state.next;
}

/**
 * Gives a page that was let go its events back; those beyond its end are dropped. `rest` is where it has to be gone
 * on from, null if these are all.
 */
export function restorePage(
  state: FeedPages,
  key: number,
  events: readonly FeedEvent[],
  rest: EventCursor | null,
): FeedPages {
  const end = endOfPage(state, key);
  const own = end ? events.filter(event => compareNewestFirst(event, end) <= 0) : events;
  const pages = state.pages.flatMap(page => {
    if (page.key !== key) return page;
    const restored = { ...page, events: own, eventCount: own.length };
    const height = Math.max(ROW_HEIGHT, heightOf(page) - own.length * ROW_HEIGHT);
    return rest ? [restored, makeGap(page, state.nextKey, rest, height)] : restored;
  });
  return relink({ ...state, nextKey: state.nextKey + 1 }, pages, new Set([key]));
}

/** Every line in order. */
export function flattenItems(state: FeedPages): FeedItem[] {
  return state.pages.flatMap(page => page.items);
}
