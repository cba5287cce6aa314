import assert from 'node:assert/strict';
import type { Fault } from '../../../src/simulator/simulator';
import { FakeClock } from './fake-clock';
import { closeAll, helix, listen, Listener, start, until } from './twitch-client';

const follow = { type: 'channel.follow', viewer: 'Ada', count: 1 } as const;

describe('Socket faults of the simulator', () => {
  afterEach(closeAll);

  const closes = [
    [4000, 'websocket_internal_error'],
    [4001, 'websocket_received_inbound_traffic'],
    [4002, 'websocket_failed_ping_pong'],
    [4003, 'websocket_connection_unused'],
    [4004, 'websocket_failed_to_reconnect'],
    [4005, 'websocket_network_timeout'],
    [4006, 'websocket_network_error'],
    [4007, 'websocket_failed_to_reconnect'],
    [1001, 'websocket_disconnected'],
  ] as const;
  for (const [code, status] of closes) {
    it(`closes with ${code} and disables the subscriptions as ${status}`, async () => {
      const simulator = await start();
      const tokens = simulator.issueToken();
      const { listener } = await listen(simulator, tokens, 'channel.follow');
      simulator.faults.inject({ kind: 'close', code });
      assert.equal(await listener.closed(), code);
      const { body } = await helix(simulator, tokens, `/eventsub/subscriptions?status=${status}`);
      const [record] = body['data'] as { transport: { disconnected_at: string } }[];
      assert.match(record!.transport.disconnected_at, /Z$/);
    });
  }

  it('terminates without a close frame', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'terminate' });
    assert.equal(await listener.closed(), 1006);
  });

  it('falls silent on the sockets of the moment, and later says what it held back', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const tokens = simulator.issueToken();
    const { listener: mute } = await listen(simulator, tokens, 'channel.follow');
    simulator.faults.inject({ kind: 'silentPeer', sockets: 'current', frames: 'held' });
    const { listener: heard } = await listen(simulator, tokens, 'channel.follow');
    await simulator.send(follow);
    clock.advance(10_000);
    await heard.next('session_keepalive');
    assert.equal(mute.frames.length, 1);
    simulator.faults.clear();
    await mute.next('notification');
    await mute.next('session_keepalive');
  });

  it('sends a welcome late or never, and leaves or breaks handshakes', async () => {
    const simulator = await start();
    const { websocketUrl } = simulator.endpoints;
    simulator.faults.inject({ kind: 'lateWelcome', ms: 20, count: 1 });
    await new Listener(websocketUrl).welcomed();
    simulator.faults.inject({ kind: 'noWelcome', count: 1 });
    const unwelcome = new Listener(websocketUrl);
    await until('open', () => unwelcome.socket.readyState === unwelcome.socket.OPEN);
    simulator.faults.inject({ kind: 'handshakeRefused', status: 503, count: 1 });
    const refused = new Listener(websocketUrl);
    await until('refused', () => refused.failure !== null);
    assert.match(refused.failure!, /503/);
    simulator.faults.inject({ kind: 'handshakeReset', count: 1 });
    const reset = new Listener(websocketUrl);
    await until('reset', () => reset.failure !== null);
    simulator.faults.inject({ kind: 'handshakeHangs', count: 1 });
    const pair = [new Listener(websocketUrl), new Listener(websocketUrl)];
    await until('one is welcomed', () => pair.some(({ frames }) => frames.length > 0));
    assert.ok(pair.some(({ socket }) => socket.readyState === socket.CONNECTING));
    assert.equal(unwelcome.frames.length, 0);
  });

  it('repeats a message under the same id, and an event from another subscription', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'duplicate', count: 1 });
    await simulator.send(follow);
    await listener.next('notification', 2);
    assert.equal(listener.texts.at(-1), listener.texts.at(-2));
    simulator.faults.inject({ kind: 'otherSubscription', count: 1 });
    await simulator.send(follow);
    const third = await listener.next('notification', 3);
    const fourth = await listener.next('notification', 4);
    assert.deepEqual(third.payload.event, fourth.payload.event);
    assert.notEqual(third.metadata['message_id'], fourth.metadata['message_id']);
    assert.notEqual(third.payload.subscription!.id, fourth.payload.subscription!.id);
    await simulator.send(follow);
    await listener.next('notification', 5);
    assert.equal(listener.of('notification').length, 5);
  });

  it('dates messages back, and can run on a clock that is wrong by hours', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'oldTimestamp', ageMs: 3_600_000, count: 1 });
    await simulator.send(follow);
    const old = Date.parse((await listener.next('notification')).metadata['message_timestamp']!);
    assert.ok(Math.abs(Date.now() - 3_600_000 - old) < 60_000);
    simulator.faults.inject({ kind: 'clockOff', ms: 7_200_000 });
    await simulator.send(follow);
    const { metadata, payload } = await listener.next('notification', 2);
    for (const text of [metadata['message_timestamp'], payload.event!['followed_at']]) {
      assert.ok(Math.abs(Date.now() + 7_200_000 - Date.parse(String(text))) < 60_000);
    }
  });

  it('revokes with the status asked for, without an event, once', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener } = await listen(simulator, tokens, 'channel.follow', 'channel.vip.add');
    simulator.faults.inject({ kind: 'revoke', type: 'channel.follow', status: 'user_removed' });
    const { metadata, payload } = await listener.next('revocation');
    assert.deepEqual(Object.keys(payload), ['subscription']);
    assert.equal(payload.subscription!.status, 'user_removed');
    assert.equal(metadata['subscription_type'], 'channel.follow');
    assert.equal(metadata['subscription_version'], '2');
    assert.deepEqual(simulator.sessions()[0]!.subscriptions, ['channel.vip.add']);
    const { body } = await helix(simulator, tokens, '/eventsub/subscriptions?status=user_removed');
    assert.equal((body['data'] as unknown[]).length, 1);
  });

  it('sends each odd frame and stays connected', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    const frames = [
      'badJson',
      'empty',
      'notAnObject',
      'wrongShape',
      'wrongEvent',
      'unknownMessageType',
      'unknownEventType',
      'binary',
      'huge',
    ] as const;
    for (const frame of [...frames, { raw: 'zzz' }]) simulator.faults.inject({ kind: 'oddFrame', frame });
    await until('all frames', () => listener.texts.length === 1 + frames.length + 1);
    assert.equal(listener.texts.at(-1), 'zzz');
    assert.ok(listener.texts.at(-2)!.length > 4_000_000);
    assert.equal(listener.closeCode, null);
  });

  it('adds unknown fields at every level, and storms with pings', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'extraFields' });
    await simulator.send(follow);
    const frame: object = await listener.next('notification');
    assert.ok('trace' in frame);
    assert.ok('added_later' in (await listener.next('notification')).payload.event!);
    simulator.faults.inject({ kind: 'pingStorm', pings: 60 });
    await until('the storm is over', () => listener.pings >= 60);
    assert.equal(listener.failure, null);
    assert.equal(listener.closeCode, null);
  });

  it('leaves subscriptions of dead sessions enabled when asked for orphans', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const orphans: Fault = { kind: 'orphans', count: 1 };
    simulator.faults.inject(orphans);
    const { listener } = await listen(simulator, tokens, 'channel.follow');
    listener.socket.close();
    await until('the session is over', () => simulator.sessions().length === 0);
    const { body } = await helix(simulator, tokens, '/eventsub/subscriptions?status=enabled');
    assert.equal((body['data'] as unknown[]).length, 1);
  });
});
