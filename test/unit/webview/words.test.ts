import assert from 'node:assert/strict';
import type { FeedEvent } from '../../../src/shared/events';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import { WEBVIEW_STRINGS } from '../../../src/shared/webview-strings';
import { countChips, foldsGifts, matchesQuery, toFilter } from '../../../webview/state/feed-filter';
import { buildItems } from '../../../webview/state/feed-items';
import { joinParts, sayEvent, sayItem, sayTier, shorten } from '../../../webview/state/sentences';
import { createFormats, sayAge, sayDay, sayLongAge, sayRowTime } from '../../../webview/state/times';
import { beforeNoon, makeEvent } from './make-event';

const words = {
  strings: WEBVIEW_STRINGS,
  formats: createFormats('en-GB'),
  isStreaming: false,
  fallbackPolls: { followersMs: 60_000, othersMs: 1_800_000 },
};
const say = (event: FeedEvent, isStreaming = false): string =>
  joinParts(sayEvent(event, { ...words, isStreaming }));
const named = (name: string, more: Partial<FeedEvent>): FeedEvent =>
  makeEvent(1, beforeNoon(0), { viewer: { id: '1', login: 'login', displayName: name }, ...more });

describe('A sentence of the feed', () => {
  it('names the person first and stays under 60 characters, whatever the name', () => {
    const hostile = ['A'.repeat(10_000), '🎉'.repeat(5_000), '<b>x</b>', '{0}{1}{2}', 'مرحبا'];
    for (const type of [...EVENT_TYPES, 'unfollow', 'channel.raid', `x${'y'.repeat(500)}`]) {
      for (const name of hostile) {
        const event = named(name, { type, tier: '1000', total: 100, isGift: true });
        const parts = sayEvent(event, words);
        assert.equal(parts[0]?.kind, 'person', type);
        assert.ok(Array.from(joinParts(parts)).length < 60, `${type}: ${joinParts(parts)}`);
      }
    }
  });

  it('says what happened in the words of the wireframe', () => {
    assert.equal(say(named('Ada_Lovelace', {})), 'Ada_Lovelace followed');
    assert.equal(
      say(named('grace', { type: 'channel.subscribe', tier: '1000' })),
      'grace subscribed · Tier 1',
    );
    assert.equal(say(named('grace', { type: 'channel.subscribe', tier: null })), 'grace subscribed');
    const gift: Partial<FeedEvent> = { type: 'channel.subscription.gift', tier: '1000' };
    assert.equal(say(named('linus', { ...gift, total: 5 })), 'linus gifted 5 subs · Tier 1');
    assert.equal(say(named('linus', { ...gift, total: 1 })), 'linus gifted 1 sub · Tier 1');
    const anonymous = { ...named('', { ...gift, total: 2 }), viewer: null };
    assert.equal(say(anonymous), 'An anonymous giver gifted 2 subs · Tier 1');
  });

  it('takes a name as it is, even one that looks like a placeholder', () => {
    assert.equal(say(named('{1}', { type: 'channel.subscribe', tier: '2000' })), '{1} subscribed · Tier 2');
    assert.equal(say(named('$&', {})), '$& followed');
  });

  it('drops what would turn the line around, and falls back on the login', () => {
    assert.equal(say(named('\u202Eevil\u2066', {})), 'evil followed');
    assert.equal(say(named('\u200B\u202E', {})), 'login followed');
  });

  it('hides who left in streamer mode, and only them', () => {
    for (const type of ['unfollow', 'channel.moderator.remove', 'channel.vip.remove']) {
      assert.match(say(named('nemo', { type }), true), /^Someone /);
    }
    assert.equal(say(named('ada', {}), true), 'ada followed');
  });

  it('counts a burst, except in streamer mode', () => {
    const follows = Array.from({ length: 37 }, (_, index) => makeEvent(100 - index, beforeNoon(index * 1.5)));
    const [burst] = buildItems(follows, { previousDay: null, foldsGifts: true }).items;
    assert.ok(burst?.kind === 'burst');
    assert.equal(joinParts(sayItem(burst, words)), '37 people followed within a minute');
    const hidden = joinParts(sayItem(burst, { ...words, isStreaming: true }));
    assert.equal(hidden, 'Many people followed within a minute');
  });

  it('knows the tiers', () => {
    assert.equal(sayTier('3000', WEBVIEW_STRINGS), 'Tier 3');
    assert.equal(sayTier('Prime', WEBVIEW_STRINGS), 'Prime');
    assert.equal(sayTier(null, WEBVIEW_STRINGS), '');
  });

  it('is never cut inside a character', () => {
    assert.equal(shorten('🎉🎉🎉🎉', 3), '🎉🎉…');
    assert.equal(shorten('abc', 3), 'abc');
  });
});

