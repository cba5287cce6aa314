import assert from 'node:assert/strict';
import { buildItems, estimateHeight, findPageEnd, localDay } from '../../../webview/state/feed-items';
import { findAnchor, findAnchored, findLine, layOut } from '../../../webview/state/feed-layout';
import { beforeNoon, makeEvent } from './make-event';

const plain = { previousDay: null, foldsGifts: true };

describe('The lines of the feed', () => {
  it('are headed by day, once a day, and not where the page before had the day already', () => {
    const events = [
      makeEvent(3, beforeNoon(0)),
      makeEvent(2, beforeNoon(60)),
      makeEvent(1, beforeNoon(90_000)),
    ];
    const { items, lastDay } = buildItems(events, plain);
    assert.deepEqual(
      items.map(item => item.day),
      ['2025-11-23', null, '2025-11-22'],
    );
    assert.equal(lastDay, '2025-11-22');
    const [first] = buildItems(events, { ...plain, previousDay: '2025-11-23' }).items;
    assert.equal(first?.day, null);
    assert.deepEqual(items.map(estimateHeight), [62, 30, 62]);
  });

  it('fold gifted subscriptions into their gift, but only where the gift is shown', () => {
    const gifted = makeEvent(2, beforeNoon(1), { type: 'channel.subscribe', isGift: true, giftEventId: 1 });
    const gift = makeEvent(1, beforeNoon(2), { type: 'channel.subscription.gift', total: 1 });
    assert.deepEqual(
      buildItems([gifted, gift], plain).items.map(item => item.key),
      ['e1'],
    );
    assert.equal(buildItems([gifted, gift], { ...plain, foldsGifts: false }).items.length, 2);
  });

  it('gather ten or more of a kind that came within a short span, whatever lies between', () => {
    const follows = Array.from({ length: 37 }, (_, index) => makeEvent(100 - index, beforeNoon(index * 1.5)));
    const vip = makeEvent(50, beforeNoon(20.1), { type: 'channel.vip.add' });
    const events = [...follows, vip].sort((a, b) => (a.occurredAt < b.occurredAt ? 1 : -1));
    const { items } = buildItems(events, plain);
    assert.deepEqual(
      items.map(item => item.kind),
      ['burst', 'event'],
    );
    const [burst] = items;
    assert.equal(burst?.kind === 'burst' && burst.events.length, 37);
    assert.equal(burst?.key, 'b64', 'the oldest names it, so that it stays open while it grows');
  });

  it('leave nine alone, and ten that came slowly', () => {
    const nine = Array.from({ length: 9 }, (_, index) => makeEvent(20 - index, beforeNoon(index)));
    assert.ok(buildItems(nine, plain).items.every(item => item.kind === 'event'));
    const slow = Array.from({ length: 10 }, (_, index) => makeEvent(20 - index, beforeNoon(index * 7)));
    assert.ok(buildItems(slow, plain).items.every(item => item.kind === 'event'));
  });

  it('end a page before a burst that may go on in the next one, unless it fills half the page', () => {
    const early = Array.from({ length: 30 }, (_, index) => makeEvent(100 - index, beforeNoon(index * 60)));
    const burst = Array.from({ length: 12 }, (_, index) => makeEvent(50 - index, beforeNoon(1_800 + index)));
    assert.equal(findPageEnd([...early, ...burst]), 30);
    assert.equal(findPageEnd(burst), 12);
  });

  it('know the local date of an instant', () => {
    assert.equal(localDay(new Date(2025, 0, 2, 0, 0, 0).getTime()), '2025-01-02');
    assert.equal(localDay(new Date(2025, 0, 1, 23, 59, 59).getTime()), '2025-01-01');
  });
});

describe('The layout of the feed', () => {
  const { items } = buildItems(
    Array.from({ length: 100 }, (_, index) => makeEvent(200 - index, beforeNoon(index * 60))),
    plain,
  );

  it('finds the line at a height, also outside of the list', () => {
    const offsets = layOut(items, new Map());
    assert.equal(offsets.at(-1), 100 * 30 + 32);
    assert.equal(findLine(offsets, -50), 0);
    assert.equal(findLine(offsets, 61), 0);
    assert.equal(findLine(offsets, 62), 1);
    assert.equal(findLine(offsets, 1e9), 99);
    assert.equal(findLine(new Float64Array(1), 5), 0);
  });

  it('keeps the line at the top edge in place when lines come above it or grow', () => {
    const offsets = layOut(items, new Map());
    const anchor = findAnchor(items, offsets, 1_000);
    assert.ok(anchor);
    const more = buildItems(
      Array.from({ length: 103 }, (_, index) => makeEvent(203 - index, beforeNoon((index - 3) * 60))),
      plain,
    ).items;
    assert.equal(findAnchored(more, layOut(more, new Map()), anchor), 1_090);
    const opened = new Map([[items[1]?.key ?? '', 230]]);
    assert.equal(findAnchored(items, layOut(items, opened), anchor), 1_200);
    assert.equal(findAnchored([], new Float64Array(1), anchor), null);
  });
});
