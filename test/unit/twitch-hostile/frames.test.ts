import * as assert from 'node:assert/strict';
import { setScene, strikeScenes, turns, until } from './scene';

describe('hostile: a welcome', () => {
  afterEach(strikeScenes);

  for (const [name, session] of Object.entries({
    'without anything but its id': {
      status: undefined,
      connected_at: undefined,
      keepalive_timeout_seconds: undefined,
      reconnect_url: undefined,
      recovery_url: undefined,
    },
    'with keepalive null': { keepalive_timeout_seconds: null },
    'with keepalive 0': { keepalive_timeout_seconds: 0 },
    'with keepalive below zero': { keepalive_timeout_seconds: -5 },
    'with keepalive as a text': { keepalive_timeout_seconds: '10' },
    'with keepalive that is an object': { keepalive_timeout_seconds: {} },
    'with a huge keepalive': { keepalive_timeout_seconds: 1e300 },
    'with a tiny keepalive': { keepalive_timeout_seconds: 1e-9 },
    'with unknown fields': { cell: 'a', nested: { deep: [1, 2, 3] }, keepalive_timeout_seconds: 10 },
  })) {
    it(`${name} is one, and a socket that falls silent after it is replaced, neither at once nor never`, async () => {
      const scene = await setScene();
      scene.server.greet = peer => peer.welcome(session);
      await scene.goLive();
      assert.equal(scene.live, 8);
      await scene.pass(900);
      assert.equal(scene.server.peers.length, 1);
      scene.server.greet = peer => peer.welcome();
      const isReplaced = (): boolean => scene.server.peers.length > 1;
      for (let waited = 0; waited < 640_000 && !isReplaced(); waited += 5000) await scene.pass(5000);
      await until(
        'replaced',
        () => scene.server.peers.length === 2 && scene.session === 'live' && scene.live === 8,
      );
    });
  }

  it('that comes twice changes nothing', async () => {
    const scene = await setScene();
    scene.server.greet = peer => {
      peer.welcome();
      peer.welcome({ keepalive_timeout_seconds: 600 }, peer.session);
    };
    await scene.goLive();
    await turns();
    assert.equal(scene.server.posts().length, 8);
    assert.equal(scene.live, 8);
  });

  it('that is late is waited for, and too late is given up', async () => {
    const scene = await setScene();
    scene.server.greet = () => undefined;
    scene.manager.connect();
    await until('open', () => scene.session === 'awaitingWelcome');
    await scene.pass(9000);
    scene.server.peer(0).welcome();
    await until('live', () => scene.live === 8);
    scene.manager.disconnect();
    scene.manager.connect();
    await until('open', () => scene.session === 'awaitingWelcome');
    await scene.pass(10_100);
    await until('another', () => scene.server.peers.length >= 3);
  });

  it('without an id is none', async () => {
    const scene = await setScene();
    scene.server.greet = peer => peer.welcome({ id: undefined });
    scene.manager.connect();
    await until('counted', () => scene.manager.getStatus().counters.badFrames === 1);
    scene.server.greet = peer => peer.welcome();
    await scene.pass(10_100);
    await until('given up', () => scene.logger.lines.some(line => line.includes('→ waiting')));
    await until('live', () => scene.live === 8);
  });

  it('may come after other frames, whose events are not lost', async () => {
    const scene = await setScene();
    scene.server.greet = peer => {
      peer.keepalive();
      peer.notify('channel.follow');
      peer.revoke('channel.follow', 'user_removed');
      peer.move('ws://127.0.0.1:1/ws');
      peer.text('not JSON');
      peer.welcome();
    };
    await scene.goLive();
    assert.equal(scene.events.length, 1);
    assert.equal(scene.live, 8);
    assert.equal(scene.server.peers.length, 1);
  });
});

