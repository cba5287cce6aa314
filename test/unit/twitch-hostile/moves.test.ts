import * as assert from 'node:assert/strict';
import { setScene, strikeScenes, turns, until, type Scene } from './scene';
import type { Peer } from './raw-peer';

const moveUrl = (scene: Scene, from: Peer): string =>
  `ws://${scene.server.origin}/ws?challenge=x&id=${from.session}`;

/** All eight types live on the one socket that is open, and an event of it arrives once. */
async function assertWhole(scene: Scene): Promise<void> {
  const { server } = scene;
  await until(
    'one live socket',
    () => scene.session === 'live' && scene.live === 8 && server.open.length === 1,
  );
  await turns();
  assert.equal(server.enabled().length, 8);
  const [peer] = server.open;
  assert.ok(server.enabled().every(({ transport }) => transport.session_id === peer?.session));
  const before = scene.events.length;
  const id = peer?.notify('channel.follow');
  await until('heard', () => scene.events.length > before);
  await turns();
  assert.equal(scene.events.filter(({ messageId }) => messageId === id).length, 1);
}

describe('hostile: a move', () => {
  afterEach(strikeScenes);

  for (const [name, id] of [
    ['the same session id', true],
    ['another session id', false],
  ] as const) {
    it(`to ${name} keeps every subscription, loses no event and creates nothing`, async () => {
      const scene = await setScene();
      const old = await scene.goLive();
      const { server } = scene;
      server.greet = () => undefined;
      old.move(moveUrl(scene, old));
      await until('the new one', () => server.peers.length === 2);
      assert.equal(server.peer(1).url, `/ws?challenge=x&id=${old.session}`);
      old.notify('channel.follow');
      const session = old.session;
      server.peer(1).welcome({ keepalive_timeout_seconds: null }, id ? session : 'another');
      old.notify('channel.subscribe');
      server.peer(1).notify('channel.vip.add');
      await until('old closed', () => old.isGone);
      await until('all three', () => scene.events.length === 3);
      assert.equal(server.posts().length, 8);
      server.peer(1).revoke('channel.vip.add', 'version_removed');
      await until('revoked', () => scene.stateOf('channel.vip.add').kind === 'revoked');
      assert.equal(scene.live, 7);
      assert.ok(server.mostOpen <= 2);
    });
  }

  it('to the very address that we are at is made', async () => {
    const scene = await setScene();
    const old = await scene.goLive();
    old.move(`ws://${scene.server.origin}${old.url}`);
    await until('old closed', () => old.isGone);
    assert.equal(scene.server.peer(1).url, old.url);
    assert.equal(scene.session, 'live');
  });

  it('that is announced twice is made once, and a chain of them ends whole', async () => {
    const scene = await setScene();
    const first = await scene.goLive();
    first.move(moveUrl(scene, first));
    first.move(moveUrl(scene, first));
    await until('moved', () => first.isGone && scene.session === 'live');
    assert.equal(scene.server.peers.length, 2);
    for (let hop = 0; hop < 5; hop++) {
      const peer = scene.server.open[0];
      assert.ok(peer);
      peer.move(moveUrl(scene, peer));
      await until('moved on', () => {
        scene.clock.skip(100);
        return peer.isGone && scene.session === 'live';
      });
    }
    await assertWhole(scene);
    assert.equal(scene.server.posts().length, 8);
    assert.ok(scene.server.mostOpen <= 2);
  });

  it('that is announced anew while it rests goes to the newest address', async () => {
    const scene = await setScene({ timings: { backoff: { baseMs: 1000, capMs: 1000 } } });
    await scene.goLive();
    for (let hop = 0; hop < 2; hop++) {
      const peer = scene.server.peer(-1);
      peer.move(moveUrl(scene, peer));
      await until('moved', () => peer.isGone && scene.session === 'live');
    }
    const peer = scene.server.peer(-1);
    peer.move(`ws://${scene.server.origin}/stale?id=${peer.session}`);
    await until('resting', () => scene.session === 'handover');
    peer.move(`ws://${scene.server.origin}/fresh?id=${peer.session}`);
    await turns();
    await scene.pass(16_000);
    await until('moved', () => peer.isGone);
    assert.match(scene.server.peer(3).url, /^\/fresh/);
  });

  for (const [name, url] of Object.entries({
    'no address': null,
    'an empty address': '',
    'a number': 5,
    'an object': { url: 'ws://127.0.0.1/ws' },
    'another host': 'wss://evil.example/ws',
    http: 'http://127.0.0.1/ws',
    'a file': 'file:///etc/passwd',
    'a closed port': 'ws://127.0.0.1:1/ws',
    credentials: 'ws://a:b@127.0.0.1/ws',
  })) {
    it(`to ${name} falls back to the base address and subscribes anew`, async () => {
      const scene = await setScene();
      const old = await scene.goLive();
      old.move(url);
      await until('back', () => old.isGone && scene.server.posts().length === 16);
      await assertWhole(scene);
      assert.ok(scene.server.mostOpen <= 2);
    });
  }

  it('whose new socket is refused, never upgraded or never welcomed falls back as well', async () => {
    for (const fault of ['refused', 'hangs', 'unwelcomed', 'redirected']) {
      const scene = await setScene();
      const old = await scene.goLive();
      const { server } = scene;
      server.door = (socket, url) => {
        if (!url.includes('id=')) return false;
        if (fault === 'refused') socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
        if (fault === 'redirected')
          socket.end('HTTP/1.1 302 No\r\nLocation: /ws\r\nContent-Length: 0\r\n\r\n');
        return fault !== 'unwelcomed';
      };
      server.greet = peer => {
        if (!peer.url.includes('id=')) peer.welcome();
      };
      old.move(moveUrl(scene, old));
      await until('moving', () => scene.logger.lines.some(line => line.includes('→ handover')));
      for (let waited = 0; waited < 22_000 && old.isOpen; waited += 1000) {
        await scene.hear(old);
        await scene.pass(1000);
      }
      await assertWhole(scene);
      assert.equal(server.posts().length, 16, fault);
      await scene.strike();
    }
  });

  it('in the midst of subscribing asks again under the new session, and only for what has no answer', async () => {
    const scene = await setScene();
    const { server } = scene;
    const held: (() => void)[] = [];
    server.script = asked => {
      if (asked.method === 'POST' && server.posts().length > 4) held.push(() => server.work(asked));
      return asked.method === 'POST' && server.posts().length > 4;
    };
    scene.manager.connect();
    await until('half way', () => held.length === 4 && scene.live === 4);
    const old = server.peer(0);
    server.script = () => false;
    old.move(moveUrl(scene, old));
    await until('moved', () => old.isGone);
    for (const release of held) release();
    await assertWhole(scene);
    assert.equal(server.posts().length, 12);
    assert.equal(scene.count('ready'), 1);
  });

  it('loses no revocation around it', async () => {
    const scene = await setScene();
    const old = await scene.goLive();
    const { server } = scene;
    server.greet = () => undefined;
    old.revoke('channel.follow', 'authorization_revoked');
    old.move(moveUrl(scene, old));
    old.revoke('channel.subscribe', 'user_removed');
    await until('moving', () => server.peers.length === 2);
    old.revoke('channel.subscription.end', 'a_status_of_the_future');
    server.peer(1).welcome();
    old.revoke('channel.subscription.gift', 'moderator_removed');
    server.peer(1).revoke('channel.vip.add', 'chat_user_banned');
    server.peer(1).revoke('channel.vip.add', 'chat_user_banned');
    server.peer(1).revoke('channel.raid', 'version_removed');
    await until('all five', () => scene.live === 3);
    assert.deepEqual(
      scene.manager
        .getStatus()
        .subscriptions.flatMap(({ state }) => (state.kind === 'revoked' ? state.status : [])),
      [
        'authorization_revoked',
        'user_removed',
        'a_status_of_the_future',
        'moderator_removed',
        'chat_user_banned',
      ],
    );
    assert.equal(scene.session, 'live');
  });

  it('announced by a socket that is doubted, or by the second one, leaves one whole session', async () => {
    for (const who of [0, 1]) {
      const scene = await setScene();
      await scene.goLive();
      const { server } = scene;
      server.greet = () => undefined;
      await scene.pass(11_000);
      await until('doubted', () => server.peers.length === 2 && scene.session === 'doubting');
      server.greet = peer => peer.welcome();
      const [first, second] = [server.peer(0), server.peer(1)];
      if (who === 1) second.welcome();
      const peer = server.peer(who);
      peer.move(moveUrl(scene, peer));
      await until('over', () => first.isGone && second.isGone);
      await assertWhole(scene);
      await scene.strike();
    }
  });
});

