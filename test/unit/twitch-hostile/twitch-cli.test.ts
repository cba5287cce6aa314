import * as assert from 'node:assert/strict';
import { createAccount } from '../../../src/twitch/auth/account';
import { createHelixClient } from '../../../src/twitch/helix-client';
import { createPoller } from '../../../src/twitch/poller';
import { FakeSweepRecorder } from '../../support/fake-sweep-recorder';
import { MemoryCredentialStore } from '../../support/memory-credential-store';
import { NetworkRig } from '../../support/network-rig';
import { RawServer } from './raw-server';
import { setScene, strikeScenes, until } from './scene';

const CLIENT_ID = 'abcdefghijklmnopqrstuvwxyz0123';
const SQL_NULL = { String: '', Valid: false };

describe("hostile: the twitch CLI's mock API, as its Go source writes it", () => {
  const OWNER_ID = '100';
  let rig: NetworkRig;
  let server: RawServer;

  beforeEach(async () => {
    rig = new NetworkRig();
    server = await new RawServer().start();
    const person = (n: number): object => ({ user_id: `${n}`, user_login: `u${n}`, user_name: `U${n}` });
    server.script = ({ path, query, headers, response }) => {
      if (path === '/auth/validate') {
        if (headers.authorization !== 'OAuth pasted') return server.answer(response, 401);
        return server.answer(response, 200, {
          client_id: CLIENT_ID,
          user_id: OWNER_ID,
          login: 'owner',
          expires_in: 2_591_999,
          scopes: [
            'moderator:read:followers',
            'channel:read:subscriptions',
            'moderation:read',
            'channel:read:vips',
          ],
        });
      }
      if (headers['client-id'] !== CLIENT_ID || headers.authorization !== 'Bearer pasted') {
        return server.fail(response, 401, 'Missing Client ID or OAuth token');
      }
      const asked = query.getAll('user_id');
      const pick = (rows: object[]): object[] =>
        asked.length === 0
          ? rows
          : rows.filter(row => 'user_id' in row && asked.includes(String(row.user_id)));
      switch (path) {
        // A full page has a cursor even where nothing follows; nothing has `pagination: {}`.
        case '/mock/channels/followers': {
          const rows = Array.from({ length: 100 }, (_, n) => ({
            ...person(n),
            followed_at: '2026-11-29T01:02:03Z',
          }));
          const isSecond = query.has('after');
          return server.answer(response, 200, {
            data: isSecond ? [] : pick(rows),
            total: 100,
            ...(!isSecond && asked.length === 0 && { pagination: { cursor: 'eyJvIjowLCJsIjoxMDB9' } }),
          });
        }
        case '/mock/moderation/moderators':
          return server.answer(response, 200, { data: pick([person(200), person(201)]) });
        case '/mock/channels/vips':
          return server.answer(response, 200, { data: pick([person(300)]) });
        case '/mock/subscriptions':
          return server.answer(response, 200, {
            data: pick([
              {
                broadcaster_id: OWNER_ID,
                broadcaster_login: 'owner',
                broadcaster_name: 'Owner',
                ...person(400),
                is_gift: false,
                gifter_id: SQL_NULL,
                gifter_name: null,
                gifter_login: SQL_NULL,
                tier: '1000',
                plan_name: 'Channel Subscription (owner)',
              },
              {
                ...person(401),
                is_gift: true,
                gifter_id: { String: '5', Valid: true },
                gifter_name: { String: 'Five', Valid: true },
                gifter_login: { String: 'five', Valid: true },
                tier: '3000',
                plan_name: 'x',
              },
            ]),
            total: 2,
            points: 2,
          });
        default:
          return server.answer(response, 404, 'not found');
      }
    };
  });

  afterEach(async () => {
    await server.stop();
    rig.dispose();
  });

  it('gives its followers, moderators, VIPs and subscriptions as the baseline, with a pasted token', async () => {
    const endpoints = {
      issuer: 'custom',
      websocketUrl: '',
      subscriptionsUrl: '',
      helixUrl: `http://${server.origin}/mock`,
      authUrl: `http://${server.origin}/auth`,
    };
    const common = { logger: rig.logger, clock: rig.clock, random: () => 0, send: rig.send };
    const account = createAccount({
      ...common,
      endpoints,
      store: new MemoryCredentialStore(),
      onChange: () => undefined,
    });
    await rig.during(account.signInWithToken('', 'pasted'));
    assert.equal(account.getTokens()?.clientId, CLIENT_ID);
    const helix = createHelixClient({ ...common, endpoints, clientId: () => CLIENT_ID, tokens: account });
    const recorder = new FakeSweepRecorder();
    const poller = createPoller({
      ...common,
      helix,
      recorder,
      channelId: OWNER_ID,
      userId: OWNER_ID,
      scopes: () => account.getTokens()?.scopes ?? null,
      options: {
        kinds: ['followers', 'roles', 'subscriptions'],
        followersMs: 60_000,
        rolesMs: 1_800_000,
        reconcileMs: 10_800_000,
      },
    });
    poller.start();
    await rig.until('all polled', () => poller.getStatus().every(({ last }) => last !== null), 60_000);
    assert.ok(poller.getStatus().every(({ last }) => last?.kind === 'ok' && last.isBaseline));
    const kinds = ['followers', 'moderators', 'vips', 'subscriptions'] as const;
    assert.deepEqual(
      kinds.map(kind => recorder.found(kind, 'baseline').length),
      [100, 2, 1, 2],
    );
    await rig.during(poller.runAll(new AbortController().signal, () => undefined));
    assert.equal(recorder.findings.filter(({ what }) => what !== 'baseline').length, 0);
    await poller.stop();
    helix.dispose();
    account.dispose();
  });
});

describe("hostile: the twitch CLI's event trigger, as its Go source writes it", () => {
  afterEach(strikeScenes);

  it('is handed on whatever its subscription is called; one without an event is still recorded', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    const subscription = {
      id: '82a855-fae8-93bff0',
      status: 'enabled',
      type: 'channel.subscription.gift',
      version: '1',
      condition: { broadcaster_user_id: '4711' },
      transport: { method: 'websocket', callback: 'null', session_id: peer.session },
      created_at: '2026-11-29T12:00:00.1Z',
      cost: 0,
    };
    const event = {
      user_id: '274598607',
      user_login: 'ananonymousgifter',
      user_name: 'ananonymousgifter',
      broadcaster_user_id: '4711',
      broadcaster_user_login: 'testBroadcaster',
      broadcaster_user_name: 'testBroadcaster',
      tier: '1000',
      total: 5,
      is_anonymous: true,
      cumulative_total: null,
    };
    const metadata = { subscription_type: subscription.type, subscription_version: '1' };
    peer.say('notification', { subscription, event }, metadata);
    peer.say('notification', { subscription: { ...subscription, status: 'user_removed' } }, metadata);
    await until('both', () => scene.events.length === 2);
    assert.deepEqual(JSON.parse(scene.events[0]?.eventJson ?? ''), event);
    assert.equal(scene.live, 8);
    assert.equal(scene.manager.getStatus().counters.badFrames, 0);
  });
});