describe('hostile: frames', () => {
  afterEach(strikeScenes);

  it('of the wrong shape are counted, told with the next status, and never end the session', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    const metadata = { message_id: 'm', message_timestamp: '2026-01-01T00:00:00Z' };
    const bad = [
      '',
      'null',
      '[]',
      '"text"',
      '1',
      '{}',
      '{"metadata":null,"payload":null}',
      '{"metadata":[],"payload":{}}',
      JSON.stringify({ metadata: { ...metadata, message_type: 7 }, payload: {} }),
      JSON.stringify({ metadata: { ...metadata, message_type: 'notification' }, payload: null }),
      JSON.stringify({
        metadata: { ...metadata, message_type: 'notification' },
        payload: { subscription: [] },
      }),
      JSON.stringify({
        metadata: { ...metadata, message_type: 'session_welcome' },
        payload: { session: null },
      }),
      `{"metadata":{"message_id":"m","message_type":"notification","message_timestamp":"t"},"payload":${'['.repeat(20_000)}`,
    ];
    let told = 0;
    scene.manager.on('status', status => (told = status.counters.badFrames));
    for (const text of bad) peer.text(text);
    await until('all counted', () => scene.manager.getStatus().counters.badFrames === bad.length);
    scene.clock.skip(300);
    await until('told', () => told === bad.length);
    peer.notify('channel.follow');
    await until('the event', () => scene.events.length === 1);
    assert.equal(scene.server.peers.length, 1);
  });

  it('of unknown types are counted and count as life', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    for (let second = 0; second < 60; second += 9) {
      const before = scene.manager.getStatus().counters.unknownMessages;
      peer.say('session_future', { session: { id: 'x' } });
      await until('heard', () => scene.manager.getStatus().counters.unknownMessages > before);
      await scene.pass(9000);
    }
    assert.equal(scene.server.peers.length, 1);
  });

  it('that break the WebSocket protocol end the socket, and the session comes back', async () => {
    const scene = await setScene();
    const peers = [
      Buffer.from([0xff, 0x00]),
      Buffer.from([0x81, 0x80, 1, 2, 3, 4]),
      Buffer.from([0x81, 0x02, 0xc3, 0x28]),
      Buffer.from([0x81, 0x7f, 0, 0, 1, 0, 0, 0, 0, 0]),
    ];
    await scene.goLive();
    for (const bytes of peers) {
      const peer = scene.server.peer(-1);
      const before = scene.count('gapClosed');
      peer.write(bytes);
      await until('back', () => scene.count('gapClosed') > before && scene.live === 8);
    }
    assert.ok(scene.manager.getStatus().counters.badFrames >= 4);
  });

  it('sent twice, or of types that were unsubscribed, are handed on as often as they were sent', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    await scene.manager.unsubscribe('channel.follow');
    const id = peer.notify('channel.follow');
    for (let copy = 0; copy < 4; copy++) {
      peer.say(
        'notification',
        { subscription: { id: 's', type: 'channel.follow', version: '2' }, event: {} },
        { message_id: id },
      );
    }
    await until('all', () => scene.events.length === 5);
    await turns();
    assert.equal(new Set(scene.events.map(({ messageId }) => messageId)).size, 1);
  });

  it('with a server clock off by hours or without sense never make a live session doubtful', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    for (const message_timestamp of ['9999-12-31T23:59:59Z', '1970-01-01T00:00:00Z', 'yesterday', '']) {
      await scene.hear(peer, { message_timestamp });
      await scene.pass(9000);
    }
    for (const offMs of [-7 * 3_600_000, 7 * 3_600_000, -86_400_000]) {
      scene.server.offMs = offMs;
      await scene.hear(peer);
      await scene.pass(9000);
    }
    assert.equal(scene.session, 'live');
    assert.equal(scene.server.peers.length, 1);
  });

  it('are answered by nothing but pongs and the closing handshake', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    peer.write(Buffer.from([0x89, 0x01, 0x61]));
    peer.write(Buffer.from([0x8a, 0x00]));
    peer.notify('channel.follow');
    await until('a pong', () => peer.opcodes.includes(10));
    scene.manager.disconnect();
    await until('closed', () => peer.opcodes.includes(8));
    assert.deepEqual(new Set(peer.opcodes), new Set([10, 8]));
  });
});
