import assert from 'node:assert/strict';
import type { EventCursor, EventPage, FeedEvent } from '../../../src/shared/events';
import { compareNewestFirst, cursorOf, mergeEvents } from '../../../webview/state/feed-order';
import {
  appendPage,
  applyGifts,
  bridgePages,
  endOfPage,
  evictPages,
  findNearby,
  flattenItems,
  insertEvents,
  mergePage,
  restorePage,
  startPages,
  type FeedPages,
} from '../../../webview/state/feed-pages';
import { beforeNoon, makeEvent } from './make-event';

/** A day apart from bursts: one event a minute, newest first, ids falling. */
function makeHistory(count: number): FeedEvent[] {
  return Array.from({ length: count }, (_, index) => makeEvent(count - index, beforeNoon(index * 60)));
}

function readPage(history: readonly FeedEvent[], after: EventCursor | null, limit: number): EventPage {
  const rest = after ? history.filter(event => compareNewestFirst(after, event) < 0) : history;
  const events = rest.slice(0, limit);
  const last = events.at(-1);
  return { events, next: last && rest.length > limit ? cursorOf(last) : null };
}

function loadAll(history: readonly FeedEvent[], limit: number): FeedPages {
  let state = startPages(readPage(history, null, limit), true);
  while (state.next) state = appendPage(state, readPage(history, state.next, limit));
  return state;
}

const idsOf = (state: FeedPages): number[] =>
  state.pages.flatMap(page => (page.events ?? []).map(event => event.id));

