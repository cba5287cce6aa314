import assert from 'node:assert/strict';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { TokenSet } from '../../../src/shared/service';
import type { Simulator } from '../../../src/simulator/simulator';
import { bearer, closeAll, helix, listen, Listener, request, start, subscribe, until } from './twitch-client';

interface Listed {
  id: string;
  status: string;
  type: string;
  cost: number;
  transport: { session_id: string; connected_at: string; disconnected_at?: string };
}

async function list(simulator: Simulator, tokens: TokenSet, query: string): Promise<Listed[]> {
  const { status, body } = await helix(simulator, tokens, `/eventsub/subscriptions?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body['data'] as Listed[];
}

async function session(simulator: Simulator): Promise<string> {
  return new Listener(simulator.endpoints.websocketUrl).welcomed();
}

function remove(simulator: Simulator, tokens: TokenSet, query: string): ReturnType<typeof request> {
  return request(`${simulator.endpoints.subscriptionsUrl}${query}`, {
    method: 'DELETE',
    headers: bearer(tokens),
  });
}

describe('The subscriptions endpoint of the simulator', () => {
  afterEach(closeAll);

  it('answers 202 with exactly the documented fields and cost 0 for all eight types', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const sessionId = await session(simulator);
    for (const type of EVENT_TYPES) {
      const { status, body } = await subscribe(simulator, tokens, sessionId, type);
      assert.equal(status, 202);
      const { data, total, ...costs } = body as { data: Listed[]; total: number };
      assert.deepEqual(costs, { total_cost: 0, max_total_cost: 10 });
      assert.ok(total > 0);
      const fields = ['condition', 'cost', 'created_at', 'id', 'status', 'transport', 'type', 'version'];
      assert.deepEqual(Object.keys(data[0]!).sort(), fields);
      assert.deepEqual(Object.keys(data[0]!.transport), ['method', 'session_id', 'connected_at']);
      assert.equal(data[0]!.cost, 0);
    }
  });

  const badBodies: [string, Record<string, unknown>][] = [
    ['no type', { type: undefined }],
    ['a type that does not exist', { type: 'channel.unfollow' }],
    ['no version', { version: undefined }],
    ['version 1 of channel.follow', { version: '1' }],
    ['a version that is a number', { version: 2 }],
    ['no condition', { condition: undefined }],
    ['a condition that lacks the moderator', { condition: { broadcaster_user_id: '100300500' } }],
    [
      'a condition with a user who does not exist',
      { condition: { broadcaster_user_id: '1', moderator_user_id: '1' } },
    ],
    ['no transport', { transport: undefined }],
    ['an unknown method', { transport: { method: 'pigeon', session_id: 'x' } }],
    [
      'a webhook',
      { transport: { method: 'webhook', callback: 'https://a.example', secret: 'secretsecret' } },
    ],
    ['no session id', { transport: { method: 'websocket' } }],
  ];
  for (const [what, change] of badBodies) {
    it(`answers 400 to ${what}`, async () => {
      const simulator = await start();
      const sessionId = await session(simulator);
      const { status, body } = await subscribe(
        simulator,
        simulator.issueToken(),
        sessionId,
        'channel.follow',
        change,
      );
      assert.equal(status, 400);
      assert.deepEqual(Object.keys(body), ['error', 'status', 'message']);
      assert.equal(body['error'], 'Bad Request');
      assert.equal(body['status'], 400);
    });
  }

  it('answers 400 to what is not JSON and to a session that is not there', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { subscriptionsUrl } = simulator.endpoints;
    const headers = { ...bearer(tokens), 'Content-Type': 'application/json' };
    const broken = await request(subscriptionsUrl, { method: 'POST', headers, body: '{' });
    assert.equal(broken.status, 400);
    const gone = await subscribe(simulator, tokens, 'AQoQnone', 'channel.follow');
    assert.equal(gone.status, 400);
    const message = 'websocket transport session does not exist or has already disconnected';
    assert.equal(gone.body['message'], message);
  });

  it('answers 401 without a token, with a wrong one, and with another client id', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const url = `${simulator.endpoints.subscriptionsUrl}?status=enabled`;
    const wrong: Record<string, string>[] = [
      {},
      { ...bearer(tokens), Authorization: 'Bearer wrong' },
      { ...bearer(tokens), Authorization: `OAuth ${tokens.accessToken}` },
      { Authorization: `Bearer ${tokens.accessToken}` },
      { ...bearer(tokens), 'Client-Id': 'another' },
    ];
    for (const headers of wrong) {
      const { status, body } = await request(url, { headers });
      assert.equal(status, 401);
      assert.equal(body['error'], 'Unauthorized');
    }
  });

  it('answers 400 to an app access token', async () => {
    const simulator = await start();
    const sessionId = await session(simulator);
    const app = { ...simulator.issueToken(), accessToken: simulator.issueAppToken() };
    const { status, body } = await subscribe(simulator, app, sessionId, 'channel.follow');
    assert.equal(status, 400);
    assert.equal(body['message'], 'invalid transport and auth combination');
  });

  it("answers 403 without the scope, for another's channel, and for another moderator's name", async () => {
    const simulator = await start();
    const sessionId = await session(simulator);
    const bare = simulator.issueToken(['channel:read:vips']);
    assert.equal((await subscribe(simulator, bare, sessionId, 'channel.follow')).status, 403);
    assert.equal((await subscribe(simulator, bare, sessionId, 'channel.vip.add')).status, 202);
    const [viewer] = simulator.state().vips;
    const stranger = simulator.issueToken(undefined, viewer!.id);
    const other = await session(simulator);
    assert.equal((await subscribe(simulator, stranger, other, 'channel.vip.add')).status, 403);
    assert.equal((await subscribe(simulator, stranger, other, 'channel.follow')).status, 403);
    const condition = { broadcaster_user_id: simulator.channel.id, moderator_user_id: viewer!.id };
    const streamer = simulator.issueToken();
    const foreign = await subscribe(simulator, streamer, sessionId, 'channel.follow', { condition });
    assert.equal(foreign.status, 403);
  });

  it('lets a moderator subscribe to follows only, and revokes that when the role ends', async () => {
    const simulator = await start();
    const [moderator] = simulator.state().moderators;
    const tokens = simulator.issueToken(undefined, moderator!.id);
    const { listener, sessionId } = await listen(simulator, tokens, 'channel.follow');
    assert.equal((await subscribe(simulator, tokens, sessionId, 'channel.subscribe')).status, 403);
    await simulator.send({ type: 'channel.moderator.remove', viewer: moderator!.displayName, count: 1 });
    const { payload } = await listener.next('revocation');
    assert.equal(payload.subscription!.status, 'moderator_removed');
  });

  it('answers 400 to a second person on one socket', async () => {
    const simulator = await start();
    const { sessionId } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    const [moderator] = simulator.state().moderators;
    const other = simulator.issueToken(undefined, moderator!.id);
    assert.equal((await subscribe(simulator, other, sessionId, 'channel.follow')).status, 400);
  });

  it('answers 409 to the same subscription on the same session', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { sessionId } = await listen(simulator, tokens, 'channel.follow');
    const { status, body } = await subscribe(simulator, tokens, sessionId, 'channel.follow');
    assert.equal(status, 409);
    assert.equal(body['error'], 'Conflict');
  });

  it('answers 429 to a fourth equal subscription, orphans included', async () => {
    const simulator = await start({ limits: { connections: 10 } });
    const tokens = simulator.issueToken();
    simulator.faults.inject({ kind: 'orphans', count: 1 });
    const dead = await listen(simulator, tokens, 'channel.follow');
    dead.listener.socket.close();
    await until('the session is over', () => simulator.sessions().length === 0);
    await listen(simulator, tokens, 'channel.follow');
    await listen(simulator, tokens, 'channel.follow');
    const fourth = await subscribe(simulator, tokens, await session(simulator), 'channel.follow');
    assert.equal(fourth.status, 429);
    assert.equal(fourth.body['message'], 'maximum subscriptions with type and condition exceeded');
  });

  it('answers 429 to a fourth connection with enabled subscriptions, until one of the three ends', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const first = await listen(simulator, tokens, 'channel.follow');
    await listen(simulator, tokens, 'channel.follow');
    await listen(simulator, tokens, 'channel.vip.add');
    const fourth = await session(simulator);
    const refused = await subscribe(simulator, tokens, fourth, 'channel.subscribe');
    assert.equal(refused.status, 429);
    assert.equal(refused.body['message'], 'number of websocket transports limit exceeded');
    first.listener.socket.close();
    await until('one is over', () => simulator.sessions().length === 3);
    assert.equal((await subscribe(simulator, tokens, fourth, 'channel.subscribe')).status, 202);
  });

  it('counts the subscriptions of a connection and their cost', async () => {
    const simulator = await start({ limits: { subscriptionsPerConnection: 2, maxTotalCost: 1 } });
    const tokens = simulator.issueToken();
    const { sessionId } = await listen(simulator, tokens, 'channel.follow');
    const [one, two] = simulator.state().followers;
    const online = (id: string): ReturnType<typeof subscribe> =>
      subscribe(simulator, tokens, sessionId, 'channel.follow', {
        type: 'stream.online',
        version: '1',
        condition: { broadcaster_user_id: id },
      });
    const costly = await online(one!.id);
    assert.equal(costly.status, 202);
    assert.equal(costly.body['total_cost'], 1);
    assert.equal((await online(two!.id)).status, 429);
    assert.equal((await subscribe(simulator, tokens, sessionId, 'channel.vip.add')).status, 429);
  });

  it('lists by exactly one filter, oldest first, page by page', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    await listen(simulator, tokens, ...EVENT_TYPES);
    const seen: string[] = [];
    let after = '';
    do {
      const { body } = await helix(simulator, tokens, `/eventsub/subscriptions?status=enabled${after}`);
      assert.equal(body['total'], 8);
      seen.push(...(body['data'] as Listed[]).map(({ id }) => id));
      const { cursor } = body['pagination'] as { cursor?: string };
      after = cursor === undefined ? '' : `&after=${cursor}`;
    } while (after !== '');
    assert.equal(new Set(seen).size, 8);
    const [follow] = await list(simulator, tokens, 'type=channel.follow');
    assert.equal(follow!.type, 'channel.follow');
    assert.equal((await list(simulator, tokens, `subscription_id=${follow!.id}`)).length, 1);
    assert.equal((await list(simulator, tokens, `user_id=${tokens.userId}`)).length, 5);
    assert.equal((await list(simulator, tokens, 'user_id=1')).length, 0);
    for (const query of [
      '',
      '?status=enabled&type=channel.follow',
      '?status=on',
      '?status=enabled&after=x',
    ]) {
      const { status } = await helix(simulator, tokens, `/eventsub/subscriptions${query}`);
      assert.equal(status, 400, query);
    }
  });

  it("lists nobody else's subscriptions", async () => {
    const simulator = await start();
    await listen(simulator, simulator.issueToken(), 'channel.follow');
    const [moderator] = simulator.state().moderators;
    const other = simulator.issueToken(undefined, moderator!.id);
    assert.deepEqual(await list(simulator, other, 'status=enabled'), []);
  });

  it('shows disconnected_at only for what a disconnect ended', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener } = await listen(simulator, tokens, 'channel.follow');
    const [enabled] = await list(simulator, tokens, 'status=enabled');
    assert.ok(!('disconnected_at' in enabled!.transport));
    listener.socket.close();
    await until('the session is over', () => simulator.sessions().length === 0);
    const [ended] = await list(simulator, tokens, 'type=channel.follow');
    assert.equal(ended!.status, 'websocket_disconnected');
    assert.ok(ended!.transport.disconnected_at);
    await listen(simulator, tokens, 'channel.follow');
  });

  it('deletes by id with 204, and answers 400 and 404', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    await listen(simulator, tokens, 'channel.follow');
    const [record] = await list(simulator, tokens, 'status=enabled');
    assert.equal((await remove(simulator, tokens, '')).status, 400);
    assert.equal((await remove(simulator, tokens, `?id=${record!.id}&status=enabled`)).status, 400);
    assert.equal((await remove(simulator, tokens, '?id=none')).status, 404);
    assert.equal((await remove(simulator, tokens, `?id=${record!.id}`)).status, 204);
    assert.deepEqual(await list(simulator, tokens, 'status=enabled'), []);
  });

  it('fails on request: any status, slow, reset, lost answer; for one type or all, so many times', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const sessionId = await session(simulator);
    for (const status of [400, 401, 403, 409, 429, 500]) {
      const answer = { kind: 'status', status } as const;
      simulator.faults.inject({
        kind: 'http',
        route: 'createSubscription',
        type: 'channel.follow',
        answer,
        count: 1,
      });
      assert.equal((await subscribe(simulator, tokens, sessionId, 'channel.follow')).status, status);
    }
    const route = 'createSubscription';
    simulator.faults.inject({ kind: 'http', route, answer: { kind: 'reset' }, count: 1 });
    await assert.rejects(subscribe(simulator, tokens, sessionId, 'channel.follow'));
    simulator.faults.inject({ kind: 'http', route, answer: { kind: 'lostAnswer' }, count: 1 });
    await assert.rejects(subscribe(simulator, tokens, sessionId, 'channel.follow'));
    simulator.faults.inject({ kind: 'http', route, answer: { kind: 'slow', ms: 10 }, count: 1 });
    assert.equal((await subscribe(simulator, tokens, sessionId, 'channel.follow')).status, 409);
  });

  it('answers unknown paths with 404 in the form of the API', async () => {
    const simulator = await start();
    const { status, body } = await helix(simulator, simulator.issueToken(), '/channels/editors');
    assert.equal(status, 404);
    assert.deepEqual(body, { error: 'Not Found', status: 404, message: '' });
    const oauth = await request(`${simulator.endpoints.authUrl}/authorize`);
    assert.deepEqual(oauth.body, { status: 404, message: '' });
  });
});
