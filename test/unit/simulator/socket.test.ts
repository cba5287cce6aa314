import assert from 'node:assert/strict';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import { FakeClock } from './fake-clock';
import { closeAll, helix, listen, Listener, start, subscribe, until } from './twitch-client';

const NANOSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

describe('The EventSub socket of the simulator', () => {
  afterEach(closeAll);

  it('welcomes with exactly the documented fields', async () => {
    const simulator = await start();
    const listener = new Listener(simulator.endpoints.websocketUrl);
    const { metadata, payload } = await listener.next('session_welcome');
    assert.deepEqual(Object.keys(metadata).sort(), ['message_id', 'message_timestamp', 'message_type']);
    assert.match(metadata['message_timestamp']!, NANOSECONDS);
    assert.deepEqual(Object.keys(payload), ['session']);
    const { id, connected_at: connectedAt, ...rest } = payload.session!;
    assert.ok(id.length > 10);
    assert.match(String(connectedAt), NANOSECONDS);
    assert.deepEqual(rest, { status: 'connected', keepalive_timeout_seconds: 10, reconnect_url: null });
  });

  it('brings keepalive_timeout_seconds into 10 to 600 and refuses what is not a number', async () => {
    const simulator = await start();
    const cases = [
      ['5', 10],
      ['10', 10],
      ['90', 90],
      ['600', 600],
      ['601', 600],
    ] as const;
    for (const [asked, granted] of cases) {
      const listener = new Listener(`${simulator.endpoints.websocketUrl}?keepalive_timeout_seconds=${asked}`);
      const { payload } = await listener.next('session_welcome');
      assert.equal(payload.session!['keepalive_timeout_seconds'], granted);
    }
    const refused = new Listener(`${simulator.endpoints.websocketUrl}?keepalive_timeout_seconds=soon`);
    await until('refusal', () => refused.failure !== null);
    assert.match(refused.failure!, /400/);
  });

  it('closes with 4003 when nothing was subscribed to within the window', async () => {
    const simulator = await start({ timings: { subscribeWindowMs: 40 } });
    const listener = new Listener(simulator.endpoints.websocketUrl);
    assert.equal(await listener.closed(), 4003);
  });

  it('keeps a session that subscribed within the window', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    clock.advance(25_000);
    await listener.next('session_keepalive', 2);
    assert.equal(listener.closeCode, null);
  });

  it('closes with 4001 when the client sends a message, and when it sends a ping', async () => {
    const simulator = await start();
    const talker = new Listener(simulator.endpoints.websocketUrl);
    await talker.welcomed();
    talker.socket.send('hello');
    assert.equal(await talker.closed(), 4001);
    const pinger = new Listener(simulator.endpoints.websocketUrl);
    await pinger.welcomed();
    pinger.socket.ping();
    assert.equal(await pinger.closed(), 4001);
  });

  it('closes with 4002 when pings stay unanswered, and not when they are answered', async () => {
    const simulator = await start({ timings: { pingEveryMs: 400 } });
    const good = new Listener(simulator.endpoints.websocketUrl);
    const bad = new Listener(simulator.endpoints.websocketUrl, { autoPong: false });
    assert.equal(await bad.closed(), 4002);
    await until('more pings', () => good.pings > 2);
    assert.equal(good.closeCode, null);
  });

  it('sends a keepalive with an empty payload only when no notification went out in the window', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    clock.advance(9_000);
    await simulator.send({ type: 'channel.follow', viewer: 'Ada', count: 1 });
    await listener.next('notification');
    clock.advance(9_000);
    await simulator.send({ type: 'channel.follow', viewer: 'Grace', count: 1 });
    await listener.next('notification', 2);
    assert.equal(listener.of('session_keepalive').length, 0);
    clock.advance(10_000);
    assert.deepEqual((await listener.next('session_keepalive')).payload, {});
    clock.advance(10_000);
    await listener.next('session_keepalive', 2);
  });

  it('sends every type with the documented fields', async () => {
    const simulator = await start();
    const { listener, sessionId } = await listen(simulator, simulator.issueToken(), ...EVENT_TYPES);
    const user = ['user_id', 'user_login', 'user_name'];
    const broadcaster = ['broadcaster_user_id', 'broadcaster_user_login', 'broadcaster_user_name'];
    const fields: Record<string, string[]> = {
      'channel.follow': ['followed_at'],
      'channel.subscribe': ['tier', 'is_gift'],
      'channel.subscription.end': ['tier', 'is_gift'],
      'channel.subscription.gift': ['total', 'tier', 'cumulative_total', 'is_anonymous'],
    };
    await simulator.scenes.oneOfEach();
    await listener.next('notification', 9);
    for (const type of EVENT_TYPES) {
      const frame = listener
        .of('notification')
        .find(({ metadata }) => metadata['subscription_type'] === type)!;
      assert.equal(frame.metadata['subscription_version'], type === 'channel.follow' ? '2' : '1');
      assert.deepEqual(
        Object.keys(frame.payload.event!).sort(),
        [...user, ...broadcaster, ...(fields[type] ?? [])].sort(),
      );
      const { id, created_at: createdAt, condition, ...rest } = frame.payload.subscription!;
      assert.ok(id && createdAt && condition);
      const transport = { method: 'websocket', session_id: sessionId };
      const version = frame.metadata['subscription_version'];
      assert.deepEqual(rest, { status: 'enabled', type, version, cost: 0, transport });
    }
  });

  it('names nobody and no sum in an anonymous gift', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.subscription.gift');
    await simulator.scenes.giftBomb(2, { isAnonymous: true });
    const { event } = (await listener.next('notification')).payload;
    assert.equal(event!['user_id'], null);
    assert.equal(event!['user_login'], null);
    assert.equal(event!['cumulative_total'], null);
    assert.equal(event!['is_anonymous'], true);
    assert.equal(event!['total'], 2);
  });

  it('gives followed_at nanoseconds on the socket and whole seconds in Helix', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener } = await listen(simulator, tokens, 'channel.follow');
    await simulator.send({ type: 'channel.follow', viewer: 'Ada', count: 1 });
    const onSocket = String((await listener.next('notification')).payload.event!['followed_at']);
    const { body } = await helix(simulator, tokens, `/channels/followers?broadcaster_id=${tokens.userId}`);
    const [newest] = body['data'] as { user_name: string; followed_at: string }[];
    assert.equal(newest!.user_name, 'Ada');
    assert.match(onSocket, NANOSECONDS);
    assert.equal(newest!.followed_at, `${onSocket.slice(0, 19)}Z`);
  });

  it('answers only a loopback host and only below its random path', async () => {
    const simulator = await start();
    const { websocketUrl } = simulator.endpoints;
    const rebound = new Listener(websocketUrl, { headers: { Host: 'evil.example' } });
    await until('refusal', () => rebound.failure !== null);
    assert.match(rebound.failure!, /403/);
    const guessed = new Listener(`ws://${new URL(websocketUrl).host}/ws`);
    await until('refusal', () => guessed.failure !== null);
    assert.match(guessed.failure!, /404/);
  });

  it('delivers one event to every session that subscribed to it', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const one = await listen(simulator, tokens, 'channel.follow');
    const two = await listen(simulator, tokens, 'channel.follow');
    await simulator.send({ type: 'channel.follow', viewer: 'Ada', count: 1 });
    const [first, second] = [
      await one.listener.next('notification'),
      await two.listener.next('notification'),
    ];
    assert.deepEqual(first.payload.event, second.payload.event);
    assert.notEqual(first.metadata['message_id'], second.metadata['message_id']);
  });

  it('sends nothing of a type that was not subscribed to', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener, sessionId } = await listen(simulator, tokens, 'channel.vip.add');
    await simulator.send({ type: 'channel.follow', viewer: 'Ada', count: 3 });
    await subscribe(simulator, tokens, sessionId, 'channel.follow');
    await simulator.send({ type: 'channel.follow', viewer: 'Grace', count: 1 });
    await listener.next('notification');
    assert.equal(listener.of('notification')[0]!.payload.event!['user_name'], 'Grace');
  });
});
