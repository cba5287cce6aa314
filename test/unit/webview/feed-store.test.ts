import assert from 'node:assert/strict';
import type { EventCursor, EventFilter, EventPage, FeedEvent } from '../../../src/shared/events';
import { KEPT_EVENTS } from '../../../webview/state/feed-metrics';
import { compareNewestFirst, cursorOf } from '../../../webview/state/feed-order';
import { FeedStore } from '../../../webview/state/feed-store';
import { beforeNoon, makeEvent } from './make-event';

const SCREEN = 30;

/** A feed over a history, newest first, and how often it was asked. */
class Stage {
  asked = 0;
  readonly feed: FeedStore;

  constructor(private readonly history: readonly FeedEvent[]) {
    this.feed = new FeedStore(
      {
        queryEvents: (_filter: EventFilter, after: EventCursor | null, limit: number) => {
          this.asked += 1;
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
