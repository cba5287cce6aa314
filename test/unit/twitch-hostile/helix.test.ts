import * as assert from 'node:assert/strict';
import { SWEEP_KINDS, type SweepKind } from '../../../src/shared/data-service';
import { createHelixClient, type HelixClient } from '../../../src/twitch/helix-client';
import { createPoller, type Poller } from '../../../src/twitch/poller';
import { FakeSweepRecorder } from '../../support/fake-sweep-recorder';
import { NetworkRig } from '../../support/network-rig';
import { RawServer, type Asked } from './raw-server';

const follower = (n: number): object => ({
  user_id: String(n),
  user_login: `u${n}`,
  user_name: `U${n}`,
  followed_at: '2026-01-01T00:00:00Z',
});
const PATHS: Record<SweepKind, string> = {
  followers: '/helix/channels/followers',
  moderators: '/helix/moderation/moderators',
  vips: '/helix/channels/vips',
  subscriptions: '/helix/subscriptions',
};

describe('hostile: a Helix', () => {
  let rig: NetworkRig;
  let server: RawServer;
  let helix: HelixClient;
  let recorder: FakeSweepRecorder;
  let poller: Poller;
  let play: (asked: Asked) => boolean;
  const { signal } = new AbortController();

  beforeEach(async () => {
    rig = new NetworkRig();
    server = await new RawServer().start();
    play = ({ response }) => server.answer(response, 200, { data: [], pagination: {}, total: 0 });
    server.script = asked => play(asked);
    helix = createHelixClient({
      endpoints: {
        issuer: 'hostile',
        websocketUrl: '',
        subscriptionsUrl: '',
        helixUrl: `http://${server.origin}/helix`,
        authUrl: null,
      },
      clientId: () => 'client',
      tokens: {
        getAccessToken: () => Promise.resolve('token'),
        renewAccessToken: () => Promise.resolve(null),
      },
      logger: rig.logger,
      clock: rig.clock,
      random: () => 0.5,
      send: rig.send,
    });
    recorder = new FakeSweepRecorder();
    poller = createPoller({
      helix,
      recorder,
      channelId: '1',
      userId: '1',
      scopes: () => null,
      options: {
        kinds: ['followers', 'roles', 'subscriptions'],
        followersMs: 60_000,
        rolesMs: 1_800_000,
        reconcileMs: 10_800_000,
      },
      logger: rig.logger,
      clock: rig.clock,
      random: () => 0,
    });
  });

  afterEach(async () => {
    await poller.stop();
    helix.dispose();
    await server.stop();
    rig.dispose();
    assert.equal(recorder.openSweeps, 0);
  });

  const read = async (list: SweepKind): Promise<string> => {
    try {
      await rig.during(helix.readPage(list, { channelId: '1', signal }));
      return 'ok';
    } catch (error: unknown) {
      return error instanceof Error && 'kind' in error ? String(error.kind) : `a bug: ${String(error)}`;
    }
  };

  for (const [name, body] of Object.entries({
    'a page of the web': '<html>',
    nothing: '',
    null: 'null',
    'a list': [],
    'no data': {},
    'data that is a text': { data: 'x' },
    'data that is an object': { data: {} },
    'rows that are null': { data: [null] },
    'rows that are numbers': { data: [1, 2] },
    'a row without an id': { data: [{ ...follower(1), tier: '1000', user_id: undefined }] },
    'an empty id': { data: [{ ...follower(1), tier: '1000', user_id: '' }] },
    'a number for an id': { data: [{ ...follower(1), tier: '1000', user_id: 5 }] },
    'a pagination that is a text': { data: [], pagination: 'next' },
    'a cursor that is a number': { data: [], pagination: { cursor: 5 } },
    'a total that is a text': { data: [], total: '5' },
  })) {
    it(`whose page is ${name} has none: every list fails, and nobody is removed`, async () => {
      play = ({ response }) => server.answer(response, 200, body);
      for (const list of SWEEP_KINDS) assert.equal(await read(list), 'malformed', list);
      poller.start();
      await rig.pass(200_000);
      assert.ok(poller.getStatus().every(({ last }) => last?.kind === 'failed'));
      assert.deepEqual(recorder.findings, []);
    });
  }

  for (const [name, body] of Object.entries({
    'no pagination': { data: [] },
    'a pagination of null': { data: [], pagination: null },
    'a cursor of null': { data: [], pagination: { cursor: null } },
    'an empty cursor': { data: [], pagination: { cursor: '' } },
    'a total of null': { data: [], total: null, pagination: {} },
    'unknown fields': { data: [], pagination: {}, points: 5, template: 'x', date_range: null },
  })) {
    it(`whose page has ${name} has its last`, async () => {
      play = ({ response }) => server.answer(response, 200, body);
      for (const list of SWEEP_KINDS) assert.equal(await read(list), 'ok', list);
    });
  }

  for (const [name, headers] of Object.entries({
    texts: { 'Ratelimit-Limit': 'many', 'Ratelimit-Remaining': 'few', 'Ratelimit-Reset': 'soon' },
    'nothing in them': { 'Ratelimit-Limit': '', 'Ratelimit-Remaining': '', 'Ratelimit-Reset': '' },
    'negative numbers': { 'Ratelimit-Limit': '-1', 'Ratelimit-Remaining': '-1', 'Ratelimit-Reset': '-1' },
    'nothing left for ever': { 'Ratelimit-Limit': '800', 'Ratelimit-Remaining': '0' },
    'a limit of 1': { 'Ratelimit-Limit': '1', 'Ratelimit-Remaining': '0' },
    'a limit of 2': { 'Ratelimit-Limit': '2', 'Ratelimit-Remaining': '0' },
    'a limit between': { 'Ratelimit-Limit': '1.5', 'Ratelimit-Remaining': '0' },
    'a huge limit': { 'Ratelimit-Limit': '1e308', 'Ratelimit-Remaining': '5' },
    infinity: { 'Ratelimit-Limit': 'Infinity', 'Ratelimit-Remaining': '0' },
    'a reset in the year 9999': { 'Ratelimit-Reset': '253402300799' },
  })) {
    it(`whose rate headers are ${name} is asked again within ten minutes, also after a 429`, async () => {
      let left = 1;
      play = ({ response }) =>
        left-- > 0
          ? server.answer(response, 429, { message: 'slow down' }, headers)
          : server.answer(response, 200, { data: [] }, headers);
      const begun = rig.clock.monotonic();
      for (let page = 0; page < 4; page++) assert.equal(await read('vips'), 'ok');
      assert.ok(rig.clock.monotonic() - begun < 600_000, `${rig.clock.monotonic() - begun} ms`);
    });
  }

  for (const list of SWEEP_KINDS) {
    it(`whose ${list} never end, with a new cursor each time, is given up`, async () => {
      let page = 0;
      play = ({ path, response }) => {
        if (path !== PATHS[list]) return server.answer(response, 200, { data: [], pagination: {}, total: 0 });
        const data = [1, 2, 3].map(n => ({ ...follower(n), tier: '1000', is_gift: false }));
        return server.answer(response, 200, { data, total: 3, pagination: { cursor: `c${++page}` } });
      };
      poller.start();
      await rig.until(
        'given up',
        () => poller.getStatus().some(({ last }) => last?.kind === 'failed'),
        600_000,
      );
      assert.ok(page < 100, `${page} pages`);
    });
  }

  it('whose followers name other people on each page without end is given up near their total', async () => {
    let next = 0;
    play = ({ path, response }) => {
      if (path !== PATHS.followers) return server.answer(response, 200, { data: [], pagination: {} });
      const data = Array.from({ length: 100 }, () => follower(++next));
      return server.answer(response, 200, { data, total: 300, pagination: { cursor: `c${next}` } });
    };
    poller.start();
    await rig.until(
      'given up',
      () => poller.getStatus().some(({ last }) => last?.kind === 'failed'),
      600_000,
    );
    assert.ok(next < 10_000, `${next} rows`);
  });

  it('whose dates make no sense is read to the end and removes nobody', async () => {
    for (const followed_at of ['', 'yesterday', '0000-00-00T00:00:00Z', '9999-12-31T23:59:59Z']) {
      play = ({ path, response }) => {
        const data = path === PATHS.followers ? [{ ...follower(7), followed_at }] : [];
        return server.answer(response, 200, { data, total: data.length, pagination: {} });
      };
      if (followed_at === '') poller.start();
      else await rig.during(poller.runAll(new AbortController().signal, () => undefined));
      await rig.settle();
    }
    assert.ok(poller.getStatus().every(({ last }) => last?.kind === 'ok'));
    assert.deepEqual(recorder.found('followers', 'removed'), []);
  });

  it('that drips, resets or hangs is given up, and the poll is tried again', async () => {
    play = ({ response }) => Boolean(response.destroy());
    poller.start();
    await rig.until('failed', () => poller.getStatus().every(({ last }) => last?.kind === 'failed'), 600_000);
    play = ({ response }) => server.answer(response, 200, { data: [], pagination: {}, total: 0 });
    await rig.until('well', () => poller.getStatus().every(({ last }) => last?.kind === 'ok'), 600_000);
  });
});
