import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials, ServiceStatus } from '../../../src/shared/service';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator';
import { buildWorkerBundle } from './leader-bundle';
import { makeFolder, makeSettings, until } from './support';
import { WindowProcess } from './window-process';

describe('several windows, each a process of its own', function () {
  this.timeout(90_000);
  let bundleFolder: string;
  let folder: ReturnType<typeof makeFolder>;
  let simulator: Simulator;
  let windows: WindowProcess[] = [];

  before(() => {
    bundleFolder = buildWorkerBundle();
  });
  beforeEach(async () => {
    folder = makeFolder();
    simulator = await startSimulator({ stateFile: null, followers: 5 });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      windows.forEach((window, index) => console.log(index, window.log.slice(-25).join('\n')));
    }
    await Promise.all(windows.map(window => window.kill()));
    windows = [];
    await simulator.close();
    folder.remove();
  });

  const issuer = (): string => `custom:${simulator.endpoints.authUrl}`;
  const open = (
    change: { extensionVersion?: string; credentials?: Credentials | null } = {},
  ): WindowProcess => {
    const { websocketUrl, subscriptionsUrl, helixUrl, authUrl } = simulator.endpoints;
    const window = new WindowProcess({
      storageFolder: folder.path,
      bundleFolder,
      extensionVersion: '1.0.0',
      settings: makeSettings({
        server: 'custom',
        customServer: { websocketUrl, subscriptionsUrl, helixUrl, authUrl },
      }),
      credentials: { issuer: issuer(), generation: 1, tokens: simulator.issueToken() },
      ...change,
    });
    windows.push(window);
    return window;
  };
  const isLive = (status: ServiceStatus | null): boolean =>
    status !== null &&
    status.session.kind === 'live' &&
    status.subscriptions.every(({ state }) => state.kind === 'live');
  const untilPolled = (window: WindowProcess): Promise<void> =>
    until(
      () =>
        window.status?.polls.every(({ last, state }) => last !== null && state.kind === 'scheduled') ?? false,
      'all polls',
    );
  const follow = (viewer: string): Promise<number> =>
    simulator.send({ type: 'channel.follow', viewer, count: 1 });
  const namesOf = (window: WindowProcess): string[] =>
    window.events.map(({ viewer }) => viewer?.displayName ?? '').sort();

  /** One leader and two followers, all live. */
  const openThree = async (): Promise<[WindowProcess, WindowProcess, WindowProcess]> => {
    const leader = open();
    await until(() => leader.status?.role === 'leader' && isLive(leader.status), 'the leader');
    await untilPolled(leader);
    const [a, b] = [open(), open()];
    await until(
      () => [a, b].every(window => window.status?.role === 'follower' && isLive(window.status)),
      'followers',
    );
    return [leader, a, b];
  };

  it('show the same, and each one’s commands work', async () => {
    const [leader, a, b] = await openThree();
    await follow('Ada');
    await until(() => [leader, a, b].every(window => window.events.length === 1), 'the event everywhere');
    assert.deepEqual(a.events, leader.events);
    await a.call('disconnect');
    await until(
      () => [leader, a, b].every(window => window.status?.session.kind === 'idle'),
      'the end everywhere',
    );
    await b.call('connect');
    await until(() => [leader, a, b].every(window => isLive(window.status)), 'the session everywhere');
    await a.call('markRead', leader.events[0]!.id);
    await until(
      () => [leader, a, b].every(window => window.status?.unread === 0),
      'no unread events anywhere',
    );
    const page = await b.call('queryEvents', {}, null, 10, null);
    assert.deepEqual(page.events, leader.events);
    await assert.rejects(b.call('queryEvents', {}, null, 9999, null), { kind: 'badRequest' });
    assert.equal(
      simulator.sessions().reduce((sum, { sockets }) => sum + sockets, 0),
      1,
    );
  });

  it('go on within two seconds when the leader is killed, with nothing lost and nothing twice', async () => {
    const [leader, a, b] = await openThree();
    await follow('Before');
    await until(() => [a, b].every(window => window.events.length === 1), 'the event before');
    const sending = Promise.all(['One', 'Two', 'Three'].map(follow));
    const killedAt = Date.now();
    await leader.kill();
    await sending;
    await follow('While_nobody_leads');
    const asked = a.call('getSnapshot', {}, 50);
    await until(() => [a, b].some(window => window.status?.role === 'leader'), 'another leader');
    const tookMs = Date.now() - killedAt;
    await until(() => [a, b].every(window => isLive(window.status)), 'the session');
    await follow('After');
    const expected = ['After', 'Before', 'One', 'Three', 'Two', 'While_nobody_leads'];
    await until(
      async () => (await b.call('getSnapshot', {}, 50)).page.events.length >= expected.length,
      'all six',
    );
    const { page, status } = await a.call('getSnapshot', {}, 50);
    assert.deepEqual(page.events.map(({ viewer }) => viewer?.displayName).sort(), expected);
    assert.equal(status.epoch, 2);
    assert.ok(tookMs < 2000, `another window led after ${tookMs} ms`);
    assert.ok((await asked).status.epoch >= 1);
    for (const window of [a, b]) {
      const names = namesOf(window);
      assert.equal(new Set(names).size, names.length, 'nothing was told twice');
    }
  });

  it('go on within two seconds when the leader is closed, still disconnected if it was so by hand', async () => {
    const [leader, a, b] = await openThree();
    await a.call('disconnect');
    await until(() => b.status?.session.kind === 'idle', 'the end of the session');
    const closedAt = Date.now();
    const closing = leader.dispose();
    await until(() => [a, b].some(window => window.status?.role === 'leader'), 'another leader');
    assert.ok(Date.now() - closedAt < 2000);
    await closing;
    await until(() => [a, b].every(window => window.status?.storage.kind === 'ok'), 'the database');
    const next = a.status?.role === 'leader' ? a : b;
    await untilPolled(next);
    assert.deepEqual(next.status?.session, { kind: 'idle', reason: 'disconnected' });
    const [last] = [a, b].filter(window => window !== next);
    await next.dispose();
    await last!.dispose();
    assert.deepEqual(
      readdirSync(folder.path).filter(name => name.endsWith('.tmp')),
      [],
    );
  });

  it('wait for a leader that is stopped, tell of it, and go on with it when it wakes', async () => {
    const [leader, a, b] = await openThree();
    leader.signal('SIGSTOP');
    await until(
      () =>
        [a, b].every(
          window => window.status?.problems.some(({ id }) => id === 'window.notAnswering') ?? false,
        ),
      'the silence to be told of',
      30_000,
    );
    assert.deepEqual(
      [a, b].map(window => window.status?.role),
      ['follower', 'follower'],
    );
    leader.signal('SIGCONT');
    await until(
      () => [a, b].every(window => window.status?.problems.length === 0),
      'the leader to answer again',
    );
    await follow('Awake');
    await until(
      () => [leader, a, b].every(window => namesOf(window).includes('Awake')),
      'the event everywhere',
    );
    assert.equal(leader.status?.role, 'leader');
  });

  it('never spend tokens that another window has renewed, also right after a takeover', async () => {
    const tokens = simulator.issueToken();
    const old: Credentials = { issuer: issuer(), generation: 1, tokens };
    const leader = open({ credentials: old });
    await until(() => isLive(leader.status), 'the leader');
    const [a, b] = [open({ credentials: old }), open({ credentials: null })];
    await until(() => [a, b].every(window => isLive(window.status)), 'followers');
    /** The newest whole set that a window has stored (a renewal that is under way stores one without its token). */
    const storedBy = (window: WindowProcess): string | null => {
      const last = window.reports.findLast(report => report.kind === 'stored');
      return last?.kind === 'stored' && last.credentials.tokens?.refreshToken
        ? last.credentials.tokens.accessToken
        : null;
    };
    const haveAllRenewed = (windows: WindowProcess[], before: string): boolean => {
      const [first, ...others] = windows.map(storedBy);
      return typeof first === 'string' && first !== before && others.every(other => other === first);
    };
    simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
    const job = await a.call('refresh');
    assert.ok(job);
    await until(() => haveAllRenewed([leader, a, b], tokens.accessToken), 'the new tokens everywhere');
    const renewed = storedBy(leader) ?? '';
    await leader.kill();
    await until(() => [a, b].some(window => window.status?.role === 'leader'), 'another leader');
    simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
    const next = a.status?.role === 'leader' ? a : b;
    await until(() => isLive(next.status), 'the session');
    await next.call('refresh');
    await until(() => haveAllRenewed([a, b], renewed), 'newer tokens everywhere');
    assert.equal(next.status?.account.kind, 'signedIn');
    await a.call('signOut');
    await until(
      () => [a, b].every(window => window.status?.account.kind === 'signedOut'),
      'the sign-out everywhere',
    );
  });

  it('hand over to a newer version, and an older one goes on behind it', async () => {
    const older = open({ extensionVersion: '1.0.0' });
    await until(() => isLive(older.status), 'the older window');
    const newer = open({ extensionVersion: '1.1.0' });
    await until(() => newer.status?.role === 'leader' && isLive(newer.status), 'the newer window to lead');
    await until(
      () => older.status?.role === 'follower' && isLive(older.status),
      'the older window to follow',
    );
    await follow('Ada');
    await until(() => [older, newer].every(window => window.events.length === 1), 'the event in both');
  });

  it('start over what a crash left behind', async () => {
    writeFileSync(join(folder.path, 'leader-4'), '{"address":"/nowhere/at/all","to');
    const first = open();
    await until(() => isLive(first.status), 'the window', 30_000);
    await first.kill();
    const second = open();
    await until(() => second.status?.role === 'leader' && isLive(second.status), 'the next window');
    await until(
      () => readdirSync(folder.path).filter(name => name.startsWith('leader-')).length === 1,
      'tidy files',
    );
  });
});
