import { batch, signal } from '@preact/signals';
import type { EventPage, FeedEvent } from '../../src/shared/events';
import { toServiceError } from '../../src/shared/rpc';
import type { WebviewCalls } from '../../src/shared/webview-protocol';
import { toFilter, type FeedQuery } from './feed-filter';
import { FIRST_PAGE, NEXT_PAGE } from './feed-metrics';
import { appendPage, endOfPage, mergePage, restorePage, type FeedPages } from './feed-pages';
import { compareNewestFirst } from './feed-order';

/** How far the search over everything stored is. `backTo` is an ISO instant, null until known. */
type SearchState =
  | { kind: 'off' }
  | { kind: 'running'; backTo: string | null }
  /** Enough was found for now; scrolling on searches on. */
  | { kind: 'paused'; backTo: string | null }
  | { kind: 'cancelled'; backTo: string | null }
  | { kind: 'done' };

/** What happens at the end of the list. */
type MoreState = { kind: 'idle' } | { kind: 'loading' } | { kind: 'failed'; message: string };

/** Where the loader reads and writes the list. */
interface LoaderTarget {
  query(): FeedQuery;
  pages(): FeedPages | null;
  setPages(pages: FeedPages): void;
  /** The first answer to a query. */
  start(page: EventPage): void;
  /** Events that are known to match the query. */
  add(events: readonly FeedEvent[]): void;
  fail(message: string): void;
}

/** No clock is this far off. */
const DAY_MS = 86_400_000;

/** What is asked of the host. */
export type FeedCalls = Pick<WebviewCalls, 'queryEvents' | 'cancelSearch'>;

/** A name that no other search has, of this page or another. */
function nameSearch(): string {
  return `search-${crypto.randomUUID()}`;
}

/** Fetches the feed's pages: the first of a query, those further back, those that were let go. */
export class FeedLoader {
  readonly search = signal<SearchState>({ kind: 'off' });
  readonly more = signal<MoreState>({ kind: 'idle' });
  readonly #calls: FeedCalls;
  readonly #target: LoaderTarget;
  /** Answers to an older query are dropped by it. */
  #generation = 0;
  #searchId: string | null = null;
  /** Whether what is shown belongs to the query yet. */
  #isAnswered = true;
  readonly #loadingGaps = new Set<number>();
  /** Since when there are new events of which only the database knows whether they match the search. */
  #unaskedFrom: string | null = null;
  #isAsking = false;

  constructor(calls: FeedCalls, target: LoaderTarget) {
    this.#calls = calls;
    this.#target = target;
  }

