import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator';
import { closeAll, helix, listen, start } from './twitch-client';

describe("The simulated channel's state", () => {
  let folder = '';
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'simulator-'))));
  afterEach(async () => {
    await closeAll();
    await rm(folder, { recursive: true, force: true });
  });

  it('is still there after a restart: people, their ids, roles, subscriptions and gifts', async () => {
    const stateFile = join(folder, 'deep', 'channel.json');
    const first = await startSimulator({ stateFile });
    await first.send({ type: 'channel.follow', viewer: 'Ada', count: 3 });
    await first.scenes.giftBomb(2, { gifter: 'Grace' });
    first.makeOffline({ kind: 'addVip', user: 'Katherine' });
    const before = first.state();
    await first.close();
    const second = await start({ stateFile });
    assert.deepEqual(second.state(), before);
    assert.deepEqual(second.channel, first.channel);
    const { listener } = await listen(second, second.issueToken(), 'channel.subscription.gift');
    await second.scenes.giftBomb(1, { gifter: 'Grace' });
    assert.equal((await listener.next('notification')).payload.event!['cumulative_total'], 3);
    await second.send({ type: 'channel.follow', viewer: '', count: 1 });
    const ids = second.state().followers.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(await readdir(join(folder, 'deep')), ['channel.json']);
  });

  it('never gives an id to another person, even if it died before it saved', async () => {
    const stateFile = join(folder, 'channel.json');
    await (await startSimulator({ stateFile })).close();
    const asSaved = await readFile(stateFile);
    const idOf = (simulator: Simulator, name: string): string | undefined =>
      simulator.state().followers.find(({ displayName }) => displayName === name)?.id;

    const first = await startSimulator({ stateFile });
    await first.send({ type: 'channel.follow', viewer: 'Forgotten', count: 1 });
    const id = idOf(first, 'Forgotten');
    await first.close();
    await writeFile(stateFile, asSaved);

    const second = await start({ stateFile });
    await second.send({ type: 'channel.follow', viewer: 'Somebody_else', count: 1 });
    assert.notEqual(idOf(second, 'Somebody_else'), id);
    await second.send({ type: 'channel.follow', viewer: 'Forgotten', count: 1 });
    assert.equal(idOf(second, 'Forgotten'), id);
  });

  it('sets a file aside that it cannot read, and begins anew', async () => {
    for (const damaged of ['{"version":1', '[]', '{"version":9}', '']) {
      const stateFile = join(folder, 'channel.json');
      await writeFile(stateFile, damaged);
      const simulator = await startSimulator({ stateFile });
      assert.equal(simulator.state().followers.length, 40);
      await simulator.close();
    }
    const names = await readdir(folder);
    const aside = names.filter(name => name.includes('damaged'));
    assert.ok(aside.length >= 1);
    const saved = JSON.parse(await readFile(join(folder, 'channel.json'), 'utf8')) as { version: number };
    assert.equal(saved.version, 1);
  });

  it('changes offline without any event, and Helix shows it', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener } = await listen(simulator, tokens, ...EVENT_TYPES);
    simulator.makeOffline(
      { kind: 'follow', user: 'Ada', followedAt: '2024-05-01T10:00:00.000Z' },
      { kind: 'unfollow', user: simulator.state().followers[0]!.displayName },
      { kind: 'subscribe', user: 'Ada', tier: '3000', gifter: 'Grace' },
      { kind: 'addVip', user: 'Katherine' },
      { kind: 'addModerator', user: 'Katherine' },
    );
    const state = simulator.state();
    assert.equal(state.followers.at(-1)!.displayName, 'Ada');
    assert.equal(state.followers.length, 40);
    assert.ok(state.moderators.some(({ displayName }) => displayName === 'Katherine'));
    assert.ok(!state.vips.some(({ displayName }) => displayName === 'Katherine'));
    const id = tokens.userId;
    const { body } = await helix(simulator, tokens, `/subscriptions?broadcaster_id=${id}&first=100`);
    const rows = body['data'] as Record<string, unknown>[];
    const ada = rows.find(row => row['user_name'] === 'Ada')!;
    assert.deepEqual([ada['tier'], ada['is_gift'], ada['gifter_name']], ['3000', true, 'Grace']);
    await simulator.send({ type: 'channel.follow', viewer: 'The only one', count: 1 });
    await listener.next('notification');
    assert.equal(listener.of('notification').length, 1);
  });

  it('can begin with 50 000 followers and list them page by page', async () => {
    const simulator = await start({ followers: 50_000 });
    const tokens = simulator.issueToken();
    const ids = new Set<unknown>();
    let pages = 0;
    let after = '';
    do {
      const query = `?broadcaster_id=${tokens.userId}&first=100${after}`;
      const { body } = await helix(simulator, tokens, `/channels/followers${query}`);
      for (const row of body['data'] as Record<string, unknown>[]) ids.add(row['user_id']);
      assert.equal(body['total'], 50_000);
      const { cursor } = body['pagination'] as { cursor: string };
      after = `&after=${cursor}`;
      pages++;
    } while (pages < 30);
    assert.equal(ids.size, 3_000);
  });

  it('closes with nothing left running, also in the middle of a scene', async () => {
    const simulator = await startSimulator({ stateFile: null, drizzle: { everyMs: 1 } });
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    const scene = simulator.scenes.followBots(1_000, { perSecond: 10 });
    await listener.next('notification', 2);
    await simulator.close();
    await scene;
    assert.equal(await listener.closed(), 1006);
    await assert.rejects(fetch(`${simulator.endpoints.authUrl}/validate`));
  });
});