describe('Times', () => {
  const noon = new Date(2025, 10, 23, 12).getTime();
  const time = (atMs: number): string => sayRowTime(atMs, noon, words);
  const MINUTE = 60_000;

  it('are ages today, weekdays for a week, and then the hour alone', () => {
    assert.equal(time(noon - 12_400), '12 s');
    assert.equal(time(noon - 3 * MINUTE), '3 min');
    assert.equal(time(noon - 7 * 60 * MINUTE), '7 h');
    assert.equal(time(new Date(2025, 10, 22, 21, 14).getTime()), 'Sat 21:14');
    assert.equal(time(new Date(2025, 9, 1, 21, 14).getTime()), '21:14');
  });

  it('are never negative, also where the clock runs behind', () => {
    assert.equal(time(noon + 90 * MINUTE), '0 s');
  });

  it('count minutes across midnight', () => {
    const justAfter = new Date(2025, 10, 23, 0, 10).getTime();
    const context = { strings: WEBVIEW_STRINGS, formats: words.formats };
    assert.equal(sayRowTime(justAfter - 20 * MINUTE, justAfter, context), '20 min');
  });

  it('have two units for the connection', () => {
    assert.equal(sayLongAge((2 * 60 + 14) * MINUTE, WEBVIEW_STRINGS), '2 h 14 min');
    assert.equal(sayLongAge(40_000, WEBVIEW_STRINGS), '40 s');
    assert.equal(sayAge(49 * 60 * MINUTE, WEBVIEW_STRINGS), '2 d');
  });

  it('name the days', () => {
    assert.equal(sayDay('2025-11-23', noon, words), 'Today');
    assert.equal(sayDay('2025-11-22', noon, words), 'Yesterday');
    assert.equal(sayDay('2025-11-03', noon, words), 'Monday 3 November');
    assert.match(sayDay('2024-11-03', noon, words), /2024/);
  });

  it('fall back on English for a locale that is none', () => {
    assert.equal(createFormats('not a locale').number(12_408), '12,408');
    assert.equal(createFormats('de').number(12_408), '12.408');
  });
});

describe('The filter', () => {
  it('asks the database for a family and a text only where they are chosen', () => {
    assert.deepEqual(toFilter({ chip: 'all', text: '' }), {});
    assert.deepEqual(toFilter({ chip: 'subs', text: 'ada' }), { families: ['subs'], text: 'ada' });
  });

  it('folds gifts where their line is shown', () => {
    assert.equal(foldsGifts({ chip: 'all', text: '' }), true);
    assert.equal(foldsGifts({ chip: 'subs', text: '' }), false);
    assert.equal(foldsGifts({ chip: 'all', text: 'x' }), false);
  });

  it('lets a new event through by name or description', () => {
    const event = named('Ada', {});
    assert.equal(matchesQuery(event, { chip: 'all', text: 'aDA' }, WEBVIEW_STRINGS), true);
    assert.equal(matchesQuery(event, { chip: 'all', text: 'new follower' }, WEBVIEW_STRINGS), true);
    assert.equal(matchesQuery(event, { chip: 'vips', text: '' }, WEBVIEW_STRINGS), false);
  });

  it('counts today by chip', () => {
    const counts = countChips({ 'channel.follow': 3, unfollow: 1, 'channel.vip.add': 2, 'channel.raid': 5 });
    assert.deepEqual(counts, { all: 11, follows: 4, subs: 0, gifts: 0, mods: 0, vips: 2 });
  });
});
