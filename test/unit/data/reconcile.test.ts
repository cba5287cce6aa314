import assert from 'node:assert/strict';
import type { SweepKind, SweepRow, SweepSuspects } from '../../../src/shared/data-service';
import { CHANNEL, follow, gift, Harness, notification, person, subscribe } from './engine-harness';

function row(userId: string, more: Partial<SweepRow> = {}): SweepRow {
  return { userId, userLogin: `viewer_${userId}`, userName: `Viewer_${userId}`, ...more };
}

function follower(userId: string, followedAt = '2026-11-01T00:00:00Z'): SweepRow {
  return row(userId, { followedAt });
}

function giver(userId: string): NonNullable<SweepRow['gifter']> {
  return { userId, userLogin: `viewer_${userId}`, userName: `Viewer_${userId}` };
}

describe('reconciling', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = new Harness();
    await harness.open();
  });
  afterEach(() => harness.dispose());

  /** A whole sweep of one page. */
  async function sweep(kind: SweepKind, rows: SweepRow[], startedAt = '2026-11-29T12:00:00.000Z') {
    const { sweepId, isBaseline } = await harness.engine.beginSweep({
      kind,
      channelId: CHANNEL,
      mode: 'whole',
      startedAt,
    });
    const { recovered } = await harness.engine.addSweepPage(sweepId, {
      rows,
      cursor: null,
      total: rows.length,
    });
    const suspects: SweepSuspects = await harness.engine.finishSweep(sweepId, {
      isWhole: true,
      total: rows.length,
    });
    return { sweepId, isBaseline, recovered, ...suspects };
  }

  it('takes the first whole sweep for a baseline: history, no events', async () => {
    const first = await sweep('followers', [follower('1'), follower('2')]);
    assert.equal(first.isBaseline, true);
    assert.equal(first.recovered, 0);
    assert.deepEqual(await harness.feed(), []);
    assert.deepEqual(harness.pushed, []);
    assert.deepEqual(await harness.rows('SELECT DISTINCT source FROM follower_history'), [['baseline']]);
    const marks = await harness.engine.getSweepMarks(CHANNEL, 'followers');
    assert.equal(marks.hasBaseline, true);
    assert.equal(marks.knownCount, 2);
    assert.equal(marks.lastCompletedStartAt, '2026-11-29T12:00:00.000Z');
    assert.equal((await sweep('followers', [follower('1'), follower('2')])).isBaseline, false);
  });

  it('goes on with a baseline that was cut off, also after a restart', async () => {
    const start = {
      kind: 'followers',
      channelId: CHANNEL,
      mode: 'whole',
      startedAt: '2026-11-29T12:00:00.000Z',
    } as const;
    const { sweepId } = await harness.engine.beginSweep(start);
    await harness.engine.addSweepPage(sweepId, { rows: [follower('1')], cursor: 'page-2', total: 2 });
    await harness.restart();
    const again = await harness.engine.beginSweep(start);
    assert.equal(again.isBaseline, true);
    assert.equal(again.resumeCursor, 'page-2');
    assert.equal((await harness.engine.getSweepMarks(CHANNEL, 'followers')).baselineDone, 1);
    await assert.rejects(harness.engine.addSweepPage(999, { rows: [], cursor: null, total: null }), {
      kind: 'badRequest',
    });
  });

  it('recovers a missed follow with its own date, and is silent about what is true already', async () => {
    await sweep('followers', [follower('1')]);
    await harness.record(
      follow('2', '2026-11-29T11:00:00.5Z', { receivedAtMs: Date.parse('2026-11-29T11:00:00Z') }),
    );
    const found = await sweep('followers', [
      follower('1'),
      follower('2', '2026-11-29T11:00:00Z'),
      follower('3', '2026-11-29T10:00:00Z'),
    ]);
    assert.equal(found.recovered, 1);
    const [result] = harness.pushed;
    assert.equal(result?.events[0]?.viewer?.id, '3');
    assert.equal(result.events[0].source, 'poll');
    assert.equal(result.events[0].occurredAt, '2026-11-29T10:00:00.000Z');
    assert.equal((await sweep('followers', [follower('1'), follower('2'), follower('3')])).recovered, 0);
  });

  it('does not make a second row when the socket tells later what a poll found', async () => {
    await sweep('followers', []);
    await sweep('followers', [follower('1', '2026-11-29T11:59:00Z')]);
    const late = await harness.record(follow('1', '2026-11-29T11:59:00.700Z'));
    assert.equal(late.copies, 1);
    assert.equal(late.setAside, 0);
    assert.deepEqual(late.events, []);
    assert.deepEqual(await harness.rows('SELECT occurred_at, source FROM follower_history'), [
      ['2026-11-29T11:59:00.700Z', 'poll'],
    ]);
    assert.deepEqual(await harness.rows('SELECT event_type, source FROM events'), [
      ['channel.follow', 'poll'],
    ]);
    assert.equal((await harness.engine.getStatistics('7days')).now.followers, 1);
  });

  it('removes only who is confirmed, and records an unfollow', async () => {
    await sweep('followers', [follower('1'), follower('2'), follower('3')]);
    const found = await sweep('followers', [follower('1')]);
    assert.deepEqual(found.suspects.sort(), ['2', '3']);
    assert.deepEqual(await harness.engine.confirmRemovals(found.sweepId, ['2', '99']), { removed: 1 });
    assert.deepEqual(
      (await harness.feed()).map(event => [event.type, event.viewer?.id, event.source]),
      [['unfollow', '2', 'poll']],
    );
    assert.deepEqual(await harness.rows('SELECT viewer_id FROM current_followers ORDER BY 1'), [
      ['1'],
      ['3'],
    ]);
    assert.equal((await harness.engine.getSweepMarks(CHANNEL, 'followers')).knownCount, 2);
    const again = await sweep(
      'followers',
      [follower('1'), follower('2'), follower('3')],
      '2026-11-29T13:00:00.000Z',
    );
    assert.equal(again.recovered, 1, 'listed again after a removal: follows again');
  });

  it('never believes an empty list where many are known', async () => {
    await sweep(
      'moderators',
      ['1', '2', '3', '4'].map(id => row(id)),
    );
    const found = await sweep('moderators', []);
    assert.equal(found.isImplausible, true);
    assert.deepEqual(found.suspects, []);
  });

  it('wants two whole sweeps to agree on more than a hundred followers', async () => {
    const many = Array.from({ length: 150 }, (_, index) => follower(String(index + 10)));
    await sweep('followers', [follower('1'), ...many]);
    const first = await sweep('followers', [follower('1')]);
    assert.equal(first.needsSecondSweep, true);
    assert.deepEqual(first.suspects, []);
    await harness.restart();
    const second = await sweep('followers', [follower('1'), ...many.slice(0, 20)]);
    assert.equal(second.needsSecondSweep, false);
    assert.equal((await harness.engine.getSweepMarks(CHANNEL, 'followers')).knownCount, 21);
  });

  it('leaves alone what the socket changed since five minutes before', async () => {
    await sweep('followers', []);
    await sweep('moderators', []);
    const receivedAtMs = Date.parse('2026-11-29T11:56:00Z');
    await harness.record(follow('1', '2026-11-29T11:56:00Z', { receivedAtMs }));
    await harness.record(
      notification('channel.moderator.remove', person('2'), { at: '2026-11-29T11:56:00Z', receivedAtMs }),
    );
    assert.deepEqual((await sweep('followers', [])).suspects, []);
    assert.equal((await sweep('moderators', [row('2')])).recovered, 0);
    assert.equal((await sweep('moderators', [row('2')], '2026-11-29T15:00:00.000Z')).recovered, 1);
  });

  it('finds roles granted and revoked', async () => {
    await sweep('vips', [row('1')]);
    const found = await sweep('vips', [row('2')]);
    assert.equal(found.recovered, 1);
    assert.deepEqual(found.suspects, ['1']);
    await harness.engine.confirmRemovals(found.sweepId, ['1']);
    assert.deepEqual((await harness.feed()).map(event => event.type).sort(), [
      'channel.vip.add',
      'channel.vip.remove',
    ]);
    assert.deepEqual(await harness.rows('SELECT viewer_id, role_type FROM current_roles'), [['2', 'vip']]);
  });

  it('finds subscriptions begun, changed and ended, and ignores the broadcaster', async () => {
    await sweep('subscriptions', [
      row('1', { tier: '1000', isGift: false }),
      row('2', { tier: '1000', isGift: false }),
    ]);
    const found = await sweep('subscriptions', [
      row('1', { tier: '2000', isGift: false }),
      row('3', { tier: '1000', isGift: false }),
      row(CHANNEL, { tier: '3000', isGift: false }),
    ]);
    assert.equal(found.recovered, 2);
    assert.deepEqual(found.suspects, ['2']);
    await harness.engine.confirmRemovals(found.sweepId, ['2']);
    assert.deepEqual(await harness.rows('SELECT viewer_id, tier FROM subscription_status ORDER BY 1'), [
      ['1', '2000'],
      ['3', '1000'],
    ]);
    assert.equal((await harness.engine.getStatistics('7days')).now.subscribers, 2);
  });

  it('finds the recipients of gifts, corrects guessed givers, and closes the rest as unknown', async () => {
    await sweep('subscriptions', []);
    const at = { at: '2026-11-29T11:00:00Z', receivedAtMs: Date.parse('2026-11-29T11:00:00Z') };
    await harness.record(gift('A', 1, at), gift('B', 2, at));
    // Guessed as A's, because A's is the oldest.
    await harness.record(subscribe('1', true, at));
    await sweep('subscriptions', [
      row('1', { tier: '1000', isGift: true, gifter: giver('B') }),
      row('2', { tier: '1000', isGift: true, gifter: giver('A') }),
    ]);
    const feed = await harness.feed();
    const giftOf = (id: string) => feed.find(event => event.viewer?.id === id && event.type.endsWith('gift'));
    const subOf = (id: string) =>
      feed.find(event => event.viewer?.id === id && event.type.endsWith('subscribe'));
    assert.equal(subOf('1')?.giftEventId, giftOf('B')?.id);
    assert.equal(subOf('2')?.giftEventId, giftOf('A')?.id);
    const [a, b] = [giftOf('A'), giftOf('B')];
    assert.ok(a && b);
    assert.deepEqual(
      (await harness.engine.getEvent(a.id))?.recipients.map(v => v?.id ?? null),
      ['2'],
    );
    assert.deepEqual(
      (await harness.engine.getEvent(b.id))?.recipients.map(v => v?.id ?? null),
      ['1', null],
    );
    assert.deepEqual(
      await harness.rows(
        'SELECT count(*) FROM viewer_subscriptions WHERE viewer_id IS NULL AND end_date IS NULL',
      ),
      [[0]],
    );
    assert.equal((await harness.engine.getStatistics('7days')).now.subscribers, 2);
  });

  it('learns how many accounts a total counts that no list shows', async () => {
    await sweep('followers', [follower('1')]);
    const { sweepId } = await harness.engine.beginSweep({
      kind: 'followers',
      channelId: CHANNEL,
      mode: 'whole',
      startedAt: '2026-11-29T12:00:00.000Z',
    });
    await harness.engine.addSweepPage(sweepId, { rows: [follower('1')], cursor: null, total: 4 });
    await harness.engine.finishSweep(sweepId, { isWhole: true, total: 4 });
    assert.equal((await harness.engine.getSweepMarks(CHANNEL, 'followers')).totalOffset, 3);
  });

  it('records the same for the same sweep when it is replayed', async () => {
    await sweep('followers', [follower('1')]);
    const found = await sweep('followers', [follower('2', '2026-11-29T10:00:00Z')]);
    await harness.engine.confirmRemovals(found.sweepId, ['1']);
    const before = await harness.feed();
    await harness.reopen();
    assert.deepEqual(await harness.feed(), before);
  });
});
