import assert from 'node:assert/strict';
import type { Simulator } from '../../../src/simulator/simulator';
import { FakeClock } from './fake-clock';
import { closeAll, helix, listen, Listener, start, until } from './twitch-client';

/** Injects a move and answers where the client is told to go. */
async function askToMove(listener: Listener, count = 1): Promise<string> {
  return (await listener.next('session_reconnect', count)).payload.session!.reconnect_url!;
}

async function follow(simulator: Simulator, viewer: string): Promise<void> {
  await simulator.send({ type: 'channel.follow', viewer, count: 1 });
}

describe('A reconnect of the simulator', () => {
  afterEach(closeAll);

  it('sends session_reconnect with exactly the documented fields', async () => {
    const simulator = await start();
    const { listener, sessionId } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect' });
    const { session } = (await listener.next('session_reconnect')).payload;
    assert.deepEqual(Object.keys(session!), [
      'id',
      'status',
      'connected_at',
      'keepalive_timeout_seconds',
      'reconnect_url',
    ]);
    assert.equal(session!.id, sessionId);
    assert.equal(session!.status, 'reconnecting');
    assert.equal(session!['keepalive_timeout_seconds'], null);
    assert.ok(session!.reconnect_url!.startsWith(simulator.endpoints.websocketUrl));
  });

  it('delivers on the old socket until the welcome on the new one, then on the new one alone', async () => {
    const simulator = await start();
    const { listener: old } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect' });
    const url = await askToMove(old);
    await follow(simulator, 'Ada');
    await old.next('notification');
    const fresh = new Listener(url);
    await fresh.welcomed();
    await follow(simulator, 'Grace');
    await fresh.next('notification');
    assert.equal(old.of('notification').length, 1);
    assert.equal(old.closeCode, null);
    assert.equal(simulator.sessions()[0]!.sockets, 2);
    old.socket.close();
    await until('the old socket is gone', () => simulator.sessions()[0]?.sockets === 1);
    assert.deepEqual(simulator.sessions()[0]!.subscriptions, ['channel.follow']);
  });

  for (const sessionId of ['same', 'new'] as const) {
    it(`moves the subscriptions over with the ${sessionId} session id`, async () => {
      const simulator = await start();
      const tokens = simulator.issueToken();
      const { listener: old, sessionId: oldId } = await listen(simulator, tokens, 'channel.vip.add');
      simulator.faults.inject({ kind: 'reconnect', sessionId });
      const fresh = new Listener(await askToMove(old));
      const newId = await fresh.welcomed();
      assert.equal(newId === oldId, sessionId === 'same');
      const { body } = await helix(simulator, tokens, '/eventsub/subscriptions?status=enabled');
      const [record] = body['data'] as { transport: { session_id: string } }[];
      assert.equal(record!.transport.session_id, newId);
    });
  }

  it('ends the old socket with 4004 after the grace time, and the subscriptions if nobody moved', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const tokens = simulator.issueToken();
    const { listener } = await listen(simulator, tokens, 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect' });
    await askToMove(listener);
    clock.advance(29_999);
    assert.deepEqual(simulator.sessions()[0]!.subscriptions, ['channel.follow']);
    clock.advance(1);
    assert.equal(await listener.closed(), 4004);
    const { body } = await helix(simulator, tokens, '/eventsub/subscriptions?type=channel.follow');
    const [record] = body['data'] as { status: string; transport: { disconnected_at?: string } }[];
    assert.equal(record!.status, 'websocket_failed_to_reconnect');
    assert.ok(record!.transport.disconnected_at);
  });

  it('ends an old socket that was never closed with 4004 and leaves the new one alone', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const { listener: old } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect' });
    const fresh = new Listener(await askToMove(old));
    await fresh.welcomed();
    clock.advance(30_000);
    assert.equal(await old.closed(), 4004);
    await follow(simulator, 'Ada');
    await fresh.next('notification');
    assert.equal(fresh.closeCode, null);
  });

  it('closes with 4007 for a URL that is late, used before, changed or made up', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const tokens = simulator.issueToken();
    const { listener: old } = await listen(simulator, tokens, 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect' });
    const url = await askToMove(old);
    assert.equal(await new Listener(`${url}&keepalive_timeout_seconds=30`).closed(), 4007);
    const made = `${simulator.endpoints.websocketUrl}?challenge=abc&id=def`;
    assert.equal(await new Listener(made).closed(), 4007);
    const fresh = new Listener(url);
    await fresh.welcomed();
    assert.equal(await new Listener(url).closed(), 4007);
    simulator.faults.inject({ kind: 'reconnect' });
    const late = await askToMove(fresh);
    clock.advance(30_000);
    assert.equal(await new Listener(late).closed(), 4007);
  });

  it('closes the new socket with 4007 when the old one was closed before the welcome', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const { listener: old } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect' });
    simulator.faults.inject({ kind: 'lateWelcome', ms: 5_000, count: 1 });
    const fresh = new Listener(await askToMove(old));
    await until('open', () => fresh.socket.readyState === fresh.socket.OPEN);
    old.socket.close();
    await until('the session is over', () => simulator.sessions().length === 0);
    clock.advance(5_000);
    assert.equal(await fresh.closed(), 4007);
  });

  it('can chain, point nowhere, stay without a welcome, and name a foreign host', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    let { listener } = await listen(simulator, tokens, 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect', chain: 2 });
    for (let move = 0; move < 3; move++) {
      const fresh = new Listener(await askToMove(listener));
      await fresh.welcomed();
      listener.socket.close();
      listener = fresh;
    }
    assert.deepEqual(simulator.sessions()[0]!.subscriptions, ['channel.follow']);
    simulator.faults.inject({ kind: 'reconnect', to: { url: 'wss://evil.example/ws' } });
    assert.equal(await askToMove(listener), 'wss://evil.example/ws');
    simulator.faults.inject({ kind: 'reconnect', to: 'refused' });
    const nowhere = new Listener(await askToMove(listener, 2));
    await until('refused', () => nowhere.failure !== null);
    simulator.faults.inject({ kind: 'reconnect', to: 'unknownChallenge' });
    assert.equal(await new Listener(await askToMove(listener, 3)).closed(), 4007);
    simulator.faults.inject({ kind: 'reconnect', to: 'noWelcome' });
    const mute = new Listener(await askToMove(listener, 4));
    await until('open', () => mute.socket.readyState === mute.socket.OPEN);
    await follow(simulator, 'Ada');
    await listener.next('notification');
    assert.equal(mute.frames.length, 0);
  });

  it('does not count a moved session twice toward the three connections', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener: old } = await listen(simulator, tokens, 'channel.follow');
    simulator.faults.inject({ kind: 'reconnect' });
    await new Listener(await askToMove(old)).welcomed();
    await listen(simulator, tokens, 'channel.follow');
    await listen(simulator, tokens, 'channel.follow');
    assert.equal(simulator.sessions().length, 3);
  });
});
