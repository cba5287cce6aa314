import * as assert from 'node:assert/strict';
import type { EventType } from '../../../src/shared/catalogue';
import type { Reply, ServedRequest, ServedSubscription } from './scene-server';
import { SkipClock } from './skip-clock';
import { closeStages, goLive, IDENTITY, setStage, until, type Stage } from './stage';

const TYPES: readonly EventType[] = ['channel.follow', 'channel.vip.add'];

/** Answers the creation of one type with a status and message. */
function refusing(
  type: EventType,
  status: number,
  message = 'no',
): (request: ServedRequest) => Reply | undefined {
  return ({ body }) => (body?.type === type ? { status, body: { error: 'x', status, message } } : undefined);
}

function stateOf(stage: Stage, type: EventType): unknown {
  return stage.manager.getStatus().subscriptions.find(each => each.type === type)?.state;
}

function served(
  type: EventType,
  sessionId: string,
  changes: Partial<ServedSubscription> = {},
): ServedSubscription {
  return {
    id: `old-${type}-${sessionId}`,
    status: 'enabled',
    type,
    version: '1',
    cost: 0,
    condition: { broadcaster_user_id: '1', moderator_user_id: '1' },
    created_at: '2026-11-29T09:00:00Z',
    transport: { method: 'websocket', session_id: sessionId, connected_at: '2026-11-29T08:59:59Z' },
    ...changes,
  };
}

/** Refuses a type with a status as long as one of the kind is in the list of another session. */
function guarding(stage: Stage, status: number): (request: ServedRequest) => Reply | undefined {
  return ({ method, body }) =>
    method === 'POST' && stage.server.subscriptions.some(each => each.type === body?.type)
      ? { status, body: { error: 'x', status, message: 'subscription already exists' } }
      : undefined;
}