describe('hostile: silence', () => {
  afterEach(strikeScenes);

  it('with the connection alive is found out after 10.5 s and not sooner; pings are no life', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    await scene.pass(10_000);
    peer.write(Buffer.from([0x89, 0x00]));
    assert.equal(scene.server.peers.length, 1);
    await scene.pass(1000);
    await until('a second', () => scene.server.peers.length === 2);
    await assertWhole(scene);
  });

  it('that ends before the second is welcomed costs nothing', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    scene.server.greet = () => undefined;
    await scene.pass(11_000);
    await until('a second', () => scene.server.peers.length === 2);
    peer.notify('channel.follow');
    await until('heard', () => scene.events.length === 1);
    scene.server.peer(1).welcome();
    await until('closed', () => scene.server.peer(1).isGone);
    assert.equal(scene.server.posts().length, 8);
    await assertWhole(scene);
  });

  it('is not ended by what was sent before it began', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    await scene.hear(peer);
    scene.server.greet = () => undefined;
    await scene.pass(11_000);
    await until('a second', () => scene.server.peers.length === 2);
    await scene.hear(peer, { message_timestamp: '2020-01-01T00:00:00.123456789Z' });
    scene.server.peer(1).welcome();
    await until('replaced', () => peer.isGone);
    await assertWhole(scene);
  });

  for (const hours of [-9, -1, 1, 9]) {
    it(`is suspected where the wall clock jumps by ${hours} h, and a socket that lives is kept`, async () => {
      const scene = await setScene();
      const peer = await scene.goLive();
      scene.server.greet = () => undefined;
      scene.clock.wallOffMs += hours * 3_600_000;
      await scene.pass(1100);
      await until('a second', () => scene.server.peers.length === 2);
      await new Promise(resolve => setTimeout(resolve, 5));
      scene.server.offMs += 2000;
      await scene.hear(peer);
      scene.server.peer(1).welcome();
      await until('kept', () => scene.server.peer(1).isGone && scene.session === 'live');
      assert.equal(scene.server.posts().length, 8);
      await assertWhole(scene);
    });
  }

  it('of both sockets is given up, and comes back when the network does', async () => {
    const scene = await setScene();
    const peer = await scene.goLive();
    scene.server.door = () => true;
    await scene.pass(25_000);
    await until('given up', () => peer.isGone);
    scene.server.door = () => false;
    await until('back', () => {
      scene.clock.skip(50);
      return scene.live === 8;
    });
    await assertWhole(scene);
  });
});
