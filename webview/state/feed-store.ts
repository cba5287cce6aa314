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
/** The next of a flood comes within this time. */
const CALM_MS = 500;
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
  /** The line at the list's top edge, null while it shows its newest one; kept by the list. */
  place: number | null = null;
  /** Until when, by `performance.now()`, more may come any moment than is told: the list is not filled up before. */
  calmAt = 0;
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
    this.loader.more.value = { kind: 'idle' };
    void (this.pages.peek() ? this.loader.loadMore(true) : this.loader.restart());
  }

  /**
   * Takes the first page of a snapshot, and the batches that waited for it. What is shown stays and nothing moves; what
   * was missed in between is fetched when it comes near. `isOtherHistory` says that it is another database, of which
   * nothing shown is true any more.
   */
  takeSnapshot(
    page: EventPage,
    readUpTo: number,
    isOtherHistory: boolean,
    held: readonly EventsRecorded[],
  ): void {
    this.#fold(held.flatMap(batch => batch.gifts));
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
    const first = findFirst(held.flatMap(batch => batch.events)) ?? '~';
    const since = first < this.#newestAt ? first : this.#newestAt;
    if (isSearching) {
      void this.loader.lookForNew(since);
      this.#addToList(page.events);
    } else this.#catchUp(known, page, since);
  }

  /** Shows a first page; what happened since an instant may be missing in what is known. */
  #catchUp(known: FeedPages, page: EventPage, since: string): void {
    const joint = { occurredAt: since, id: 0 };
    const last = page.events.at(-1);
    if (!page.next || (last && compareNewestFirst(last, joint) > 0)) {
      this.#addToList(page.events);
      return;
    }
    const headLines = known.pages[0]?.items.length ?? 0;
    const bridged = bridgePages(known, page, joint, this.place !== null && this.place < headLines);
    if (!bridged) {
      this.loader.forget();
      this.#start(page);
      return;
    }
    this.loader.more.value = { kind: 'idle' };
    this.calmAt = performance.now() + CALM_MS;
    this.pages.value = bridged;
    this.#noteNewest(page.events);
    this.#addToList(this.#recent);
    if (this.place !== null) this.newAbove.value = Infinity;
  }

  /** Shows a batch of new events. Answers those that the query lets through. */
  takeBatch(pushed: EventsRecorded): FeedEvent[] {
    return batch(() => {
      this.#recent = [...this.#recent, ...pushed.events].slice(-RECENT_LIMIT);
      if (pushed.isUnsaved) {
        this.unsaved.value = new Set([...this.unsaved.peek(), ...pushed.events.map(event => event.id)]);
      }
      this.#fold(pushed.gifts);
      if (this.query.peek().text !== '') {
        const first = findFirst(pushed.events);
        if (first) void this.loader.lookForNew(first);
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
    const pages = this.pages.peek();
    if (!pages) return;
    const nearby = findNearby(pages, first, last);
    if (nearby.isEndNear) void this.loader.loadMore(false);
    // What a search found cannot be asked for again by its place.
    if (this.query.peek().text !== '') return;
    for (const page of pages.pages.slice(nearby.from, nearby.to + 1)) {
      // What failed is asked for again by the person.
      if (!page.events && this.loader.more.peek().kind !== 'failed') void this.loader.loadGap(page.key);
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

  #fold(gifts: EventsRecorded['gifts']): void {
    const pages = this.pages.peek();
    if (pages) this.pages.value = applyGifts(pages, gifts);
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
    if (this.place !== null) this.newAbove.value += shown.length;
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

/** The instant of the event that happened first. */
function findFirst(events: readonly FeedEvent[]): string | undefined {
  return events.map(event => event.occurredAt).sort()[0];
}