describe('subscribing', () => {
  afterEach(closeStages);

  for (const status of [400, 403, 410]) {
    it(`shows a ${status} and goes on with the others`, async () => {
      const stage = await setStage({ events: TYPES });
      stage.server.answer = refusing('channel.follow', status, 'not for you');
      await goLive(stage);
      assert.deepEqual(stateOf(stage, 'channel.follow'), { kind: 'refused', status, message: 'not for you' });
      assert.equal(stage.states()['channel.vip.add'], 'live');
      assert.deepEqual(stage.story, ['ready', 'gapClosed']);
      assert.equal(stage.server.creates().length, 2);
    });
  }

  it('does not try what a scope is known to be missing for, and tries it when the scope is there', async () => {
    const stage = await setStage({ events: TYPES }, { grantedScopes: ['moderator:read:followers'] });
    await goLive(stage);
    assert.deepEqual(stage.server.creates(), ['channel.follow']);
    assert.deepEqual(stateOf(stage, 'channel.vip.add'), { kind: 'missingScope', scope: 'channel:read:vips' });
    stage.manager.initialize({
      ...IDENTITY,
      grantedScopes: ['moderator:read:followers', 'channel:manage:vips'],
    });
    await until('the type is live', () => stage.live() === 2);
    assert.equal(stage.server.sockets.length, 1);
  });

  it('says which scope is missing for what was revoked, and subscribes again once it is granted', async () => {
    const stage = await setStage({ events: TYPES }, { grantedScopes: null });
    await goLive(stage);
    const found = stage.server.subscriptions.find(({ type }) => type === 'channel.vip.add');
    const subscription = { ...found, status: 'authorization_revoked' };
    stage.server.send(stage.server.sockets[0]!, 'revocation', { subscription });
    await until('revoked', () => stage.states()['channel.vip.add'] === 'revoked');
    const granted = ['moderator:read:followers'];
    stage.manager.initialize({ ...IDENTITY, grantedScopes: granted });
    assert.deepEqual(stateOf(stage, 'channel.vip.add'), { kind: 'missingScope', scope: 'channel:read:vips' });
    assert.equal(stage.states()['channel.follow'], 'live');
    stage.manager.initialize({ ...IDENTITY, grantedScopes: [...granted, 'channel:read:vips'] });
    await until('the type is live', () => stage.live() === 2);
  });

  it("does not try what only the owner can subscribe to on another's channel", async () => {
    const stage = await setStage({ events: TYPES }, { channelId: '2' });
    await goLive(stage);
    assert.deepEqual(stage.server.creates(), ['channel.follow']);
    assert.equal(stage.states()['channel.vip.add'], 'ownerOnly');
    assert.deepEqual(stage.server.requests[0]?.body?.condition, {
      broadcaster_user_id: '2',
      moderator_user_id: '1',
    });
  });

  it('renews a refused token once for all types and goes on with the new one', async () => {
    let token = 'old';
    const renewed: string[] = [];
    const stage = await setStage(
      {},
      {
        getAccessToken: () => Promise.resolve(token),
        renewAccessToken: refused => {
          renewed.push(refused);
          return new Promise(resolve =>
            setImmediate(() => {
              token = 'new';
              resolve(token);
            }),
          );
        },
      },
    );
    stage.server.answer = ({ headers }) =>
      headers.authorization === 'Bearer new'
        ? undefined
        : { status: 401, body: { message: 'Invalid OAuth token' } };
    await goLive(stage);
    assert.equal(stage.live(), 8);
    assert.deepEqual(renewed, ['old']);
  });

  it('stops where the token is not valid and cannot be renewed, without a loop', async () => {
    for (const renewAccessToken of [null, () => Promise.resolve(null), () => Promise.resolve('also bad')]) {
      const stage = await setStage({ events: TYPES }, renewAccessToken ? { renewAccessToken } : {});
      stage.server.answer = () => ({ status: 401, body: { message: 'Invalid OAuth token' } });
      stage.manager.connect();
      await until('stopped', () => stage.session() === 'stopped');
      const { session } = stage.manager.getStatus();
      assert.ok(session.kind === 'stopped' && session.reason.kind === 'tokenInvalid');
      assert.equal(stage.server.sockets.length, 1);
    }
  });

  it('stops when everything is refused, though the server then closes with 4003, and connects on demand', async () => {
    const stage = await setStage({ events: TYPES });
    const { server } = stage;
    server.answer = ({ method }) => {
      if (method === 'POST') setImmediate(() => server.sockets[0]?.socket.close(4003));
      return { status: 403, body: { message: 'subscription missing proper authorization' } };
    };
    stage.manager.connect();
    await until('stopped', () => stage.session() === 'stopped');
    const { session } = stage.manager.getStatus();
    assert.ok(session.kind === 'stopped' && session.reason.kind === 'everythingRefused');
    await until('closed', () => server.sockets[0]!.closeCode !== null);
    assert.equal(stage.states()['channel.follow'], 'refused');
    assert.equal(server.sockets.length, 1);
    server.answer = () => undefined;
    stage.manager.retry('channel.follow');
    await until('live', () => stage.live() === 2);
  });

  it('tries a 5xx and a broken connection again within the window', async () => {
    const stage = await setStage({ events: TYPES });
    const failures: Reply[] = [{ status: 500 }, { status: 503 }, { status: null }, { status: 502 }];
    stage.server.answer = ({ method }) => (method === 'POST' ? failures.shift() : undefined);
    await goLive(stage);
    assert.equal(stage.live(), 2);
    assert.deepEqual(stage.story, ['ready', 'gapClosed']);
  });

  it('takes what was created though its answer was lost', async () => {
    const stage = await setStage({ events: ['channel.follow'] });
    let isFirst = true;
    const guard = guarding(stage, 409);
    stage.server.answer = request => {
      if (isFirst && request.method === 'POST') {
        isFirst = false;
        return { status: null };
      }
      return guard(request);
    };
    await goLive(stage);
    assert.equal(stage.live(), 1);
    assert.equal(stage.server.subscriptions.length, 1);
    assert.equal(stage.server.requests.filter(({ method }) => method === 'DELETE').length, 0);
  });

  it('shows what failed after the window, and tries it later while the session lives', async () => {
    const clock = new SkipClock();
    const stage = await setStage({ events: TYPES, clock, timings: { subscribeWindowMs: 0 } });
    stage.server.answer = refusing('channel.follow', 503, 'overloaded');
    await goLive(stage);
    assert.deepEqual(stateOf(stage, 'channel.follow'), {
      kind: 'refused',
      status: 503,
      message: 'overloaded',
    });
    stage.server.answer = () => undefined;
    clock.skip(60);
    await until('live later', () => stage.live() === 2);
    assert.deepEqual(stage.story, ['ready', 'gapClosed', 'gapClosed']);
  });

  it('comes back with a backoff where nothing lives for reasons that pass', async () => {
    const stage = await setStage({ events: TYPES, timings: { subscribeWindowMs: 0 } });
    stage.server.answer = ({ method }) => (method === 'POST' ? { status: 503 } : undefined);
    stage.manager.connect();
    await until('three tries', () => stage.server.sockets.length >= 3);
    stage.server.answer = () => undefined;
    await until('live', () => stage.live() === 2);
    assert.ok(stage.story.includes('disconnected waiting'));
  });

  it('reconnects where the session does not exist any more', async () => {
    for (const message of [
      'websocket transport session does not exist or has already disconnected',
      'non-existent session_id',
    ]) {
      const stage = await setStage({ events: TYPES });
      let refusals = 2;
      stage.server.answer = ({ method }) =>
        method === 'POST' && refusals-- > 0 ? { status: 400, body: { message } } : undefined;
      await goLive(stage);
      await until('live', () => stage.live() === 2);
      assert.equal(stage.server.sockets.length, 2);
      assert.equal(stage.errors.filter(({ kind }) => kind === 'refused').length, 0);
    }
  });

  it('waits for the rate limit instead of calling it a conflict', async () => {
    const stage = await setStage({ events: ['channel.follow'] });
    let refusals = 1;
    stage.server.answer = ({ method }) =>
      method === 'POST' && refusals-- > 0
        ? { status: 429, headers: { 'Ratelimit-Remaining': '0' }, body: { message: 'Too Many Requests' } }
        : undefined;
    await goLive(stage);
    assert.equal(stage.live(), 1);
    assert.equal(stage.server.requests.filter(({ method }) => method === 'GET').length, 0);
  });

  for (const status of [409, 429]) {
    it(`deletes only our own dead ones after a ${status}, and creates once more`, async () => {
      const stage = await setStage({
        events: ['channel.follow'],
        sessionMemory: { list: () => ['held-before'], remember: () => undefined },
      });
      stage.server.subscriptions.push(
        served('channel.vip.add', 'someone', { id: 'other type, alive' }),
        served('channel.follow', 'gone', { id: 'failed', status: 'websocket_network_error' }),
        served('channel.follow', 'held-before', { id: 'ours before' }),
        served('channel.follow', 'x', {
          id: 'disconnected',
          transport: { method: 'websocket', session_id: 'x', disconnected_at: '2026-11-29T10:00:00Z' },
        }),
      );
      stage.server.answer = guarding(stage, status);
      await goLive(stage);
      assert.equal(stage.live(), 1);
      assert.deepEqual(
        stage.server.subscriptions.map(({ id }) => id).filter(id => !id.startsWith('subscription-')),
        ['other type, alive'],
      );
      assert.equal(stage.server.creates().length, 2);
      const lists = stage.server.requests.filter(({ method }) => method === 'GET').map(({ url }) => url);
      assert.deepEqual(lists, [
        '/eventsub/subscriptions?user_id=1',
        '/eventsub/subscriptions?user_id=1&after=2',
      ]);
    });

    it(`says who holds the slots after a ${status}, and never deletes a live one of theirs`, async () => {
      const stage = await setStage({ events: TYPES });
      const theirs = served('channel.follow', 'their-session');
      stage.server.subscriptions.push(theirs);
      stage.server.answer = request =>
        request.body?.type === 'channel.follow' ? guarding(stage, status)(request) : undefined;
      await goLive(stage);
      assert.deepEqual(stateOf(stage, 'channel.follow'), {
        kind: 'slotsHeld',
        holders: [{ createdAt: '2026-11-29T09:00:00Z', connectedAt: '2026-11-29T08:59:59Z' }],
        message: 'subscription already exists',
      });
      assert.ok(stage.server.subscriptions.includes(theirs));
      assert.equal(stage.states()['channel.vip.add'], 'live');
      stage.server.subscriptions.splice(stage.server.subscriptions.indexOf(theirs), 1);
      stage.manager.retry('channel.follow');
      await until('live', () => stage.live() === 2);
    });
  }

  it('leaves webhooks and other channels alone', async () => {
    const stage = await setStage({ events: ['channel.follow'] });
    stage.server.subscriptions.push(
      served('channel.follow', 'x', {
        id: 'webhook',
        status: 'webhook_callback_verification_failed',
        transport: { method: 'webhook', session_id: '' },
      }),
      served('channel.follow', 'x', {
        id: 'other channel',
        status: 'websocket_disconnected',
        condition: { broadcaster_user_id: '2', moderator_user_id: '1' },
      }),
    );
    stage.server.answer = refusing('channel.follow', 409);
    stage.manager.connect();
    await until('stopped', () => stage.session() === 'stopped');
    assert.equal(stage.states()['channel.follow'], 'slotsHeld');
    assert.equal(stage.server.subscriptions.length, 2);
  });

  it('does not lose a revocation that comes before the answer to the creation', async () => {
    const stage = await setStage({ events: TYPES });
    const { server } = stage;
    stage.server.answer = ({ body }) => {
      if (body?.type !== 'channel.follow') return undefined;
      const subscription = { ...served('channel.follow', 'session-1'), id: 'fated', status: 'user_removed' };
      server.send(server.sockets[0]!, 'revocation', { subscription });
      return { status: 202, body: { data: [{ ...subscription, status: 'enabled' }] } };
    };
    await goLive(stage);
    await until('revoked', () => stage.states()['channel.follow'] === 'revoked');
    assert.equal(stage.live(), 1);
  });

  it('takes any answer of success, and a revocation by type where it named no id', async () => {
    const stage = await setStage({ events: TYPES });
    stage.server.answer = ({ body }) => (body?.type === 'channel.follow' ? { status: 200 } : undefined);
    await goLive(stage);
    assert.equal(stage.live(), 2);
    const subscription = { ...served('channel.follow', 'session-1'), status: 'version_removed' };
    stage.server.send(stage.server.sockets[0]!, 'revocation', { subscription });
    await until('revoked', () => stage.states()['channel.follow'] === 'revoked');
  });

  it('stops when the last one is revoked', async () => {
    const stage = await setStage({ events: ['channel.follow'] });
    await goLive(stage);
    const subscription = { ...stage.server.subscriptions[0], status: 'authorization_revoked' };
    stage.server.send(stage.server.sockets[0]!, 'revocation', { subscription });
    await until('stopped', () => stage.session() === 'stopped');
    assert.equal(stage.states()['channel.follow'], 'revoked');
  });

  it('deletes what is unsubscribed while its creation is under way', async () => {
    const stage = await setStage({ events: TYPES });
    stage.manager.connect();
    await until('subscribing', () => stage.server.creates().length === 2);
    await stage.manager.unsubscribe('channel.follow');
    await until('deleted', () => stage.server.subscriptions.every(({ type }) => type === 'channel.vip.add'));
    await until('live', () => stage.live() === 1);
    assert.equal(stage.states()['channel.follow'], 'off');
  });
});
