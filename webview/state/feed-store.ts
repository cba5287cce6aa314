import { batch, computed, signal } from '@preact/signals';
import type { EventPage, FeedEvent } from '../../src/shared/events';
import type { EventsRecorded } from '../../src/shared/service';
import type { WebviewStrings } from '../../src/shared/webview-strings';
import { foldsGifts, matchesQuery, type FeedQuery } from './feed-filter';
import { FeedLoader, type FeedCalls } from './feed-loader';
import { KEPT_EVENTS } from './feed-metrics';
import { compareNewestFirst } from './feed-order';
import {
  applyGifts,
  bridgePages,
  evictPages,
  findNearby,
  flattenItems,
  insertEvents,
  startPages,
  type FeedPages,
} from './feed-pages';

/** Whether there is a list to show. */
type FeedPhase = { kind: 'loading' } | { kind: 'ready' } | { kind: 'failed'; message: string };

/** How many of the newest pushes are kept, to be put on top of an answer that may have missed them. */
const RECENT_LIMIT = 500;
/** How long a row counts as new, for its fade. */
const FRESH_MS = 1_500;
/** More rows than this do not fade at once: a rush of events is no flicker. */
const MOST_FRESH = 3;

/** The feed: what was asked for, what is loaded, and what is new. */
export class FeedStore {
  readonly query = signal<FeedQuery>({ chip: 'all', text: '' });
  readonly pages = signal<FeedPages | null>(null);
  readonly items = computed(() => (this.pages.value ? flattenItems(this.pages.value) : []));
  readonly phase = signal<FeedPhase>({ kind: 'loading' });
  /** The newest event that was marked as read. */
  readonly readUpTo = signal(0);
  /** Ids that are not on disk yet. */
  readonly unsaved = signal<ReadonlySet<number>>(new Set());
  /** How many came while the person was reading further down; Infinity where nobody counted them. */
  readonly newAbove = signal(0);
  readonly openKeys = signal<ReadonlySet<string>>(new Set());
  /** Grows when the list has to go back to its top, e.g. for another query. */
  readonly topRequests = signal(0);
  readonly loader: FeedLoader;
  /** Whether the list shows its newest row; kept by the list. */
  isAtTop = true;
  /** Whether more came than is told, so that the next may come any moment; until the list has settled. */
  isFlooded = false;
  #recent: FeedEvent[] = [];
  #newestId = 0;
  /** When the newest event of all happened, as an ISO instant. */
  #newestAt = '';
  /** Until when the newest events count as new, by `performance.now()`. */
  readonly #freshUntil = new Map<number, number>();

  constructor(
    calls: FeedCalls,
    private readonly readStrings: () => WebviewStrings | null,
  ) {
    this.loader = new FeedLoader(calls, {
      query: () => this.query.peek(),
      pages: () => this.pages.peek(),
      setPages: pages => {
        this.pages.value = pages;
      },
      start: page => this.#start(page),
      add: events => this.#insert(events),
      fail: message => {
        if (this.phase.peek().kind !== 'ready') this.phase.value = { kind: 'failed', message };
        else this.loader.more.value = { kind: 'failed', message };
      },
    });
  }

  /** Shows another query; nothing is done where it is the same. */
  setQuery(query: FeedQuery): void {
    const { chip, text } = this.query.peek();
    if (chip === query.chip && text === query.text) return;
    this.query.value = query;
    void this.loader.restart();
  }

  /** Asks again for what could not be loaded. */
  retry(): void {
    if (this.phase.peek().kind === 'failed') this.phase.value = { kind: 'loading' };
    void (this.pages.peek() ? this.loader.loadMore(true) : this.loader.restart());
  }

