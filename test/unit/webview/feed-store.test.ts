import assert from 'node:assert/strict';
import type { EventCursor, EventFilter, EventPage, FeedEvent } from '../../../src/shared/events';
import { FIRST_PAGE, KEPT_EVENTS } from '../../../webview/state/feed-metrics';
import { compareNewestFirst, cursorOf } from '../../../webview/state/feed-order';
import { FeedStore } from '../../../webview/state/feed-store';
import { beforeNoon, makeEvent } from './make-event';

const SCREEN = 30;

/** A feed over a history, newest first, and how often it was asked. */
class Stage {
  asked = 0;
  /** The instant that the last question began from. */
  askedSince: string | undefined;
  readonly feed: FeedStore;

  constructor(private history: readonly FeedEvent[]) {
    this.feed = new FeedStore(
      {
        queryEvents: (filter: EventFilter, after: EventCursor | null, limit: number) => {
          this.asked += 1;
          this.askedSince = filter.from;
          return Promise.resolve(this.read(after, limit));
        },
        cancelSearch: () => Promise.resolve(),
      },
      () => null,
    );
    this.feed.takeSnapshot(this.read(null, 100), 0, false);
  }

  /** Shows a screen of lines from this one on, as the list does after each change, until nothing changes any more. */
  async show(first: number): Promise<void> {
    for (let round = 0; round < 2_000; round += 1) {
      const { asked } = this;
      const before = this.feed.pages.peek();
      this.feed.settle(first, first + SCREEN);
      // The answers are there already; only promises have to have their turn.
      await new Promise(resolve => setImmediate(resolve));
      if (asked === this.asked && before === this.feed.pages.peek()) return;
    }
    assert.fail(`The feed asks without end: ${this.asked} questions.`);
  }

  /** The history of a later moment, of which the feed was told nothing; it gets a snapshot. */
  flood(history: readonly FeedEvent[]): void {
    this.history = history;
    this.feed.takeSnapshot(this.read(null, FIRST_PAGE), 0, false);
  }

  get keptCount(): number {
    const pages = this.feed.pages.peek()?.pages ?? [];
    return pages.reduce((sum, page) => sum + (page.events?.length ?? 0), 0);
  }

  get shown(): string[] {
    return this.feed.items.peek().map(item => item.kind);
  }

  private read(after: EventCursor | null, limit: number): EventPage {
    const start = after ? this.history.findIndex(event => compareNewestFirst(after, event) < 0) : 0;
    const events = start < 0 ? [] : this.history.slice(start, start + limit);
    const last = events.at(-1);
    const isWhole = start < 0 || start + limit >= this.history.length;
    return { events, next: last && !isWhole ? cursorOf(last) : null };
  }
}

/** Follows in bursts of so many within a second, a minute between two bursts. */
function makeBursts(bursts: number, size: number): FeedEvent[] {
  return Array.from({ length: bursts * size }, (_, index) =>
    makeEvent(bursts * size - index, beforeNoon(Math.floor(index / size) * 60)),
  );
}

describe('The feed over a long history', () => {
  it('fetches a few screens ahead and then rests', async () => {
    const stage = new Stage(makeBursts(3_000, 1));
    await stage.show(0);
    assert.ok(stage.feed.items.peek().length >= SCREEN + 300);
    assert.ok(stage.asked <= 2, `${stage.asked} questions`);
  });

  it('rests too where each line stands for hundreds of events, and the lines ahead for more than are kept', async () => {
    const stage = new Stage(makeBursts(100, 800));
    await stage.show(0);
    const lines = stage.feed.items.peek().length;
    assert.ok(lines > SCREEN, `${lines} lines`);
    for (const first of [40, 70, 99, 0]) {
      await stage.show(first);
      const screen = stage.shown.slice(first, first + SCREEN);
      assert.ok(!screen.includes('gap'), `a gap on the screen at ${first}`);
    }
    assert.ok(stage.keptCount < 2 * KEPT_EVENTS, `${stage.keptCount} kept`);
  });
});

describe('The feed in a flood', () => {
  const history = makeBursts(4_000, 1);

  it('shows the newest above what was there, and fetches the rest once it is calm', async () => {
    const stage = new Stage(history.slice(3_000));
    await stage.show(0);
    const before = stage.feed.items.peek().map(item => item.key);
    stage.flood(history.slice(1_500));
    stage.flood(history);
    assert.equal(stage.feed.isFlooded, true);
    assert.deepEqual(
      stage.feed.items.peek().map(item => item.key),
      [
        ...history.slice(0, FIRST_PAGE).map(event => `e${event.id}`),
        stage.feed.items.peek()[FIRST_PAGE]?.key,
        ...before,
      ],
    );
    await stage.show(0);
    assert.equal(stage.feed.isFlooded, false);
    assert.ok(stage.asked <= 10, `${stage.asked} questions`);
    const keys = stage.feed.items.peek().map(item => item.key);
    const known = keys.slice(
      0,
      keys.findIndex(key => key.startsWith('g')),
    );
    assert.ok(known.length > SCREEN + 300, `${known.length} lines`);
    assert.deepEqual(
      known,
      history.slice(0, known.length).map(event => `e${event.id}`),
    );
    for (let first = 0; stage.shown.includes('gap'); first += SCREEN) await stage.show(first);
    assert.deepEqual(
      stage.feed.items.peek().map(item => item.key),
      history.slice(0, stage.shown.length).map(event => `e${event.id}`),
    );
  });

  it('does not count for somebody further down what nobody told, until the top is reached', async () => {
    const stage = new Stage(history.slice(3_000));
    await stage.show(0);
    stage.feed.isAtTop = false;
    stage.flood(history);
    assert.equal(stage.feed.newAbove.peek(), Infinity);
    assert.equal(stage.feed.topRequests.peek(), 1, 'nobody is sent to the top but by the first answer');
  });

  it('asks for what a search may have missed since the newest that it knew', async () => {
    const stage = new Stage(history.slice(3_000));
    stage.feed.setQuery({ chip: 'all', text: 'viewer' });
    await stage.show(0);
    stage.flood(history);
    assert.equal(stage.askedSince, history[3_000]?.occurredAt);
    await stage.show(0);
    assert.equal(stage.feed.items.peek()[0]?.key, `e${history[0]?.id ?? 0}`);
  });
});
