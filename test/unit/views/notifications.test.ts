import assert from 'node:assert/strict';
import type { FeedEvent } from '../../../src/shared/events';
import { sayEvent } from '../../../src/views/event-sentence';
import { HOST_STRINGS } from '../../../src/views/host-strings';
import { composeNotice, NoticeGatherer, type Notice } from '../../../src/views/notification-model';
import { makePlain } from '../../../src/views/plain-text';
import { sampleEvent } from '../../support/status-samples';
import { HandClock } from './hand-clock';

function makeGatherer(isShownHere = true) {
  const clock = new HandClock();
  const shown: Notice[] = [];
  const gatherer = new NoticeGatherer({
    clock,
    chosenTypes: () => ['channel.follow', 'channel.subscription.gift', 'channel.subscribe'],
    isShownHere: () => isShownHere,
    compose: events => composeNotice(events, { strings: HOST_STRINGS, locale: 'en', isStreamerMode: false }),
    show: notice => shown.push(notice),
  });
  return { clock, shown, gatherer };
}

function follows(count: number): FeedEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent({ id: index + 1 }));
}

describe('Notifications', () => {
  it('say one event as a sentence with the person first', () => {
    const { clock, shown, gatherer } = makeGatherer();
    gatherer.add([sampleEvent({ id: 9 })]);
    clock.pass(2_000);
    assert.deepEqual(shown, [{ message: 'Ada_Lovelace followed', eventId: 9 }]);
  });

  it('leave out recovered events and types that are not turned on', () => {
    const { clock, shown, gatherer } = makeGatherer();
    gatherer.add([sampleEvent({ source: 'poll' }), sampleEvent({ type: 'channel.vip.add' })]);
    clock.pass(60_000);
    assert.deepEqual(shown, []);
  });

  it('become one in a burst, and are quiet after it', () => {
    const { clock, shown, gatherer } = makeGatherer();
    gatherer.add(follows(3));
    gatherer.add([sampleEvent({ id: 4 })]);
    clock.pass(2_000);
    assert.deepEqual(shown, [{ message: '4 new events: 4 × New Follower', eventId: 4 }]);
    gatherer.add([sampleEvent({ id: 5 })]);
    clock.pass(10_000);
    assert.equal(shown.length, 1);
    clock.pass(30_000);
    assert.equal(shown.length, 2);
  });

  it('say a gift once, not once more for each who got it', () => {
    const { clock, shown, gatherer } = makeGatherer();
    const gift = sampleEvent({ id: 1, type: 'channel.subscription.gift', total: 100, tier: '1000' });
    const given = sampleEvent({ id: 2, type: 'channel.subscribe', isGift: true, tier: '1000' });
    gatherer.add([given, gift, given]);
    clock.pass(2_000);
    assert.deepEqual(shown, [{ message: 'Ada_Lovelace gifted 100 subs · Tier 1', eventId: 1 }]);
  });

  it('say nothing of a flood of follow bots', () => {
    const { clock, shown, gatherer } = makeGatherer();
    gatherer.add(follows(37));
    clock.pass(60_000);
    assert.deepEqual(shown, []);
  });

  it('show only in the window that had the focus last, and never after the end', () => {
    const elsewhere = makeGatherer(false);
    elsewhere.gatherer.add(follows(1));
    elsewhere.clock.pass(2_000);
    assert.deepEqual(elsewhere.shown, []);
    const ended = makeGatherer();
    ended.gatherer.add(follows(1));
    ended.gatherer.dispose();
    ended.clock.pass(60_000);
    assert.deepEqual(ended.shown, []);
  });

  it('name nobody who left while in streamer mode', () => {
    for (const type of [
      'channel.moderator.remove',
      'channel.vip.remove',
      'unfollow',
      'channel.subscription.end',
    ]) {
      const sentence = sayEvent(sampleEvent({ type, tier: '1000' }), HOST_STRINGS, 'en', true);
      assert.ok(!sentence.includes('Ada'), sentence);
    }
  });

  it('cannot be made to hold a link, an icon or a line of their own by a name', () => {
    const name = '[click](command:workbench.action.quit) $(error)\n\u202Eevil';
    const sentence = sayEvent(
      sampleEvent({ viewer: { id: '1', login: 'x', displayName: name } }),
      HOST_STRINGS,
      'en',
      false,
    );
    assert.ok(!/[[\]\n\u202E]|\$\(/.test(sentence), sentence);
    assert.ok(sentence.length < 60);
  });

  it('cut a name between characters, not within one', () => {
    assert.equal(makePlain('👩‍👩‍👧‍👦'.repeat(100), 3), '👩‍👩‍👧‍👦👩‍👩‍👧‍👦…');
    assert.ok(makePlain('x'.repeat(10_000)).length <= 30);
  });
});
