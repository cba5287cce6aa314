import * as assert from 'node:assert/strict';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import { closeStages, goLive, IDENTITY, setStage, until } from './stage';

const FOLLOW = { user_id: '7', user_login: 'ada', user_name: 'Ada', broadcaster_user_id: '1' };

describe('the manager on a real socket', () => {
  afterEach(closeStages);

  it('subscribes to all eight types with the session of the welcome, then says ready', async () => {
    const stage = await setStage();
    await goLive(stage);
    assert.deepEqual(stage.server.creates().toSorted(), EVENT_TYPES.toSorted());
    assert.deepEqual(stage.story, ['ready', 'gapClosed']);
    assert.equal(stage.live(), 8);
    const follow = stage.server.requests.find(({ body }) => body?.type === 'channel.follow');
    assert.ok(follow);
    assert.deepEqual(follow.body, {
      type: 'channel.follow',
      version: '2',
      condition: { broadcaster_user_id: '1', moderator_user_id: '1' },
      transport: { method: 'websocket', session_id: 'session-1' },
    });
    assert.equal(follow.headers.authorization, 'Bearer token');
    assert.equal(follow.headers['client-id'], 'client');
    assert.equal(stage.server.sockets[0]?.url, '/ws?keepalive_timeout_seconds=10');
  });

  it('hands on every event in order, with the time of the server and this machine', async () => {
    const stage = await setStage();
    await goLive(stage);
    const [served] = stage.server.sockets;
    for (let index = 0; index < 50; index++) {
      stage.server.notify(served!, 'channel.follow', { ...FOLLOW, user_id: String(index) });
    }
    await until('50 events', () => stage.events.length === 50);
    assert.deepEqual(
      stage.events.map(({ eventJson }) => (JSON.parse(eventJson) as { user_id: string }).user_id),
      Array.from({ length: 50 }, (_, index) => String(index)),
    );
    const [first] = stage.events;
    assert.ok(first);
    assert.equal(first.type, 'channel.follow');
    assert.equal(first.version, '2');
    assert.equal(first.isLate, false);
    assert.match(first.messageTimestamp, /123456Z$/);
    assert.equal(stage.manager.getStatus().counters.notifications, 50);
  });

  it('records what nobody here subscribed to, whoever the broadcaster is', async () => {
    const stage = await setStage();
    await goLive(stage);
    stage.server.notify(stage.server.sockets[0]!, 'channel.raid', { to_broadcaster_user_id: '999' });
    await until('the event', () => stage.events.length === 1);
    assert.deepEqual(
      stage.events.map(({ type, subscriptionId }) => [type, subscriptionId]),
      [['channel.raid', 'elsewhere']],
    );
  });

  it('sends nothing but pongs', async () => {
    const stage = await setStage();
    await goLive(stage);
    const [served] = stage.server.sockets;
    let pongs = 0;
    served!.socket.on('pong', () => pongs++);
    served!.socket.ping();
    served!.socket.ping();
    await until('two pongs', () => pongs === 2);
    assert.deepEqual(served!.inbound, []);
  });

  it('does not mind a server whose clock is off by hours, and knows a late message by that clock', async () => {
    const stage = await setStage();
    stage.server.clockOffMs = -7 * 3_600_000;
    await goLive(stage);
    const [served] = stage.server.sockets;
    stage.server.notify(served!, 'channel.follow', FOLLOW);
    const old = new Date(Date.now() + stage.server.clockOffMs - 11 * 60_000).toISOString();
    stage.server.notify(served!, 'channel.follow', FOLLOW, { message_timestamp: old });
    const recent = new Date(Date.now() + stage.server.clockOffMs - 9 * 60_000).toISOString();
    stage.server.notify(served!, 'channel.follow', FOLLOW, { message_timestamp: recent });
    await until('three events', () => stage.events.length === 3);
    assert.deepEqual(
      stage.events.map(({ isLate }) => isLate),
      [false, true, false],
    );
  });

  it('opens one socket however often it is asked to', async () => {
    const stage = await setStage();
    stage.manager.connect();
    stage.manager.connect();
    await goLive(stage).catch(() => undefined);
    await until('live', () => stage.live() === 8);
    stage.manager.connect();
    stage.manager.initialize({ ...IDENTITY });
    stage.manager.connect();
    stage.manager.retry(null);
    await until('all answered', () => stage.server.creates().length === 8);
    assert.equal(stage.server.sockets.length, 1);
  });

  it('starts anew for another identity, and nothing is left of the one before', async () => {
    const stage = await setStage();
    await goLive(stage);
    const before = stage.story.length;
    stage.manager.initialize({ ...IDENTITY, userId: '2', channelId: '2' });
    await until('the new session', () => stage.story.slice(before).includes('gapClosed'));
    await until('the old one closed', () => stage.server.sockets[0]?.closeCode === 1000);
    assert.equal(stage.server.sockets.length, 2);
    const last = stage.server.requests.findLast(({ body }) => body?.type === 'channel.follow');
    assert.equal(last?.body?.condition['broadcaster_user_id'], '2');
  });

  it('closes by hand and stays closed', async () => {
    const stage = await setStage();
    await goLive(stage);
    stage.manager.disconnect();
    assert.deepEqual(stage.manager.getStatus().session, { kind: 'idle', reason: 'disconnected' });
    await until('closed', () => stage.server.sockets[0]?.closeCode === 1000);
    assert.equal(stage.states()['channel.follow'], 'pending');
    assert.equal(stage.server.sockets.length, 1);
    await goLive(stage);
    assert.equal(stage.live(), 8);
  });

  it('stops where nothing is chosen, and where nobody is signed in', async () => {
    const nothing = await setStage({ events: [] });
    nothing.manager.connect();
    const { session } = nothing.manager.getStatus();
    assert.ok(session.kind === 'stopped' && session.reason.kind === 'nothingChosen');
    const nobody = await setStage({}, null);
    nobody.manager.connect();
    const stopped = nobody.manager.getStatus().session;
    assert.ok(stopped.kind === 'stopped' && stopped.reason.kind === 'noToken');
    const spent = await setStage({}, { getAccessToken: () => Promise.resolve(null) });
    spent.manager.connect();
    await until('stopped', () => spent.session() === 'stopped');
    assert.equal(spent.server.creates().length, 0);
  });

  it('stops at an address that is none', async () => {
    const endpoints = {
      issuer: 'x',
      websocketUrl: 'ws://example.com/ws',
      subscriptionsUrl: 'http://127.0.0.1:9/',
      helixUrl: null,
      authUrl: null,
    };
    const stage = await setStage({ endpoints });
    stage.manager.connect();
    const { session } = stage.manager.getStatus();
    assert.ok(session.kind === 'stopped' && session.reason.kind === 'badSetting');
  });

  it('subscribes and unsubscribes at once, and keeps to it on the next session', async () => {
    const stage = await setStage({ events: ['channel.follow'] });
    await goLive(stage);
    await stage.manager.subscribe('channel.vip.add');
    assert.equal(stage.states()['channel.vip.add'], 'live');
    await stage.manager.unsubscribe('channel.follow');
    assert.equal(stage.states()['channel.follow'], 'off');
    assert.deepEqual(
      stage.server.subscriptions.map(({ type }) => type),
      ['channel.vip.add'],
    );
    stage.server.sockets[0]!.socket.close(4000);
    await until('the next session', () => stage.server.creates().length === 3 && stage.live() === 1);
    assert.equal(stage.server.creates().at(-1), 'channel.vip.add');
  });

  it('stops when the last type goes, and connects when one is chosen again', async () => {
    const stage = await setStage({ events: ['channel.follow'] });
    await goLive(stage);
    await stage.manager.unsubscribe('channel.follow');
    const { session } = stage.manager.getStatus();
    assert.ok(session.kind === 'stopped' && session.reason.kind === 'nothingChosen');
    assert.deepEqual(stage.server.subscriptions, []);
    await until('closed', () => stage.server.sockets[0]?.closeCode === 1000);
    await stage.manager.subscribe('channel.subscribe');
    await until('live', () => stage.live() === 1);
    assert.equal(stage.server.sockets.length, 2);
  });

  it('tells a change at once and mere messages seldom', async () => {
    const stage = await setStage();
    await goLive(stage);
    await until('told', () => stage.statuses.at(-1)?.session.kind === 'live');
    const before = stage.statuses.length;
    for (let index = 0; index < 500; index++) {
      stage.server.notify(stage.server.sockets[0]!, 'channel.follow', FOLLOW);
    }
    await until('500 events', () => stage.events.length === 500);
    await until('told', () => stage.statuses.at(-1)?.counters.notifications === 500);
    assert.ok(stage.statuses.length - before < 50, `${stage.statuses.length - before} statuses`);
  });

  it('goes on when a listener fails', async () => {
    const stage = await setStage();
    stage.manager.on('event', () => {
      throw new Error('not my day');
    });
    await goLive(stage);
    stage.server.notify(stage.server.sockets[0]!, 'channel.follow', FOLLOW);
    stage.server.notify(stage.server.sockets[0]!, 'channel.follow', FOLLOW);
    await until('both events', () => stage.events.length === 2);
    assert.equal(stage.session(), 'live');
  });

  it('leaves no socket, request or timer when it is destroyed, whatever it was doing', async () => {
    const busy = (): string[] =>
      process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'TCPSocketWrap');
    // Mocha's own timer for this test begins once it has given way.
    await Promise.resolve();
    // What other files of this process have not let go of yet.
    const before = busy().length;
    for (const moment of ['connecting', 'hanging', 'live', 'retrying', 'waiting'] as const) {
      const stage = await setStage();
      const { server, manager } = stage;
      if (moment === 'hanging') server.receptions.push({ kind: 'handshakeHangs' });
      if (moment === 'waiting') server.receptions.push({ kind: 'http', status: 503 });
      if (moment === 'retrying') {
        server.answer = ({ body }) => (body?.type === 'channel.vip.add' ? { status: 503 } : undefined);
      }
      manager.connect();
      if (moment === 'live') await until('live', () => stage.live() === 8);
      if (moment === 'retrying') await until('seven live', () => stage.live() === 7);
      await manager.destroy();
      await manager.destroy();
      manager.connect();
      await closeStages();
    }
    await until('nothing left', () => busy().length <= before);
  });
});