describe('The pages of the feed', () => {
  it('show what a search finds inside texts between the names that it found before', () => {
    const history = makeHistory(300);
    const isNamed = (event: FeedEvent): boolean => event.id % 3 === 0;
    const names: EventPage = {
      events: history.filter(isNamed),
      // As the database says that it goes on with the texts, from the top.
      next: { occurredAt: '9999-12-31T23:59:59.999Z', id: -1 },
    };
    let state = startPages(names, false);
    const fresh = makeEvent(301, beforeNoon(-60));
    state = insertEvents(state, [fresh]).state;
    const inside = history.filter(event => !isNamed(event));
    for (let from = 0; from < inside.length; from += 50) {
      const events = inside.slice(from, from + 50);
      const last = events.at(-1);
      const isEnd = from + 50 >= inside.length;
      state = mergePage(state, {
        events,
        next: last && !isEnd ? { occurredAt: last.occurredAt, id: -last.id } : null,
      });
    }
    assert.deepEqual(
      idsOf(state),
      [fresh, ...history].map(event => event.id),
    );
  });

  it('hold every event once, in order, whatever the page size', () => {
    const history = makeHistory(1_234);
    assert.deepEqual(
      idsOf(loadAll(history, 100)),
      history.map(event => event.id),
    );
    assert.deepEqual(
      idsOf(loadAll(history, 7)),
      history.map(event => event.id),
    );
  });

  it('put a new event on top and a recovered one where it happened', () => {
    const history = makeHistory(250);
    const state = loadAll(history, 100);
    const fresh = makeEvent(251, beforeNoon(-60));
    const recovered = makeEvent(252, beforeNoon(150 * 60 + 30), { source: 'poll' });
    const { state: after, added } = insertEvents(state, [fresh, recovered]);
    assert.equal(added.length, 2);
    const ids = idsOf(after);
    assert.equal(ids[0], 251);
    assert.equal(ids.indexOf(252), ids.indexOf(100) + 1);
    assert.deepEqual(insertEvents(after, [fresh, recovered]).added, [], 'and never twice');
  });

  it('leave an event that is older than everything loaded to its page', () => {
    const history = makeHistory(300);
    const state = startPages(readPage(history, null, 100), true);
    const { state: after, added } = insertEvents(state, [makeEvent(301, beforeNoon(200 * 60 + 1))]);
    assert.deepEqual(added, []);
    assert.equal(idsOf(after).length, 100);
  });

  it('begin with what is pushed where nothing was stored', () => {
    const empty = startPages({ events: [], next: null }, true);
    const { state, added } = insertEvents(empty, [makeEvent(1, beforeNoon(0))]);
    assert.equal(added.length, 1);
    assert.equal(flattenItems(state).length, 1);
  });

  it('split the newest page when it grows, without losing or doubling anything', () => {
    let state = startPages({ events: [], next: null }, true);
    const all: number[] = [];
    for (let id = 1; id <= 2_500; id += 1) {
      all.unshift(id);
      state = insertEvents(state, [makeEvent(id, beforeNoon(-id * 60))]).state;
    }
    assert.ok(state.pages.length > 2);
    assert.deepEqual(idsOf(state), all);
    const days = flattenItems(state).flatMap(item => item.day ?? []);
    assert.equal(new Set(days).size, days.length, 'each day is headed once');
  });

  it('let go of what is far away, keep its height, and take it back', () => {
    const history = makeHistory(2_000);
    const state = loadAll(history, 100);
    const lines = flattenItems(state).length;
    const trimmed = evictPages(state, findNearby(state, lines - 20, lines - 1), 600);
    const gone = trimmed.pages.filter(page => page.events === null);
    assert.equal(gone.length, 9);
    assert.ok(trimmed.pages[0]?.events, 'the newest page stays');
    const [gap] = gone[0]?.items ?? [];
    assert.equal(gap?.kind === 'gap' && gap.height > 100 * 29, true);
    let restored = trimmed;
    for (const page of gone) {
      restored = restorePage(restored, page.key, readPage(history, page.after, 500).events, null);
    }
    assert.deepEqual(flattenItems(restored), flattenItems(state));
    assert.equal(
      evictPages(state, findNearby(state, 0, 20), 5_000),
      state,
      'nothing is let go below the limit',
    );
  });

  it('are bridged to what came since, and what lies between is fetched piece by piece, none lost or doubled', () => {
    const history = makeHistory(6_000);
    let state = loadAll(history.slice(5_500), 100);
    // What was known is complete only before its newest event: that one is asked for again.
    const keys = flattenItems(state)
      .map(item => item.key)
      .slice(1);
    const bridge = (pages: FeedPages, now: readonly FeedEvent[], since: number): FeedPages => {
      const joint = { occurredAt: history[since]?.occurredAt ?? '', id: 0 };
      const bridged = bridgePages(pages, readPage(now, null, 100), joint, false);
      assert.ok(bridged);
      return bridged;
    };
    state = bridge(state, history.slice(3_000), 5_500);
    assert.equal(state.pages.filter(page => page.events === null).length, 1);
    assert.deepEqual(
      flattenItems(state)
        .map(item => item.key)
        .slice(-keys.length),
      keys,
      'what was shown stays',
    );
    state = bridge(state, history, 3_000);
    assert.equal(state.pages.filter(page => page.events === null).length, 1, 'an open gap grows');
    let pieces = 0;
    for (;;) {
      const gap = state.pages.find(page => page.events === null);
      if (!gap) break;
      const { events, next } = readPage(history, gap.after, 500);
      const end = endOfPage(state, gap.key);
      const rest = next && end && compareNewestFirst(next, end) < 0 ? next : null;
      state = restorePage(state, gap.key, events, rest);
      pieces += 1;
    }
    assert.equal(pieces, 11);
    assert.deepEqual(
      idsOf(state),
      history.map(event => event.id),
    );
    const days = flattenItems(state).flatMap(item => item.day ?? []);
    assert.equal(new Set(days).size, days.length, 'each day is headed once');
  });

  it('leave what happened at the joint of a bridge to the gap, and what was before it to what was known', () => {
    const at = beforeNoon(60);
    const older = makeEvent(3, beforeNoon(90));
    const known = startPages({ events: [makeEvent(5, at), makeEvent(4, at), older], next: null }, true);
    const top = Array.from({ length: 3 }, (_, index) => makeEvent(20 - index, beforeNoon(0)));
    const first = { events: top, next: cursorOf(makeEvent(18, beforeNoon(0))) };
    const bridged = bridgePages(known, first, { occurredAt: at, id: 0 }, false);
    assert.ok(bridged);
    const gap = bridged.pages.find(page => page.events === null);
    const { state } = insertEvents(bridged, [makeEvent(21, beforeNoon(0)), makeEvent(6, at)]);
    const answer = [makeEvent(6, at), makeEvent(5, at), makeEvent(4, at), older];
    const whole = restorePage(state, gap?.key ?? -1, answer, null);
    assert.deepEqual(idsOf(whole), [21, 20, 19, 18, 6, 5, 4, 3]);
  });

  it('keep the head in which somebody reads, with a gap on both sides', () => {
    const history = makeHistory(600);
    const jointAt = (index: number): EventCursor => ({ occurredAt: history[index]?.occurredAt ?? '', id: 0 });
    let state = loadAll(history.slice(500), 100);
    for (const since of [500, 300]) {
      const now = history.slice(since - 200);
      state = bridgePages(state, readPage(now, null, 50), jointAt(since), true) ?? assert.fail('no bridge');
    }
    assert.deepEqual(
      state.pages.map(page => page.events?.length ?? null),
      [50, null, 49, null, 99],
    );
  });

  it('take no answer that was asked for before the bridge cut its gap', () => {
    const history = makeHistory(900);
    const jointAt = (index: number): EventCursor => ({ occurredAt: history[index]?.occurredAt ?? '', id: 0 });
    let state = loadAll(history.slice(600), 100);
    const bridge = (from: number, joint: EventCursor): FeedPages =>
      bridgePages(state, readPage(history.slice(from), null, 50), joint, false) ?? assert.fail('no bridge');
    state = bridge(300, jointAt(600));
    const asked = state.pages.find(page => page.events === null) ?? assert.fail('no gap');
    const answer = readPage(history, asked.after, 500).events;
    state = bridge(0, jointAt(500));
    const late = restorePage(state, asked.key, answer, null);
    assert.deepEqual(idsOf(late), idsOf(state));
  });

  it('keep nothing where what was missed may lie before all that is known', () => {
    const history = makeHistory(300);
    const first = readPage(history, null, 100);
    const known = startPages(readPage(history.slice(100), null, 50), true);
    assert.equal(bridgePages(known, first, { occurredAt: beforeNoon(250 * 60), id: 0 }, false), null);
  });

  it('fold a gifted subscription as soon as its gift is known', () => {
    const gifted = makeEvent(1, beforeNoon(1), { type: 'channel.subscribe', isGift: true });
    const state = startPages({ events: [gifted], next: null }, true);
    assert.equal(flattenItems(state).length, 1);
    assert.equal(flattenItems(applyGifts(state, [{ id: 1, giftEventId: 9 }])).length, 0);
    assert.equal(applyGifts(state, [{ id: 7, giftEventId: 9 }]), state);
  });

  it('replace an event that is known by its newer self', () => {
    const old = makeEvent(1, beforeNoon(0));
    const { events, added } = mergeEvents([old], [{ ...old, giftEventId: 3 }]);
    assert.deepEqual(added, []);
    assert.equal(events[0]?.giftEventId, 3);
  });
});
