import assert from 'node:assert/strict';
import { follow, gift, Harness, notification, person, subscribe } from './engine-harness';

describe('recording', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = new Harness();
    await harness.open();
  });
  afterEach(() => harness.dispose());

  it('writes a follow into events, viewers and follower_history', async () => {
    const result = await harness.record(follow('1', '2026-11-29T10:00:00.987654321Z'));
    assert.equal(result.events.length, 1);
    assert.deepEqual(result.events[0], {
      id: 1,
      type: 'channel.follow',
      viewer: { id: '1', login: 'viewer_1', displayName: 'Viewer_1' },
      channelId: '1337',
      occurredAt: '2026-11-29T10:00:00.987Z',
      receivedAt: '2026-11-29T10:00:00.987Z',
      source: 'eventsub',
      tier: null,
      isGift: false,
      total: null,
      giftEventId: null,
      isAnonymous: false,
    });
    assert.deepEqual(await harness.feed(), result.events);
    assert.deepEqual(
      await harness.rows('SELECT viewer_id, action, occurred_at, source, event_id FROM follower_history'),
      [['1', 'follow', '2026-11-29T10:00:00.987Z', 'eventsub', 1]],
    );
    assert.deepEqual(await harness.rows('SELECT viewer_id, followed_at FROM current_followers'), [
      ['1', '2026-11-29T10:00:00.987Z'],
    ]);
  });

  it('drops a message id that is known, also after a restart', async () => {
    const first = follow('1');
    await harness.record(first);
    assert.equal((await harness.record(first)).copies, 1);
    await harness.restart();
    const again = await harness.record(first, { ...first, messageId: 'other', eventJson: first.eventJson });
    assert.equal(again.copies, 1);
    assert.equal(again.events.length, 1, 'the same event with another id on the same subscription is a row');
  });

  it('drops the copy from another subscription within ten seconds, one for one', async () => {
    const at = '2026-11-29T11:00:00.000000001Z';
    const a = { at, subscriptionId: 'a' };
    const b = { at: '2026-11-29T11:00:05.000000001Z', subscriptionId: 'b' };
    const first = await harness.record(gift('1', 1, a), gift('1', 1, a));
    assert.equal(first.events.length, 2, 'two equal gifts on one subscription are two');
    const copies = await harness.record(gift('1', 1, b), gift('1', 1, b), gift('1', 1, b));
    assert.equal(copies.copies, 2);
    assert.equal(copies.events.length, 1);
    const late = await harness.record(gift('1', 1, { at: '2026-11-29T11:00:16.000Z', subscriptionId: 'c' }));
    assert.equal(late.events.length, 1, 'eleven seconds later it is another one');
  });

  it('knows copies from another subscription after a restart and after a crash', async () => {
    const at = '2026-11-29T11:00:00.5Z';
    const event = (subscriptionId: string) =>
      notification('channel.vip.add', person('5'), { at, subscriptionId, receivedAtMs: harness.nowMs });
    await harness.record(event('a'), follow('6', at, { subscriptionId: 'a', receivedAtMs: harness.nowMs }));
    await harness.restart();
    assert.equal((await harness.record(event('b'))).copies, 1);
    await harness.engine.close();
    await harness.reopen();
    const copy = await harness.record(follow('6', at, { subscriptionId: 'b', receivedAtMs: harness.nowMs }));
    assert.equal(copy.copies, 1);
  });

  it('counts late messages and records them', async () => {
    const result = await harness.record(follow('1', undefined, { isLate: true }));
    assert.equal(result.late, 1);
    assert.equal(result.events.length, 1);
  });

  it('takes two follows within two seconds for one and keeps the finer time', async () => {
    await harness.record(follow('1', '2026-11-29T10:00:00Z'), follow('1', '2026-11-29T10:00:01.5Z'));
    await harness.record(follow('1', '2026-11-29T10:30:00Z'));
    assert.deepEqual(await harness.rows('SELECT occurred_at FROM follower_history ORDER BY id'), [
      ['2026-11-29T10:00:01.500Z'],
      ['2026-11-29T10:30:00.000Z'],
    ]);
    assert.equal((await harness.feed()).length, 3);
    assert.deepEqual(await harness.rows('SELECT followed_at FROM current_followers'), [
      ['2026-11-29T10:30:00.000Z'],
    ]);
    assert.equal((await harness.engine.getStatistics('7days')).now.followers, 1);
  });

  it('opens, renews and ends a subscription', async () => {
    await harness.record(subscribe('1', false, { at: '2026-11-29T09:00:00Z' }));
    await harness.record(subscribe('1', false, { at: '2026-11-29T10:00:00Z' }, '2000'));
    assert.deepEqual(
      await harness.rows('SELECT viewer_id, tier, is_gift, start_date FROM subscription_status'),
      [['1', '2000', 0, '2026-11-29T10:00:00.000Z']],
    );
    await harness.record(
      notification(
        'channel.subscription.end',
        { ...person('1'), tier: '2000', is_gift: false },
        { at: '2026-11-29T11:00:00Z' },
      ),
    );
    assert.deepEqual(await harness.rows('SELECT tier, end_date FROM viewer_subscriptions'), [
      ['2000', '2026-11-29T11:00:00.000Z'],
    ]);
    assert.equal((await harness.engine.getStatistics('7days')).now.subscribers, 0);
  });

  it('says that a subscription ended whose beginning is not known', async () => {
    await harness.record(
      notification('channel.subscription.end', { ...person('1'), tier: '1000', is_gift: true }),
    );
    assert.deepEqual(await harness.rows('SELECT is_gift, start_date, end_date FROM viewer_subscriptions'), [
      [1, null, '2026-11-29T11:59:00.123Z'],
    ]);
  });

  for (const order of ['gift first', 'recipients first'] as const) {
    it(`joins a gift and its recipients, ${order}`, async () => {
      const given = gift('100', 3);
      const received = ['1', '2'].map(id => subscribe(id, true));
      const all = order === 'gift first' ? [given, ...received] : [...received, given];
      const results = [];
      for (const input of all) results.push(await harness.record(input));
      const events = await harness.feed();
      const giftEvent = events.find(event => event.type === 'channel.subscription.gift');
      assert.ok(giftEvent);
      assert.deepEqual(
        events.filter(event => event.type === 'channel.subscribe').map(event => event.giftEventId),
        [giftEvent.id, giftEvent.id],
      );
      const details = await harness.engine.getEvent(giftEvent.id);
      assert.deepEqual(
        details?.recipients.map(viewer => viewer?.id ?? null),
        ['1', '2', null],
      );
      assert.equal((await harness.engine.getStatistics('7days')).now.subscribers, 2);
      assert.deepEqual(await harness.rows('SELECT count(*) FROM subscription_status'), [[2]]);
      assert.deepEqual(
        await harness.rows('SELECT count(*) FROM viewer_subscriptions WHERE gifter_id = 100'),
        [[3]],
      );
      if (order === 'recipients first') {
        assert.deepEqual(
          results.at(-1)?.gifts.map(gifts => gifts.giftEventId),
          [giftEvent.id, giftEvent.id],
        );
      }
    });
  }

  it('leaves gifts of another tier or another hour alone', async () => {
    await harness.record(gift('100', 1, { at: '2026-11-29T10:00:00Z' }, '2000'));
    await harness.record(gift('101', 1, { at: '2026-11-29T10:00:00Z' }));
    await harness.record(subscribe('1', true, { at: '2026-11-29T10:10:01Z' }));
    assert.deepEqual(
      (await harness.feed()).map(event => event.giftEventId),
      [null, null, null],
    );
  });

  it('grants and revokes roles, also where the grant was missed', async () => {
    await harness.record(
      notification('channel.moderator.add', person('1'), { at: '2026-11-29T10:00:00Z' }),
      notification('channel.moderator.add', person('1'), { at: '2026-11-29T10:01:00Z' }),
      notification('channel.vip.remove', person('2'), { at: '2026-11-29T10:00:00Z' }),
    );
    assert.deepEqual(await harness.rows('SELECT viewer_id, role_type FROM current_roles'), [
      ['1', 'moderator'],
    ]);
    await harness.record(
      notification('channel.moderator.remove', person('1'), { at: '2026-11-29T11:00:00Z' }),
    );
    assert.deepEqual(
      await harness.rows('SELECT viewer_id, role_type, granted_at, revoked_at FROM viewer_roles ORDER BY id'),
      [
        ['1', 'moderator', '2026-11-29T10:00:00.000Z', '2026-11-29T11:00:00.000Z'],
        ['2', 'vip', null, '2026-11-29T10:00:00.000Z'],
      ],
    );
    assert.equal((await harness.feed()).length, 4);
  });

  it('records a type outside the catalogue as an event and nothing else', async () => {
    const result = await harness.record(notification('channel.raid', { from: 'x' }));
    assert.deepEqual(
      result.events.map(event => [event.type, event.viewer]),
      [['channel.raid', null]],
    );
  });

  it('sets aside what it cannot understand and records the rest', async () => {
    const bad = { ...follow('1'), eventJson: '{"user_id":' };
    const nobody = notification('channel.follow', { user_id: 7 });
    const result = await harness.record(follow('2'), bad, nobody, follow('3'));
    assert.equal(result.events.length, 2);
    assert.equal(result.setAside, 2);
    const kept = await harness.rows('SELECT error, record FROM set_aside ORDER BY id');
    assert.equal(kept.length, 2);
    assert.match(String(kept[0]?.[1]), /"user_id":$/);
    await harness.restart();
    assert.equal((await harness.record(bad)).copies, 1);
  });

  it('gives each its own answer where many go into one transaction', async () => {
    const first = follow('1');
    const bad = { ...follow('2'), eventJson: '{"user_id":' };
    const [one, two, unread, three] = await Promise.all([
      harness.record(first, bad),
      harness.record(first, follow('3'), follow('4')),
      harness.engine.markRead(2),
      harness.record(bad, follow('5')),
    ]);
    const told = [one, two, three].map(({ events, copies, setAside }) => ({
      viewers: events.map(event => event.viewer?.id),
      copies,
      setAside,
    }));
    assert.deepEqual(told, [
      { viewers: ['1'], copies: 0, setAside: 1 },
      { viewers: ['3', '4'], copies: 1, setAside: 0 },
      { viewers: ['5'], copies: 1, setAside: 0 },
    ]);
    assert.deepEqual(unread, { unread: 2, readUpTo: 2 });
    assert.deepEqual(
      (await harness.feed()).map(event => event.viewer?.id),
      ['5', '4', '3', '1'],
    );
    assert.deepEqual(await harness.rows('SELECT sequence FROM applied'), [[6]]);
  });

  it('keeps names as they are: markup, quotes, emoji, right-to-left marks, ten thousand characters', async () => {
    const names = [
      '<b>x</b>',
      "'; DROP TABLE events; --",
      '👩‍🚀',
      '\u202Eevil',
      'x'.repeat(10_000),
      '日本',
      'a\tb\nc',
    ];
    await harness.record(
      ...names.map((name, index) =>
        notification('channel.vip.add', { ...person(String(index), 'login'), user_name: name }),
      ),
    );
    assert.deepEqual((await harness.feed()).map(event => event.viewer?.displayName).reverse(), names);
    await harness.restart();
    assert.equal((await harness.feed()).length, names.length);
  });

  it('keeps unread across restarts', async () => {
    await harness.record(follow('1'), follow('2'), follow('3'));
    assert.deepEqual(await harness.engine.markRead(2), { unread: 1, readUpTo: 2 });
    const report = await harness.restart();
    assert.equal(report.unread, 1);
    assert.equal(report.readUpTo, 2);
    assert.deepEqual(await harness.engine.markRead(99), { unread: 0, readUpTo: 3 });
    assert.equal((await harness.record(follow('4'))).unread, 1);
  });

  it('answers an empty batch', async () => {
    assert.equal(
      await harness.engine.recordLines(Buffer.alloc(0), [0], null),
      JSON.stringify([
        { events: [], gifts: [], copies: 0, late: 0, setAside: 0, unread: 0, isUnsaved: false },
      ]),
    );
  });
});
