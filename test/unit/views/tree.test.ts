import assert from 'node:assert/strict';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { SubscriptionState } from '../../../src/shared/session-state';
import { HOST_STRINGS } from '../../../src/views/host-strings';
import type { HostSaying } from '../../../src/views/status-bar-model';
import { drawTree, findChanges, findType } from '../../../src/views/tree-model';
import { SAMPLE_NOW_MS, samplePoll, sampleStatus } from '../../support/status-samples';

const saying: HostSaying = {
  strings: HOST_STRINGS,
  locale: 'en',
  nowMs: SAMPLE_NOW_MS,
  isStreamerMode: false,
};

function drawFollow(state: SubscriptionState, isStreamerMode = false) {
  const status = sampleStatus({ today: { 'channel.follow': 31 } });
  status.subscriptions = status.subscriptions.map(entry =>
    entry.type === 'channel.follow' ? { ...entry, state } : entry,
  );
  const row = drawTree(status, { ...saying, isStreamerMode }).rows.get('type:channel.follow');
  assert.ok(row);
  return row;
}

describe('The subscriptions tree', () => {
  it('has four families with the eight types, and the polls below', () => {
    const rows = [...drawTree(sampleStatus(), saying).rows.values()];
    assert.deepEqual(
      rows.filter(row => row.parent === null).map(row => row.label),
      ['Followers', 'Subscriptions', 'Moderators', 'VIPs', 'Polling'],
    );
    assert.deepEqual(
      rows.filter(row => row.id.startsWith('type:')).map(row => row.id.slice(5)),
      [...EVENT_TYPES],
    );
    assert.equal(rows.filter(row => row.parent === 'polling').length, 3);
  });

  it('is empty while nobody is signed in, so that the welcome shows', () => {
    assert.equal(
      drawTree(sampleStatus({ session: { kind: 'idle', reason: 'signedOut' } }), saying).rows.size,
      0,
    );
    assert.equal(drawTree(null, saying).rows.size, 0);
  });

  it('is empty until it is known who is signed in, so that no rows flash before the welcome', () => {
    const status = sampleStatus({ session: { kind: 'idle', reason: 'notStarted' } });
    assert.equal(drawTree(status, saying).rows.size, 0);
  });

  const since = '2026-03-01T10:00:00.000Z';
  const cases: [SubscriptionState, string, string, RegExp][] = [
    [{ kind: 'live', since, cost: 0 }, 'live · 31 today', 'pass', /;canUnsubscribe;/],
    [{ kind: 'off' }, 'off · 31 today', 'circle-slash', /;canSubscribe;/],
    [{ kind: 'subscribing' }, 'subscribing · 31 today', 'sync~spin', /;canUnsubscribe;/],
    [{ kind: 'pending' }, 'waiting · 31 today', 'circle-large-outline', /;canUnsubscribe;/],
    [
      { kind: 'missingScope', scope: 'moderation:read' },
      'needs moderation:read · 31 today',
      'warning',
      /;needsSignIn;/,
    ],
    [{ kind: 'ownerOnly' }, 'only for the channel’s owner · 31 today', 'lock', /;canUnsubscribe;/],
    [
      { kind: 'slotsHeld', holders: [{ createdAt: since, connectedAt: null }], message: '' },
      'no free slot · 31 today',
      'warning',
      /;canRetry;/,
    ],
    [{ kind: 'refused', status: 403, message: 'no' }, 'refused: no · 31 today', 'error', /;canRetry;/],
    [
      { kind: 'revoked', status: 'authorization_revoked', at: since },
      'revoked: the permission was withdrawn · 31 today',
      'error',
      /;needsSignIn;/,
    ],
  ];
  for (const [state, description, icon, contextValue] of cases) {
    it(`shows a subscription that is ${state.kind} with its words, icon and actions`, () => {
      const row = drawFollow(state);
      assert.equal(row.description, description);
      assert.equal(row.icon?.id, icon);
      assert.match(row.contextValue, contextValue);
      assert.equal(row.accessibleLabel, `New Follower, ${description.replace(' · ', ', ')}`);
    });
  }

  it('tells version, condition, cost, since when and today in the hover', () => {
    const hover = drawFollow({ kind: 'live', since, cost: 1 }).tooltip.join('\n');
    assert.match(hover, /^New Follower \(channel\.follow\)/);
    for (const part of ['Version 2', 'broadcaster_user_id: 1337', 'Cost 1', 'Since ', 'Today: 31']) {
      assert.ok(hover.includes(part), part);
    }
  });

  it('hides counts and ids in streamer mode', () => {
    const row = drawFollow({ kind: 'live', since, cost: 1 }, true);
    assert.equal(row.description, 'live');
    assert.ok(!JSON.stringify(row).includes('31'));
    assert.ok(!row.tooltip.join().includes('1337'));
  });

  it('says a poll’s pace and next run, and counts seconds only at the fallback pace', () => {
    const calm = drawTree(sampleStatus(), saying);
    assert.equal(calm.isTicking, false);
    assert.match(calm.rows.get('poll:roles')!.description, /^every 3 h · next /);
    const busy = drawTree(
      sampleStatus({
        polls: [
          samplePoll('followers', {
            pace: 'fallback',
            intervalMs: 60_000,
            state: { kind: 'scheduled', nextAt: '2026-03-01T12:00:42.000Z' },
          }),
        ],
      }),
      saying,
    );
    assert.equal(busy.isTicking, true);
    assert.equal(busy.rows.get('poll:followers')!.description, 'every 60 s · next in 42 s');
  });

  it('asks for just the rows that changed, or for all when rows come or go', () => {
    const before = drawTree(sampleStatus(), saying);
    assert.deepEqual(findChanges(before, drawTree(sampleStatus(), saying)), []);
    const after = drawTree(sampleStatus({ today: { 'channel.vip.add': 1 } }), saying);
    assert.deepEqual(findChanges(before, after), ['type:channel.vip.add']);
    assert.equal(findChanges(before, drawTree(null, saying)), null);
  });

  it('knows which type a command was called on', () => {
    assert.equal(findType('type:channel.follow'), 'channel.follow');
    assert.equal(findType('channel.follow'), 'channel.follow');
    for (const nothing of [undefined, null, 7, {}, 'family:vips', 'type:constructor']) {
      assert.equal(findType(nothing), null);
    }
  });
});