  /** Begins anew for the query of the moment. What is shown stays until the answer is there. */
  async restart(): Promise<void> {
    this.forget();
    const generation = this.#generation;
    const query = this.#target.query();
    this.#isAnswered = false;
    if (query.text !== '') {
      this.#searchId = nameSearch();
      this.search.value = { kind: 'running', backTo: null };
    }
    try {
      const page = await this.#calls.queryEvents(toFilter(query), null, FIRST_PAGE, this.#searchId);
      if (generation !== this.#generation) return;
      this.#isAnswered = true;
      batch(() => {
        this.#target.start(page);
        this.#noteSearch(page);
      });
    } catch (error: unknown) {
      if (generation !== this.#generation) return;
      this.search.value = { kind: 'off' };
      this.#target.fail(toServiceError(error).message);
      return;
    }
    await this.#searchOn(generation, FIRST_PAGE);
  }

  /** Drops whatever is under way, because another first page comes from elsewhere. */
  forget(): void {
    this.#generation += 1;
    this.#isAnswered = true;
    this.#loadingGaps.clear();
    this.#abortSearch();
    this.search.value = { kind: 'off' };
    this.more.value = { kind: 'idle' };
  }

  /** Stops the search where it is; what was found stays. */
  cancelSearch(): void {
    const { value } = this.search;
    if (value.kind !== 'running') return;
    this.#generation += 1;
    this.#abortSearch();
    batch(() => {
      // Before the first answer the list still shows what was there before the search.
      if (!this.#isAnswered) this.#target.start({ events: [], next: null });
      this.more.value = { kind: 'idle' };
      this.search.value = { kind: 'cancelled', backTo: value.backTo };
    });
  }

  /** Goes on further back: the person asked, or scrolled near the end. */
  async loadMore(wasAskedFor: boolean): Promise<void> {
    const pages = this.#target.pages();
    const { kind } = this.search.value;
    if (wasAskedFor && kind === 'cancelled' && !this.#isAnswered) return this.restart();
    if (!pages?.next || this.more.value.kind === 'loading' || kind === 'running') return;
    if (!wasAskedFor && (kind === 'cancelled' || this.more.value.kind === 'failed')) return;
    const generation = this.#generation;
    if (kind !== 'off') {
      this.#searchId ??= nameSearch();
      this.search.value = { kind: 'running', backTo: this.#readBackTo() };
      await this.#searchOn(generation, FIRST_PAGE);
      return;
    }
    await this.#appendNext(generation, NEXT_PAGE);
  }

  /**
   * New events since an ISO instant, empty for all, may match a search by text that was not pushed; the database is asked, one
   * question at a time.
   */
  async lookForNew(since: string): Promise<void> {
    if (this.#unaskedFrom === null || since < this.#unaskedFrom) this.#unaskedFrom = since;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#unaskedFrom !== null) {
      const filter = toFilter(this.#target.query());
      if (this.#unaskedFrom !== '') filter.from = this.#unaskedFrom;
      this.#unaskedFrom = null;
      const generation = this.#generation;
      // Unanswered, those found by name are shown all the same.
      const page = await this.#calls.queryEvents(filter, null, NEXT_PAGE, null).catch(() => null);
      if (page && generation === this.#generation) this.#target.add(page.events);
    }
    this.#isAsking = false;
  }

  /** Fetches the beginning of a page that was let go, which may be all of it. */
  async loadGap(pageKey: number): Promise<void> {
    const page = this.#target.pages()?.pages.find(candidate => candidate.key === pageKey);
    if (!page || page.events || this.#loadingGaps.has(pageKey)) return;
    this.#loadingGaps.add(pageKey);
    const generation = this.#generation;
    try {
      const filter = toFilter(this.#target.query());
      const { events, next } = await this.#calls.queryEvents(filter, page.after, NEXT_PAGE, null);
      const pages = this.#target.pages();
      if (generation !== this.#generation || !pages) return;
      const end = endOfPage(pages, pageKey);
      const isShort = next && (!end || compareNewestFirst(next, end) < 0);
      this.#target.setPages(restorePage(pages, pageKey, events, isShort ? next : null));
    } catch (error: unknown) {
      if (generation === this.#generation) {
        this.more.value = { kind: 'failed', message: toServiceError(error).message };
      }
    } finally {
      this.#loadingGaps.delete(pageKey);
    }
  }

  /** Searches page after page until `wanted` more are found, the end is reached, or somebody stops it. */
  async #searchOn(generation: number, wanted: number): Promise<void> {
    let found = 0;
    while (generation === this.#generation && this.search.value.kind === 'running' && found < wanted) {
      const count = await this.#appendNext(generation, FIRST_PAGE);
      if (count === null) return;
      found += count;
    }
    if (generation === this.#generation && this.search.value.kind === 'running') {
      this.search.value = { kind: 'paused', backTo: this.#readBackTo() };
    }
  }

  /** One more page at the end. Answers how many events it had, null if there was none to be had. */
  async #appendNext(generation: number, limit: number): Promise<number | null> {
    const cursor = this.#target.pages()?.next;
    if (!cursor) return null;
    this.more.value = { kind: 'loading' };
    try {
      const page = await this.#calls.queryEvents(
        toFilter(this.#target.query()),
        cursor,
        limit,
        this.#searchId,
      );
      const pages = this.#target.pages();
      if (generation !== this.#generation || !pages) return null;
      batch(() => {
        const add = this.search.peek().kind === 'off' ? appendPage : mergePage;
        this.#target.setPages(add(pages, page));
        this.#noteSearch(page);
        this.more.value = { kind: 'idle' };
      });
      return page.events.length;
    } catch (error: unknown) {
      if (generation === this.#generation) {
        batch(() => {
          this.more.value = { kind: 'failed', message: toServiceError(error).message };
          if (this.search.value.kind === 'running') {
            this.search.value = { kind: 'cancelled', backTo: this.#readBackTo() };
          }
        });
      }
      return null;
    }
  }

  #noteSearch(page: EventPage): void {
    if (this.search.value.kind === 'off') return;
    if (page.next === null) {
      this.#searchId = null;
      this.search.value = { kind: 'done' };
      return;
    }
    const reached = page.searchedBackTo ?? page.events.at(-1)?.occurredAt ?? this.#readBackTo();
    // Names alone were looked at so far: the way back through the texts only begins.
    const backTo = reached !== null && Date.parse(reached) > Date.now() + DAY_MS ? null : reached;
    this.search.value = { kind: 'running', backTo };
  }

  #readBackTo(): string | null {
    const { value } = this.search;
    return value.kind === 'off' || value.kind === 'done' ? null : value.backTo;
  }

  #abortSearch(): void {
    if (this.#searchId === null) return;
    // Whether it was still running does not matter: its answer is dropped by the generation.
    void this.#calls.cancelSearch(this.#searchId).catch(() => undefined);
    this.#searchId = null;
  }
}