  /**
   * Takes the first page of a snapshot. What is shown stays and nothing moves; what was missed in between is fetched
   * when it comes near. `isOtherHistory` says that it is another database, of which nothing shown is true any more.
   */
  takeSnapshot(page: EventPage, readUpTo: number, isOtherHistory: boolean): void {
    const known = this.pages.peek();
    this.readUpTo.value = isOtherHistory ? readUpTo : Math.max(readUpTo, this.readUpTo.peek());
    if (isOtherHistory) {
      this.#recent = [];
      this.#newestId = 0;
      this.#newestAt = '';
      this.openKeys.value = new Set();
    }
    const isSearching = this.query.peek().text !== '';
    if (!known || isOtherHistory) {
      if (isSearching) void this.loader.restart();
      else {
        this.loader.forget();
        this.#start(page);
      }
      return;
    }
    if (isSearching) void this.loader.lookForNew(this.#newestAt);
    if (isSearching || continues(known, page)) {
      this.#addToList(page.events);
      return;
    }
    this.isFlooded = true;
    this.pages.value = bridgePages(known, page);
    this.#noteNewest(page.events);
    this.#addToList(this.#recent);
    if (!this.isAtTop) this.newAbove.value = Infinity;
  }

  /** Shows a batch of new events. Answers those that the query lets through. */
  takeBatch(pushed: EventsRecorded): FeedEvent[] {
    return batch(() => {
      this.#recent = [...this.#recent, ...pushed.events].slice(-RECENT_LIMIT);
      if (pushed.isUnsaved) {
        this.unsaved.value = new Set([...this.unsaved.peek(), ...pushed.events.map(event => event.id)]);
      }
      const pages = this.pages.peek();
      if (pages && pushed.gifts.length > 0) this.pages.value = applyGifts(pages, pushed.gifts);
      if (this.query.peek().text !== '') {
        const instants = pushed.events.map(event => event.occurredAt);
        if (instants[0]) void this.loader.lookForNew(instants.reduce((a, b) => (a < b ? a : b)));
      }
      return this.#addToList(pushed.events);
    });
  }

  /** Whether an event came a moment ago, so that its row fades in when it is drawn. */
  isFresh(id: number): boolean {
    return (this.#freshUntil.get(id) ?? 0) > performance.now();
  }

  /** Everything is on disk again. */
  clearUnsaved(): void {
    if (this.unsaved.peek().size > 0) this.unsaved.value = new Set();
  }

  /** Marks everything known as read and answers up to which event, null if nothing is known. */
  markAllRead(): number | null {
    if (this.#newestId === 0) return null;
    this.readUpTo.value = Math.max(this.#newestId, this.readUpTo.peek());
    return this.readUpTo.value;
  }

  /** Opens a line, or closes it. */
  toggle(key: string): void {
    const open = new Set(this.openKeys.peek());
    if (!open.delete(key)) open.add(key);
    this.openKeys.value = open;
  }

  /** Fetches what is near the lines on screen (from the first to the last), and lets go of what is far. */
  settle(first: number, last: number): void {
    this.isFlooded = false;
    const pages = this.pages.peek();
    if (!pages) return;
    const nearby = findNearby(pages, first, last);
    if (nearby.isEndNear) void this.loader.loadMore(false);
    // What a search found cannot be asked for again by its place.
    if (this.query.peek().text !== '') return;
    for (const page of pages.pages.slice(nearby.from, nearby.to + 1)) {
      if (!page.events) void this.loader.loadGap(page.key);
    }
    const trimmed = evictPages(pages, nearby, KEPT_EVENTS);
    if (trimmed !== pages) this.pages.value = trimmed;
  }

  #start(page: EventPage): void {
    batch(() => {
      const query = this.query.peek();
      this.pages.value = startPages(page, foldsGifts(query));
      this.phase.value = { kind: 'ready' };
      this.newAbove.value = 0;
      this.topRequests.value += 1;
      this.#noteNewest(page.events);
      this.#addToList(this.#recent);
      this.#freshUntil.clear();
      this.newAbove.value = 0;
    });
  }

  #noteNewest(events: readonly FeedEvent[]): void {
    for (const { id, occurredAt } of events) {
      this.#newestId = Math.max(this.#newestId, id);
      if (occurredAt > this.#newestAt) this.#newestAt = occurredAt;
    }
  }

  #addToList(events: readonly FeedEvent[]): FeedEvent[] {
    this.#noteNewest(events);
    const strings = this.readStrings();
    const query = this.query.peek();
    return this.#insert(events.filter(event => matchesQuery(event, query, strings)));
  }

  #insert(matching: readonly FeedEvent[]): FeedEvent[] {
    const pages = this.pages.peek();
    if (!pages) return [];
    const { state, added } = insertEvents(pages, matching);
    this.pages.value = state;
    const shown = pages.foldsGifts ? added.filter(event => event.giftEventId === null) : added;
    if (!this.isAtTop) this.newAbove.value += shown.length;
    this.#markFresh(shown);
    return shown;
  }

  #markFresh(events: readonly FeedEvent[]): void {
    const nowMs = performance.now();
    for (const [id, until] of this.#freshUntil) if (until < nowMs) this.#freshUntil.delete(id);
    if (this.#freshUntil.size + events.length > MOST_FRESH) return;
    for (const event of events) this.#freshUntil.set(event.id, nowMs + FRESH_MS);
  }
}

/** Whether a first page overlaps what is loaded, so that nothing lies unseen between the two. */
function continues(known: FeedPages, page: EventPage): boolean {
  const head = known.pages[0]?.events;
  const newest = head?.[0];
  const oldest = page.events.at(-1);
  if (!newest || !oldest) return !newest && !oldest;
  return page.next === null || compareNewestFirst(oldest, newest) >= 0;
}
