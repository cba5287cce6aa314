import * as assert from 'node:assert/strict';
import { typeOf, type Asked, type Listed } from './raw-server';
import { OWNER, setScene, strikeScenes, turns, until, type Scene } from './scene';

const isPost = ({ method }: Asked): boolean => method === 'POST';

function listed(type: string, session: string, changes: Partial<Listed> = {}): Listed {
  const id = `${type} on ${session}`;
  const condition = {
    broadcaster_user_id: '1',
    ...(type === 'channel.follow' && { moderator_user_id: '1' }),
  };
  return {
    id,
    status: 'enabled',
    type,
    version: type === 'channel.follow' ? '2' : '1',
    cost: 0,
    condition,
    created_at: '2026-01-01T00:00:00Z',
    transport: { method: 'websocket', session_id: session, connected_at: '2026-01-01T00:00:00Z' },
    ...changes,
  };
}

/** Creating is refused as long as another of the type is listed on another session. */
function refuseWhileHeld(scene: Scene, status: number, message: string): void {
  scene.server.script = asked => {
    if (!isPost(asked)) return false;
    const type = typeOf(asked.text);
    const isHeld = [...scene.server.subscriptions.values()].some(
      each => each.type === type && !scene.server.isHeld(each.transport.session_id),
    );
    return isHeld && scene.server.fail(asked.response, status, message);
  };
}

describe('hostile: a conflict', () => {
  afterEach(strikeScenes);

  for (const [status, message] of [
    [409, 'subscription already exists'],
    [429, 'number of websocket transports limit exceeded'],
    [429, 'maximum subscriptions with type and condition exceeded'],
  ] as const) {
    it(`${status} "${message}": our dead go, a foreign live one is named, all else lives`, async () => {
      const scene = await setScene({ sessionMemory: { list: () => ['ours'], remember: () => undefined } });
      const { subscriptions } = scene.server;
      for (const each of [
        listed('channel.follow', 'ours'),
        listed('channel.subscribe', 'x', { status: 'websocket_disconnected' }),
        listed('channel.vip.add', 'theirs'),
      ]) {
        subscriptions.set(each.id, each);
      }
      refuseWhileHeld(scene, status, message);
      await scene.goLive();
      assert.equal(scene.live, 7);
      const state = scene.stateOf('channel.vip.add');
      assert.ok(state.kind === 'slotsHeld' && state.holders.length === 1 && state.message === message);
      assert.ok(subscriptions.has('channel.vip.add on theirs'));
      assert.ok(!subscriptions.has('channel.follow on ours'));
      assert.ok(scene.server.asked.filter(({ method }) => method === 'DELETE').length === 2);
    });
  }

  it('whose dead one cannot be deleted at once is tried again, and is not called held', async () => {
    const scene = await setScene({ events: ['channel.follow'] });
    const dead = listed('channel.follow', 'x', { status: 'websocket_network_error' });
    scene.server.subscriptions.set(dead.id, dead);
    refuseWhileHeld(scene, 409, 'subscription already exists');
    const { script } = scene.server;
    let left = 2;
    scene.server.script = asked =>
      asked.method === 'DELETE' && left-- > 0
        ? scene.server.fail(asked.response, 500, 'oops')
        : script(asked);
    await scene.goLive();
    assert.equal(scene.live, 1);
    assert.equal(scene.server.peers.length, 1);
  });

  for (const [name, cursors] of Object.entries({
    'to itself': ['a', 'a'],
    'to and fro': ['a', 'b', 'a', 'b'],
    'round through three': ['a', 'b', 'c', 'a'],
  })) {
    it(`whose list leads ${name} ends within a few pages`, async () => {
      const scene = await setScene({ events: ['channel.follow'] });
      let pages = 0;
      scene.server.script = asked => {
        if (isPost(asked)) return scene.server.fail(asked.response, 409, 'subscription already exists');
        const cursor = cursors[pages++ % cursors.length];
        return scene.server.answer(asked.response, 200, { data: [], pagination: { cursor } });
      };
      scene.manager.connect();
      await until('stopped', () => scene.session === 'stopped');
      assert.ok(pages <= 4, `${pages} pages`);
      assert.equal(scene.stateOf('channel.follow').kind, 'slotsHeld');
    });
  }

  for (const body of [
    null,
    'x',
    {},
    { data: null },
    { data: {} },
    { data: [null, 5, {}, { id: '' }] },
    '<html>',
  ]) {
    it(`whose list is ${JSON.stringify(body)} is told as held by someone`, async () => {
      const scene = await setScene({ events: ['channel.follow'] });
      scene.server.script = asked =>
        isPost(asked)
          ? scene.server.fail(asked.response, 409, 'subscription already exists')
          : scene.server.answer(asked.response, 200, body ?? 'null');
      scene.manager.connect();
      await until('stopped', () => scene.session === 'stopped');
      assert.equal(scene.stateOf('channel.follow').kind, 'slotsHeld');
      await turns();
      assert.equal(scene.server.peers.length, 1);
    });
  }

  it('about ourselves: it lives on this very session already, whatever page it is on', async () => {
    const scene = await setScene({ events: ['channel.follow'] });
    const { server } = scene;
    server.script = asked => {
      if (isPost(asked)) {
        if (server.subscriptions.size === 0) server.make(asked.text);
        return server.fail(asked.response, 409, 'subscription already exists');
      }
      const page = Number(asked.query.get('after') ?? 0);
      const data = page === 3 ? [...server.subscriptions.values()] : [listed('channel.ban', 'theirs')];
      return server.answer(asked.response, 200, {
        data,
        pagination: page === 3 ? {} : { cursor: `${page + 1}` },
      });
    };
    await scene.goLive();
    const state = scene.stateOf('channel.follow');
    assert.equal(state.kind, 'live');
    server.peer(0).revoke('channel.follow', 'user_removed');
    await until('revoked', () => scene.stateOf('channel.follow').kind === 'revoked');
  });

  it('with the session that is being replaced closes that first', async () => {
    const scene = await setScene();
    const first = await scene.goLive();
    const { server } = scene;
    server.script = asked =>
      isPost(asked) &&
      server.enabled().some(each => each.type === typeOf(asked.text)) &&
      server.fail(asked.response, 409, 'subscription already exists');
    await scene.pass(11_000);
    await until('replaced', () => first.isGone && scene.live === 8 && scene.session === 'live');
    assert.equal(server.enabled().length, 8);
    assert.ok(server.mostOpen <= 2);
  });
});

