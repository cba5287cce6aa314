import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { FeedEvent } from '../../../src/shared/events';
import type { Credentials, JobStatus, ServiceStatus } from '../../../src/shared/service';
import type { Settings } from '../../../src/shared/settings';
import { createMemoryStore } from '../../../src/service/account-part';
import { createLeaderService } from '../../../src/service/event-sub-service';
import type { LeaderService } from '../../../src/service/leader-contract';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator';
import { buildWorkerBundle } from './leader-bundle';
import { createLog, makeFolder, makeSettings, until } from './support';

describe('the service of the leading window', function () {
  this.timeout(60_000);
  let bundleFolder: string;
  let folder: ReturnType<typeof makeFolder>;
  let simulator: Simulator;
  let service: LeaderService | null = null;
  let status: ServiceStatus;
  let recorded: FeedEvent[] = [];
  let sequences: number[] = [];
  let jobs: JobStatus[] = [];
  const log = createLog();

  before(() => {
    bundleFolder = buildWorkerBundle();
  });
  beforeEach(async () => {
    folder = makeFolder();
    simulator = await startSimulator({
      stateFile: null,
      followers: 3,
      clientIds: ['abcdefghijklmnopqrstuvwxyz0123'],
    });
    recorded = [];
    sequences = [];
    jobs = [];
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(log.lines.slice(-40).join('\n'));
    log.lines.length = 0;
    await service?.dispose(false);
    service = null;
    await simulator.close();
    folder.remove();
  });

  const customSettings = (raw: Record<string, unknown> = {}): Settings => {
    const { websocketUrl, subscriptionsUrl, helixUrl, authUrl } = simulator.endpoints;
    return makeSettings({
      server: 'custom',
      customServer: { websocketUrl, subscriptionsUrl, helixUrl, authUrl },
      ...raw,
    });
  };

  const begin = async (settings: Settings, isSignedIn = true): Promise<LeaderService> => {
    const credentials = createMemoryStore();
    const tokens = simulator.issueToken();
    const issuer = `custom:${simulator.endpoints.authUrl}`;
    if (isSignedIn) await credentials.store({ issuer, generation: 1, tokens } satisfies Credentials);
    const made = createLeaderService({
      epoch: 1,
      storageFolder: folder.path,
      bundleFolder,
      settings,
      credentials,
      logger: log,
      wantsConnection: null,
      startSimulator: options => startSimulator({ ...options, followers: 3 }),
    });
    service = made;
    made.observe({
      statusChanged: next => {
        status = next;
      },
      eventsRecorded: batch => {
        recorded.push(...batch.events);
        sequences.push(batch.sequence);
      },
      jobChanged: job => jobs.push(job),
    });
    status = await made.getStatus();
    return made;
  };
  const isAllLive = (): boolean => status.subscriptions.every(({ state }) => state.kind === 'live');
  const untilPolled = (): Promise<void> =>
    until(
      () => status.polls.every(({ last, state }) => last !== null && state.kind === 'scheduled'),
      'all polls',
    );

  const readDatabase = async <T>(path: string, query: string): Promise<T[]> => {
    const sql = await initSqlJs({
      wasmBinary: readFileSync('node_modules/sql.js/dist/sql-wasm.wasm').buffer,
    });
    const database = new sql.Database(readFileSync(path));
    try {
      return (database.exec(query)[0]?.values ?? []) as unknown as T[];
    } finally {
      database.close();
    }
  };

  it('brings events of all eight types into the feed and into the file', async () => {
    const made = await begin(makeSettings({ server: 'simulator' }));
    await until(isAllLive, 'eight live subscriptions');
    for (const type of EVENT_TYPES) {
      const job = await made.simulate({ type, viewer: '', count: 1 });
      await until(
        () => jobs.some(({ id, state }) => id === job && state.kind === 'done'),
        `${type} to be sent`,
      );
    }
    await until(
      () => EVENT_TYPES.every(type => recorded.some(event => event.type === type)),
      'all eight types',
    );
    assert.equal(status.account.kind, 'signedIn');
    assert.deepEqual(
      sequences,
      [...sequences].sort((a, b) => a - b),
    );
    const snapshot = await made.getSnapshot({}, 100);
    assert.equal(snapshot.page.events.length, recorded.length);
    assert.equal(snapshot.sequence, sequences.at(-1));
    await made.dispose(false);
    const path = join(folder.path, 'simulator', 'eventsub.sqlite');
    const rows = await readDatabase<[string]>(path, 'select distinct event_type from events');
    assert.deepEqual(rows.map(([type]) => type).sort(), [...EVENT_TYPES].sort());
    assert.equal(existsSync(join(folder.path, 'eventsub.sqlite')), false);
    assert.ok(existsSync(join(folder.path, 'simulator', 'channel.json')));
  });

  it('polls what was missed while disconnected by hand, and records nothing twice afterwards', async () => {
    const made = await begin(customSettings());
    await until(isAllLive, 'eight live subscriptions');
    await untilPolled();
    await made.disconnect();
    assert.deepEqual((await made.getStatus()).session, { kind: 'idle', reason: 'disconnected' });
    await simulator.send({ type: 'channel.follow', viewer: 'Ada_Missed', count: 1 });
    await simulator.send({ type: 'channel.vip.add', viewer: 'Grace_Missed', count: 1 });
    const job = await made.refresh();
    await until(() => jobs.some(({ id, state }) => id === job && state.kind === 'done'), 'the refresh');
    await until(() => recorded.length === 2, 'what was missed');
    assert.deepEqual(recorded.map(({ type, source }) => [type, source]).sort(), [
      ['channel.follow', 'poll'],
      ['channel.vip.add', 'poll'],
    ]);
    assert.ok((await made.getStatus()).polls.every(({ pace }) => pace === 'fallback'));
    await made.connect();
    await until(isAllLive, 'eight live subscriptions again');
    await simulator.send({ type: 'channel.follow', viewer: 'Linus_Live', count: 1 });
    await until(() => recorded.length === 3, 'the live event');
    const again = await made.refresh();
    await until(() => jobs.some(({ id, state }) => id === again && state.kind === 'done'), 'another refresh');
    assert.equal(recorded.length, 3);
    assert.ok(status.polls.every(({ pace }) => pace === 'reconcile'));
    assert.equal(status.unread, 3);
    await made.markRead(recorded[2]!.id);
    assert.equal((await made.getStatus()).unread, 0);
  });

  it('holds one socket whatever settings change in the middle of whatever is under way', async () => {
    const made = await begin(customSettings());
    await until(() => status.session.kind !== 'idle', 'the connection to begin');
    made.setSettings(makeSettings({ server: 'simulator' }));
    made.setSettings(customSettings({ keepaliveTimeoutSeconds: 20 }));
    await made.refresh().catch(() => undefined);
    made.setSettings(makeSettings({ server: 'simulator' }));
    void made.connect().catch(() => undefined);
    made.setSettings(customSettings({ keepaliveTimeoutSeconds: 30, events: ['channel.follow'] }));
    const sockets = (): number => simulator.sessions().reduce((sum, session) => sum + session.sockets, 0);
    await until(
      () => status.session.kind === 'live' && status.subscriptions[0]?.state.kind === 'live',
      'one live type',
    );
    await until(() => sockets() === 1, 'one socket');
    assert.equal(status.server.kind, 'custom');
    assert.equal(status.session.kind === 'live' && status.session.keepaliveTimeoutSeconds, 30);
    assert.deepEqual(
      status.subscriptions.map(({ state }) => state.kind),
      ['live', 'off', 'off', 'off', 'off', 'off', 'off', 'off'],
    );
    made.setSettings(
      customSettings({ keepaliveTimeoutSeconds: 30, events: ['channel.follow', 'channel.vip.add'] }),
    );
    await until(
      () => status.subscriptions.filter(({ state }) => state.kind === 'live').length === 2,
      'two live types',
    );
    assert.equal(sockets(), 1);
  });

  it('ends up at the server that was chosen last, also where nobody is signed in there', async () => {
    const made = await begin(makeSettings({ server: 'simulator' }), false);
    await until(isAllLive, 'eight live subscriptions');
    made.setSettings(customSettings());
    made.setSettings(makeSettings({ server: 'simulator' }));
    made.setSettings(customSettings());
    await until(
      () => status.server.kind === 'custom' && status.account.kind === 'signedOut',
      'the other server',
    );
    await until(
      () => status.session.kind === 'idle' && status.session.reason === 'signedOut',
      'nobody signed in',
    );
    const { clientId, accessToken } = simulator.issueToken();
    await made.signInWithToken(clientId, accessToken);
    await until(isAllLive, 'eight live subscriptions there');
  });

  it('signs out: the token is given back, socket and polls end, the history stays', async () => {
    const made = await begin(customSettings());
    await until(isAllLive, 'eight live subscriptions');
    await simulator.send({ type: 'channel.follow', viewer: 'Ada', count: 1 });
    await until(() => recorded.length > 0, 'an event');
    await made.signOut();
    assert.equal((await made.getStatus()).account.kind, 'signedOut');
    assert.deepEqual((await made.getStatus()).session, { kind: 'idle', reason: 'signedOut' });
    await until(() => simulator.sessions().every(({ sockets }) => sockets === 0), 'no socket');
    await assert.rejects(made.connect(), { kind: 'signedOut' });
    await assert.rejects(made.refresh(), { kind: 'signedOut' });
    assert.equal((await made.getSnapshot({}, 10)).page.events.length, 1);
    const { clientId, accessToken } = simulator.issueToken();
    await assert.rejects(made.signInWithToken(clientId, 'nonsense'), { kind: 'invalidToken' });
    await made.signInWithToken(clientId, accessToken);
    await until(isAllLive, 'eight live subscriptions after signing in again');
  });

  it('asks what is granted when a permission is withdrawn, and marks what lacks it', async () => {
    await begin(customSettings());
    await until(isAllLive, 'eight live subscriptions');
    await untilPolled();
    const { validate = 0 } = simulator.requestCounts();
    simulator.faults.inject({ kind: 'withdrawScope', scope: 'channel:read:vips' });
    const stateOf = (type: string): string | undefined =>
      status.subscriptions.find(subscription => subscription.type === type)?.state.kind;
    await until(() => stateOf('channel.vip.add') === 'missingScope', 'VIP Added to lack its scope');
    assert.equal(stateOf('channel.vip.remove'), 'missingScope');
    assert.equal(status.subscriptions.filter(({ state }) => state.kind === 'live').length, 6);
    assert.deepEqual(status.polls.find(({ kind }) => kind === 'roles')?.missingScopes, ['channel:read:vips']);
    assert.ok((simulator.requestCounts()['validate'] ?? 0) - validate <= 2);
  });

  it('signs in again after the sign-in has ended, without another word about the old one', async () => {
    const made = await begin(customSettings());
    await until(isAllLive, 'eight live subscriptions');
    simulator.faults.inject({ kind: 'disconnectApp' });
    await until(() => status.account.kind === 'expired', 'the end of the sign-in');
    await until(
      () => status.session.kind === 'stopped' && status.session.reason.kind === 'tokenInvalid',
      'the end of the session',
    );
    assert.deepEqual(
      status.problems.map(({ id }) => id),
      ['account.expired'],
    );
    const told = new Set<string>();
    made.observe({ statusChanged: next => next.problems.forEach(({ id }) => told.add(id)) });
    const { clientId, accessToken } = simulator.issueToken();
    await made.signInWithToken(clientId, accessToken);
    await until(isAllLive, 'eight live subscriptions again');
    told.delete('account.expired');
    assert.deepEqual([...told], []);
  });

  it('asks for a client id before it asks Twitch for a code', async () => {
    const made = await begin(customSettings(), false);
    await assert.rejects(made.signIn(), { kind: 'noClientId' });
    await assert.rejects(made.simulate({ type: 'channel.follow', viewer: '', count: 1 }), {
      kind: 'notAvailable',
    });
  });

  it('shows the code of a sign-in, connects when it is approved, and can be cancelled', async () => {
    const made = await begin(customSettings({ clientId: 'abcdefghijklmnopqrstuvwxyz0123' }), false);
    const cancelled = await made.signIn();
    await until(() => jobs.some(({ state }) => state.kind === 'awaitingUser'), 'the code');
    await made.cancelJob(cancelled);
    await until(
      () => jobs.some(({ id, state }) => id === cancelled && state.kind === 'cancelled'),
      'the end',
    );
    jobs = [];
    const job = await made.signIn();
    await until(() => jobs.some(({ state }) => state.kind === 'awaitingUser'), 'another code');
    const awaiting = jobs.find(({ state }) => state.kind === 'awaitingUser')!.state;
    assert.ok(awaiting.kind === 'awaitingUser');
    simulator.decideDevice(awaiting.userCode, 'approve');
    await until(
      () => jobs.some(({ id, state }) => id === job && state.kind === 'done'),
      'the sign-in',
      30_000,
    );
    await until(isAllLive, 'eight live subscriptions');
  });

  it('records what a server without OAuth sends, whoever the broadcaster', async () => {
    const { websocketUrl, subscriptionsUrl } = simulator.endpoints;
    await begin(
      makeSettings({ server: 'custom', customServer: { websocketUrl, subscriptionsUrl }, channel: '4711' }),
      false,
    );
    await until(() => status.session.kind === 'stopped', 'the refusals of a server that does want a token');
    assert.equal(status.account.kind, 'signedIn');
    assert.deepEqual(status.channel, { id: '4711', login: '4711' });
    assert.ok(status.subscriptions.every(({ state }) => state.kind === 'refused'));
    assert.ok(status.polls.every(({ state }) => state.kind === 'off' && state.why === 'noHelix'));
    assert.deepEqual(
      status.problems.map(({ id, action }) => [id, action]),
      [['session.tokenInvalid', 'signIn']],
    );
  });

  it('finds another channel by its name, and says which it does not find', async () => {
    const made = await begin(customSettings({ channel: 'no_such_channel_at_all' }));
    await until(() => status.session.kind === 'stopped', 'the refusal');
    assert.deepEqual(
      status.problems.map(({ id, action }) => [id, action]),
      [['session.badSetting.eventsub.channel', 'openSettings']],
    );
    made.setSettings(customSettings({ channel: simulator.channel.login.toUpperCase() }));
    await until(isAllLive, 'eight live subscriptions');
    assert.equal(status.channel?.id, simulator.channel.id);
  });

  it('does not connect by itself where the settings say so, and polls all the same', async () => {
    const made = await begin(customSettings({ connectOnStartup: false }));
    await untilPolled();
    assert.equal(status.session.kind, 'idle');
    assert.ok(status.polls.every(({ pace }) => pace === 'fallback'));
    await made.connect();
    await until(isAllLive, 'eight live subscriptions');
  });

  it('keeps the socket when the database cannot be used, and says so', async () => {
    const blocked = join(folder.path, 'custom');
    execFileSync(process.execPath, [
      '-e',
      `require('fs').writeFileSync(${JSON.stringify(blocked)}, 'a file')`,
    ]);
    const made = await begin(customSettings());
    await until(isAllLive, 'eight live subscriptions');
    await until(() => ['failed', 'notSaving'].includes(status.storage.kind), 'the trouble to show');
    assert.ok(status.problems.some(({ id }) => id.startsWith('storage.')));
    assert.deepEqual((await made.getSnapshot({}, 10)).page.events, []);
  });

  it('exports to the file that was chosen', async () => {
    const made = await begin(customSettings());
    await until(isAllLive, 'eight live subscriptions');
    await simulator.send({ type: 'channel.follow', viewer: 'Ada', count: 3 });
    await until(() => recorded.length === 3, 'three events');
    const path = join(folder.path, 'out.jsonl');
    const job = await made.exportEvents({ format: 'jsonl', filter: {}, path });
    await until(() => jobs.some(({ id, state }) => id === job && state.kind === 'done'), 'the export');
    assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, 3);
  });

  it('leaves no timer, socket, worker or listener when it is disposed', async () => {
    const isOurs = (name: string): boolean => name !== 'FSReqPromise' && name !== 'Immediate';
    const list = (): string => process.getActiveResourcesInfo().filter(isOurs).sort().join();
    // Mocha sets its own timer once the test has returned a promise.
    await Promise.resolve();
    const before = list();
    const made = await begin(makeSettings({ server: 'simulator' }));
    await until(isAllLive, 'eight live subscriptions');
    const job = await made.simulate({ type: 'channel.follow', viewer: '', count: 100 });
    await made.dispose(false);
    assert.ok(jobs.some(({ id, state }) => id === job && state.kind !== 'running'));
    const end = Date.now() + 10_000;
    // Not by a timer, which would be found itself.
    while (list() !== before && Date.now() < end) await new Promise<void>(resolve => setImmediate(resolve));
    assert.equal(list(), before);
  });
});
