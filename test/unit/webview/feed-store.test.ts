import assert from 'node:assert/strict';
import type { EventCursor, EventFilter, EventPage, FeedEvent } from '../../../src/shared/events';
import { FIRST_PAGE, KEPT_EVENTS } from '../../../webview/state/feed-metrics';
import type { EventsRecorded } from '../../../src/shared/service';
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
    this.feed.takeSnapshot(this.read(null, FIRST_PAGE), 0, false, []);
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

  /** The history of a later moment, of which the feed was told only the event that happened first; it gets a snapshot. */
  flood(history: readonly FeedEvent[], first: FeedEvent, gifts: EventsRecorded['gifts'] = []): void {
    this.history = history;
    const place = { epoch: 1, after: 9, sequence: 9, unread: 0, isUnsaved: false };
    this.feed.takeSnapshot(this.read(null, FIRST_PAGE), 0, false, [{ ...place, events: [first], gifts }]);
  }

  /** Shows every line in turn until nothing has to be fetched any more. */
  async showAll(): Promise<void> {
    for (let first = 0; this.shown.includes('gap'); first += SCREEN)
      await this.show(first % this.shown.length);
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
  const keysOf = (events: readonly FeedEvent[]): string[] => events.map(event => `e${event.id}`);
  const at = (index: number): FeedEvent => history[index] ?? assert.fail(`no event ${index}`);

  const shownKeys = (stage: Stage): string[] => stage.feed.items.peek().map(item => item.key);

  it('shows the newest above what was there, and fetches the rest once it is calm', async () => {
    const stage = new Stage(history.slice(3_000));
    await stage.show(0);
    const before = shownKeys(stage).slice(1);
    stage.flood(history.slice(1_500), at(2_999));
    stage.flood(history, at(1_499));
    assert.ok(stage.feed.calmAt > performance.now(), 'more may come');
    const keys = shownKeys(stage);
    assert.deepEqual(keys.slice(0, FIRST_PAGE), keysOf(history.slice(0, FIRST_PAGE)));
    assert.deepEqual(keys.slice(FIRST_PAGE + 1), before);
    await stage.show(0);
    assert.ok(stage.asked <= 10, `${stage.asked} questions`);
    const filled = shownKeys(stage);
    const ends = filled.findIndex(key => key.startsWith('g'));
    assert.ok(ends > SCREEN + 300, `${ends} lines`);
    assert.deepEqual(filled.slice(0, ends), keysOf(history.slice(0, ends)));
    await stage.showAll();
    assert.deepEqual(shownKeys(stage), keysOf(history.slice(0, stage.shown.length)));
  });

  it('loses nothing that happened before what was known: late, or found by a poll', async () => {
    const isLate = (index: number): boolean =>
      (index > 2_990 && index < 3_100 && index % 3 === 0) || index === 3_350;
    const early = history.filter((_, index) => index >= 3_000 && !isLate(index));
    const stage = new Stage(early);
    await stage.show(0);
    stage.flood(history, at(3_350));
    await stage.showAll();
    assert.deepEqual(shownKeys(stage), keysOf(history.slice(0, stage.shown.length)));
    assert.ok(stage.shown.length > 3_500);
  });

  it('keeps the line at which somebody reads, also among those that have just come', () => {
    const stage = new Stage(history.slice(3_000));
    stage.flood(history.slice(2_000), at(2_999));
    stage.feed.place = 10;
    const line = shownKeys(stage)[10] ?? '';
    stage.flood(history.slice(1_000), at(1_999));
    assert.ok(shownKeys(stage).includes(line));
    stage.feed.place = shownKeys(stage).indexOf(line);
    stage.flood(history, at(999));
    assert.ok(shownKeys(stage).includes(line));
  });

  it('does not count for somebody further down what nobody told', async () => {
    const stage = new Stage(history.slice(3_000));
    await stage.show(0);
    stage.feed.place = 200;
    stage.flood(history, at(2_999));
    assert.equal(stage.feed.newAbove.peek(), Infinity);
    assert.equal(stage.feed.topRequests.peek(), 1, 'nobody is sent to the top but by the first answer');
  });

  it('folds what turned out to belong to a gift meanwhile', () => {
    const gifted = makeEvent(9_000, beforeNoon(3_000 * 60), { type: 'channel.subscribe', isGift: true });
    const known = [gifted, ...history.slice(3_001)];
    const stage = new Stage(known);
    assert.ok(shownKeys(stage).includes('e9000'));
    stage.flood([...history.slice(0, 3_000), ...known], at(2_999), [{ id: 9_000, giftEventId: 1 }]);
    assert.ok(!shownKeys(stage).includes('e9000'));
  });

  it('asks for what a search may have missed since then', async () => {
    const stage = new Stage(history.slice(3_000));
    stage.feed.setQuery({ chip: 'all', text: 'follower' });
    await stage.show(0);
    stage.flood(history, at(3_010));
    assert.equal(stage.askedSince, at(3_010).occurredAt);
    await stage.show(0);
    const [newest] = stage.feed.items.peek();
    assert.equal(newest?.key, `e${at(0).id}`);
  });
});