describe('hostile: by hand', () => {
  afterEach(strikeScenes);

  it('a type that is unsubscribed and subscribed again at once lives at the server as it says', async () => {
    const scene = await setScene();
    const { server } = scene;
    await scene.goLive();
    // The deletion is slow: a creation that overtakes it is told that it exists.
    server.script = asked => {
      if (asked.method !== 'DELETE') return false;
      setTimeout(() => server.work(asked), 30);
      return true;
    };
    const away = scene.manager.unsubscribe('channel.follow');
    const back = scene.manager.subscribe('channel.follow');
    await Promise.all([away, back]);
    await until('live', () => scene.live === 8);
    assert.equal(server.enabled().length, 8);
  });

  it('one that is taken back and wanted again while its creation is under way is created once', async () => {
    const scene = await setScene({ events: ['channel.vip.add'] });
    const { server } = scene;
    await scene.goLive();
    server.script = asked => {
      if (!isPost(asked)) return false;
      setTimeout(() => {
        const data = [server.make(asked.text)];
        server.answer(asked.response, 202, { data });
      }, 10);
      return true;
    };
    void scene.manager.subscribe('channel.follow');
    await until('asked', () => server.posts().length === 2);
    void scene.manager.unsubscribe('channel.follow');
    await scene.manager.subscribe('channel.follow');
    await until('live', () => scene.live === 2);
    await turns();
    assert.equal(server.enabled().filter(({ type }) => type === 'channel.follow').length, 1);
  });

  it('one that is unsubscribed while it waits to be tried again is not created', async () => {
    const scene = await setScene({ events: ['channel.vip.add'] });
    await scene.goLive();
    scene.server.script = asked => isPost(asked) && scene.server.fail(asked.response, 500, 'oops');
    void scene.manager.subscribe('channel.follow');
    await until('asked', () => scene.server.posts().length === 2);
    await turns();
    await scene.manager.unsubscribe('channel.follow');
    const follows = (): number => scene.server.posts().filter(type => type === 'channel.follow').length;
    const asked = follows();
    await scene.pass(9000);
    assert.equal(follows(), asked);
    assert.equal(scene.stateOf('channel.follow').kind, 'off');
  });

  it('a deletion that is answered by 404 is done; by 401 the token is renewed; by 500 it is tried again', async () => {
    let token = 'old';
    const scene = await setScene(
      {},
      {
        getAccessToken: () => Promise.resolve(token),
        renewAccessToken: () => Promise.resolve((token = 'new')),
      },
    );
    const { server } = scene;
    await scene.goLive();
    const answers = [404, 401, 500];
    server.script = asked =>
      asked.method === 'DELETE' &&
      answers.length > 0 &&
      server.fail(asked.response, answers.shift() ?? 0, 'no');
    await scene.manager.unsubscribe('channel.follow');
    await scene.manager.unsubscribe('channel.subscribe');
    await scene.manager.unsubscribe('channel.vip.add');
    assert.equal(server.asked.filter(({ method }) => method === 'DELETE').length, 5);
    assert.deepEqual(scene.errors, []);
    assert.equal(token, 'new');
  });

  for (const event of ['ready', 'gapClosed', 'disconnected', 'error', 'status', 'event'] as const) {
    it(`destroy from within a listener of ${event} ends every socket`, async () => {
      const scene = await setScene();
      const ended: Promise<void>[] = [];
      scene.manager.on(event, () => void ended.push(scene.manager.destroy()));
      scene.server.greet = peer => {
        peer.welcome();
        peer.notify('channel.follow');
        peer.move(event === 'error' ? null : undefined);
      };
      scene.manager.connect();
      if (event === 'disconnected') {
        await until('open', () => scene.server.peers.length > 0);
        scene.manager.disconnect();
      }
      await until('destroyed', () => ended.length > 0);
      await Promise.all(ended);
      await until('closed', () => scene.server.connections === 0);
      assert.equal(scene.clock.pending, 0);
    });
  }

  it('another identity in the midst of anything leaves nothing of the one before', async () => {
    const scene = await setScene();
    const { server } = scene;
    scene.manager.connect();
    scene.manager.initialize({ ...OWNER, channelId: '2', userId: '2' });
    await until('live', () => scene.live === 8 && scene.session === 'live');
    await until('one socket', () => server.open.length === 1);
    assert.ok(server.enabled().every(({ condition }) => condition['broadcaster_user_id'] === '2'));
    scene.manager.initialize({ ...OWNER, channelId: '3', userId: '2' });
    await until('live', () => scene.session === 'live' && scene.live === 1);
    await until('one socket', () => server.open.length === 1);
    assert.deepEqual(
      server.enabled().map(({ type, condition }) => [type, condition]),
      [['channel.follow', { broadcaster_user_id: '3', moderator_user_id: '2' }]],
    );
  });
});
