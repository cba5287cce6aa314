import * as assert from 'node:assert/strict';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import { typeOf, type Asked } from './raw-server';
import { setScene, strikeScenes, turns, until, type Scene } from './scene';

const isPost = ({ method }: Asked): boolean => method === 'POST';
const isFollow = (asked: Asked): boolean => isPost(asked) && typeOf(asked.text) === 'channel.follow';

describe('hostile: the answer to a creation', () => {
  afterEach(strikeScenes);

  for (const status of [200, 201, 202, 204]) {
    it(`${status} with nothing in it is a success, and what was made is deleted when it is unsubscribed`, async () => {
      const scene = await setScene();
      const { server } = scene;
      server.script = asked => {
        if (!isPost(asked)) return false;
        server.make(asked.text);
        return server.answer(asked.response, status);
      };
      await scene.goLive();
      assert.equal(server.enabled().length, 8);
      await scene.manager.unsubscribe('channel.follow');
      assert.equal(server.enabled().length, 7);
      assert.ok(server.enabled().every(({ type }) => type !== 'channel.follow'));
    });
  }

  for (const [name, body] of Object.entries({
    'a web page': '<!doctype html><title>Sign in to the hotel network</title>',
    'half a JSON': '{"data":[{"id":"x"',
    'a text': 'OK',
    'a JSON that is no object': '[]',
  })) {
    it(`that is ${name} with 200 is none: it is asked again, and nobody is told that it lives`, async () => {
      const scene = await setScene();
      let isHeld = true;
      scene.server.script = asked =>
        isHeld && isPost(asked) && scene.server.answer(asked.response, 200, body);
      scene.manager.connect();
      await until('asked twice', () => scene.server.posts().length > 8);
      assert.equal(scene.live, 0);
      isHeld = false;
      await until('live', () => scene.live === 8);
      assert.equal(scene.server.enabled().length, 8);
    });
  }

  for (const body of [{ data: [] }, {}, { data: [{ status: 'enabled' }] }, { data: null }]) {
    it(`${JSON.stringify(body)} is a success without an id`, async () => {
      const scene = await setScene();
      scene.server.script = asked => isPost(asked) && scene.server.answer(asked.response, 202, body);
      await scene.goLive();
      assert.equal(scene.live, 8);
      scene.server.peer(0).revoke('channel.follow', 'user_removed', { id: 'whatever' });
      await until('revoked', () => scene.stateOf('channel.follow').kind === 'revoked');
    });
  }

  it('whose subscription is not enabled is a refusal that says so', async () => {
    const scene = await setScene();
    scene.server.script = asked =>
      isFollow(asked) &&
      scene.server.answer(asked.response, 202, {
        data: [{ id: 'x', status: 'version_removed', type: 'channel.follow', version: '2' }],
      });
    await scene.goLive();
    const state = scene.stateOf('channel.follow');
    assert.ok(state.kind === 'refused' && state.message.includes('version_removed'));
    assert.equal(scene.live, 7);
  });

  for (const [status, message] of [
    [400, 'invalid transport and auth combination'],
    [400, 'The user specified in the condition does not exist'],
    [400, ''],
    [403, 'subscription missing proper authorization'],
    [404, 'not found'],
    [301, 'moved'],
    [302, 'moved'],
    [410, 'gone'],
    [418, 'teapot'],
  ] as const) {
    it(`${status} "${message}" refuses that type and leaves the others alone`, async () => {
      const scene = await setScene();
      scene.server.script = asked =>
        isFollow(asked) &&
        scene.server.answer(
          asked.response,
          status,
          { message },
          { Location: `http://${scene.server.origin}/x` },
        );
      await scene.goLive();
      assert.equal(scene.live, 7);
      const state = scene.stateOf('channel.follow');
      assert.ok(state.kind === 'refused' && state.status === status, JSON.stringify(state));
      await turns();
      assert.equal(scene.server.posts().length, 8);
      assert.ok(scene.server.asked.every(({ path }) => path.endsWith('/subscriptions')));
    });
  }

  for (const message of [
    'websocket transport session does not exist or has already disconnected',
    'session does not exist',
  ]) {
    it(`400 "${message}" makes a new session`, async () => {
      const scene = await setScene();
      let left = 1;
      scene.server.script = asked =>
        isFollow(asked) && left-- > 0 && scene.server.fail(asked.response, 400, message);
      scene.manager.connect();
      await until(
        'live',
        () => scene.session === 'live' && scene.live === 8 && scene.server.open.length === 1,
      );
      assert.equal(scene.server.peers.length, 2);
    });
  }

  it('401 renews the token once for all types; 401 for ever stops, and signing in again goes on', async () => {
    let token = 'old';
    let renewals = 0;
    const scene = await setScene(
      {},
      {
        getAccessToken: () => Promise.resolve(token),
        renewAccessToken: refused => {
          renewals++;
          if (refused === 'old') token = 'new';
          return Promise.resolve(refused === 'old' ? 'new' : null);
        },
      },
    );
    scene.server.script = asked =>
      asked.headers.authorization !== 'Bearer new' &&
      scene.server.fail(asked.response, 401, 'Invalid OAuth token');
    await scene.goLive();
    assert.equal(renewals, 1);
    scene.server.script = asked => scene.server.fail(asked.response, 401, 'Invalid OAuth token');
    scene.manager.disconnect();
    scene.manager.connect();
    await until('stopped', () => scene.session === 'stopped');
    const state = scene.manager.getStatus().session;
    assert.ok(state.kind === 'stopped' && state.reason.kind === 'tokenInvalid');
    await scene.pass(600_000);
    assert.equal(scene.server.peers.length, 2);
    scene.server.script = () => false;
    scene.manager.retry(null);
    await until('live', () => scene.live === 8);
  });

  it('401 or 403 for one type is asked again when the scopes are others', async () => {
    for (const status of [401, 403]) {
      const scope = 'moderator:read:followers';
      const identity = {
        userId: '1',
        channelId: '1',
        clientId: 'client',
        getAccessToken: () => Promise.resolve('token'),
        grantedScopes: [scope, 'channel:read:subscriptions', 'moderation:read', 'channel:read:vips'],
      };
      const scene = await setScene({}, identity);
      scene.server.script = asked => isFollow(asked) && scene.server.fail(asked.response, status, 'no');
      await scene.goLive();
      assert.equal(scene.stateOf('channel.follow').kind, 'refused');
      scene.server.script = () => false;
      scene.manager.initialize({ ...identity, grantedScopes: [...identity.grantedScopes, 'chat:read'] });
      await until('live', () => scene.live === 8);
      await scene.strike();
    }
  });

  for (const [name, play] of Object.entries({
    '500': (scene, asked) => scene.server.fail(asked.response, 500, 'oops'),
    '502 with a page': (scene, asked) => scene.server.answer(asked.response, 502, '<html>'),
    '503 without a body': (scene, asked) => scene.server.answer(asked.response, 503),
    '408': (scene, asked) => scene.server.fail(asked.response, 408, 'slow'),
    'a reset': (_, asked) => Boolean(asked.response.destroy()),
    'a body that breaks off': (_, { response }) => {
      response.writeHead(202, { 'Content-Length': '5000' });
      response.write('{"data":[');
      response.socket?.end();
      return true;
    },
    'a body of 5 MB': (scene, asked) => scene.server.answer(asked.response, 202, 'x'.repeat(5_000_000)),
  } satisfies Record<string, (scene: Scene, asked: Asked) => boolean>)) {
    it(`${name} is tried again within the window`, async () => {
      const scene = await setScene();
      let left = 2;
      scene.server.script = asked => isFollow(asked) && left-- > 0 && play(scene, asked);
      await scene.goLive();
      assert.equal(scene.live, 8);
      assert.equal(scene.server.posts().length, 10);
      assert.equal(scene.server.peers.length, 1);
    });
  }

  it('that never comes, or drips, is given up and asked for again within the window', async () => {
    for (const isDripping of [false, true]) {
      const scene = await setScene();
      let left = 1;
      scene.server.script = ({ method, text, response }) => {
        if (method !== 'POST' || typeOf(text) !== 'channel.follow' || left-- <= 0) return false;
        if (isDripping) {
          response.writeHead(202);
          const drip = setInterval(() => response.write(' '), 10);
          response.on('close', () => clearInterval(drip));
        }
        return true;
      };
      scene.manager.connect();
      await until('seven', () => scene.live === 7);
      await scene.pass(4700);
      await until('all', () => scene.live === 8);
      assert.equal(scene.server.peers.length, 1);
      await scene.strike();
    }
  });

  it('may come after the first event, and after the revocation, of what it made', async () => {
    const scene = await setScene();
    const { server } = scene;
    const held: Asked[] = [];
    server.script = asked => isPost(asked) && held.push(asked) > 0;
    scene.manager.connect();
    await until('all asked', () => held.length === 8);
    const answers = held.map(({ text, response }) => {
      const data = [structuredClone(server.make(text))];
      return () => void server.answer(response, 202, { data });
    });
    server.peer(0).notify('channel.follow');
    server.peer(0).revoke('channel.vip.add', 'user_removed');
    await until('heard', () => scene.events.length === 1);
    await turns();
    for (const send of answers) send();
    await until('answered', () => scene.count('ready') === 1);
    assert.equal(scene.live, 7);
    assert.equal(scene.stateOf('channel.vip.add').kind, 'revoked');
  });

  it('4003 after everything was refused stops; each type keeps its reason', async () => {
    const scene = await setScene();
    scene.server.script = asked => isPost(asked) && scene.server.fail(asked.response, 403, 'no');
    scene.manager.connect();
    await until('all asked', () => scene.server.posts().length === 8);
    scene.server.peer(0).close(4003, 'connection unused');
    await until('stopped', () => scene.session === 'stopped');
    await scene.pass(120_000);
    assert.equal(scene.server.peers.length, 1);
    for (const type of EVENT_TYPES) assert.equal(scene.stateOf(type).kind, 'refused');
  });

  it('with a token that cannot be had stops, and one that hangs does not hang the manager', async () => {
    const none = await setScene({}, { getAccessToken: () => Promise.resolve(null) });
    none.manager.connect();
    await until('stopped', () => none.session === 'stopped');
    const stuck = await setScene({}, { getAccessToken: () => new Promise(() => undefined) });
    stuck.manager.connect();
    await until('welcomed', () => stuck.session === 'live');
    stuck.manager.disconnect();
    assert.equal(stuck.session, 'idle');
    await stuck.manager.destroy();
    const broken = await setScene({}, { getAccessToken: () => Promise.reject(new Error('no keyring')) });
    broken.manager.connect();
    await until('welcomed', () => broken.session === 'live');
    await broken.pass(12_000);
    await until('waiting', () => broken.logger.lines.some(line => line.includes('→ waiting')));
  });
});
