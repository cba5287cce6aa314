import * as assert from 'node:assert/strict';
import { until, closeStages, goLive, setStage, type Stage } from './stage';

/**
 * Shapes of the official `twitch` CLI's mock server (`twitch event websocket start-server`), which differ from
 * Twitch's: nanoseconds without trailing zeros, no `pagination.cursor`, 400 for a missing client id, its own words.
 */
async function setCliStage(identity: Parameters<typeof setStage>[1] = {}): Promise<Stage> {
  const stage = await setStage({}, { getAccessToken: () => Promise.resolve(''), clientId: '', ...identity });
  const { server } = stage;
  server.pageSize = 1000;
  server.receptions.push({
    kind: 'welcome',
    sessionId: '1f2e3d4c_5b6a7980',
    keepaliveSeconds: 10,
    extra: { status: 'connected', reconnect_url: null, connected_at: '2026-11-29T12:00:00.12345Z' },
  });
  server.answer = ({ headers, body }) => {
    if (!headers['client-id']) {
      const message = 'Client-Id header required';
      return { status: 400, body: { error: 'Unauthorized', message, status: 401 } };
    }
    // What this server does not offer.
    if (body?.type.startsWith('channel.vip')) {
      const message = 'The combination of values in the type and version fields is not valid';
      return { status: 400, body: { error: 'Bad Request', message, status: 400 } };
    }
    return body?.type === 'channel.subscription.end'
      ? { status: 410, body: { error: 'Gone', status: 410 } }
      : undefined;
  };
  return stage;
}

describe("the manager against the twitch CLI's mock server", () => {
  afterEach(closeStages);

  it('connects without a token or a client id, and shows what is not offered', async () => {
    const stage = await setCliStage();
    await goLive(stage);
    assert.equal(stage.live(), 5);
    const refused = stage.manager.getStatus().subscriptions.filter(({ state }) => state.kind === 'refused');
    assert.deepEqual(
      refused.map(({ type }) => type),
      ['channel.subscription.end', 'channel.vip.add', 'channel.vip.remove'],
    );
  });

  it('records what its trigger command sends, whatever the version, the broadcaster or the precision', async () => {
    const stage = await setCliStage();
    await goLive(stage);
    const [served] = stage.server.sockets;
    const subscription = {
      id: '82a855-fae8-93bff0',
      status: 'enabled',
      type: 'channel.ban',
      version: '1',
      condition: { broadcaster_user_id: '4711' },
      transport: { method: 'websocket', session_id: '1f2e3d4c_5b6a7980' },
      created_at: '2026-11-29T12:00:00.1Z',
      cost: 0,
    };
    for (const message_timestamp of [
      '2026-11-29T12:00:01Z',
      '2026-11-29T12:00:01.5Z',
      '2026-11-29T12:00:01.123456789Z',
    ]) {
      const metadata = { subscription_type: 'channel.ban', subscription_version: '1', message_timestamp };
      stage.server.send(served!, 'notification', { subscription, event: { user_id: '9' } }, metadata);
    }
    stage.server.send(served!, 'notification', { subscription });
    stage.server.send(served!, 'session_keepalive', {});
    await until('four events and a keepalive', () => stage.manager.getStatus().counters.keepalives === 1);
    assert.deepEqual(
      stage.events.map(({ type, eventJson }) => [type, eventJson]),
      [...Array.from({ length: 3 }, () => ['channel.ban', '{"user_id":"9"}']), ['channel.ban', 'null']],
    );
    assert.equal(stage.manager.getStatus().counters.badFrames, 0);
  });

  it('moves with its reconnect, whose old socket falls silent at once', async () => {
    const stage = await setCliStage();
    await goLive(stage);
    const { server } = stage;
    server.receptions.push({ kind: 'welcome', sessionId: 'aaaaaaaa_bbbbbbbb', keepaliveSeconds: 10 });
    const reconnect_url = `${server.websocketUrl}?reconnect_id=MWYyZTNkNGNfNWI2YTc5OD`;
    server.send(server.sockets[0]!, 'session_reconnect', {
      session: {
        id: '1f2e3d4c_5b6a7980',
        status: 'reconnecting',
        keepalive_timeout_seconds: null,
        reconnect_url,
        connected_at: '2026-11-29T12:00:00.12345Z',
      },
    });
    await until('moved', () => server.sockets[0]!.closeCode === 1000);
    assert.equal(server.sockets[1]!.url, '/ws?reconnect_id=MWYyZTNkNGNfNWI2YTc5OD');
    assert.equal(server.creates().length, 8);
    assert.equal(stage.live(), 5);
    assert.equal(stage.session(), 'live');
  });

  it('takes its "already exists" for what it is: ours, on this very session', async () => {
    const stage = await setCliStage();
    await goLive(stage);
    const answer = stage.server.answer;
    stage.server.answer = request =>
      request.method === 'POST'
        ? { status: 409, body: { error: 'Conflict', message: 'Subscription … already exists', status: 409 } }
        : answer(request);
    await stage.manager.unsubscribe('channel.follow');
    stage.server.subscriptions.push({
      id: 'made elsewhere',
      status: 'enabled',
      type: 'channel.follow',
      version: '2',
      cost: 0,
      condition: { broadcaster_user_id: '1', moderator_user_id: '1' },
      created_at: '2026-11-29T12:00:00.1Z',
      transport: { method: 'websocket', session_id: '1f2e3d4c_5b6a7980' },
    });
    await stage.manager.subscribe('channel.follow');
    assert.equal(stage.states()['channel.follow'], 'live');
  });
});
