import assert from 'node:assert/strict';
import { createConnection, type Socket } from 'node:net';
import {
  type EventsRecorded,
  PROTOCOL_VERSION,
  ServiceError,
  type Credentials,
  type WindowPushes,
} from '../../../src/shared/service';
import { openLeaderLink, type LeaderLink } from '../../../src/service/leader-link';
import { listenLocally, type LocalServer } from '../../../src/service/local-address';
import { createWindowHub, type WindowHub, type WindowHubOptions } from '../../../src/service/window-hub';
import { createFakeService, createLog, makeStatus, until } from './support';

const TOKEN = 'a-token-of-enough-length';
const credentials: Credentials = { issuer: 'twitch', generation: 3, tokens: null };

interface Follower {
  link: LeaderLink;
  socket: Socket;
  heard: { kind: keyof WindowPushes; value: unknown }[];
  answering: boolean[];
}

describe('the link between two windows', () => {
  let server: LocalServer;
  let hub: WindowHub;
  const followers: Follower[] = [];
  const log = createLog();

  const begin = async (change: Partial<WindowHubOptions> = {}): Promise<void> => {
    hub = createWindowHub({
      epoch: 7,
      token: TOKEN,
      extensionVersion: '1.2.0',
      logger: log,
      service: createFakeService(),
      onCredentials: () => undefined,
      onSettings: () => undefined,
      onYield: () => undefined,
      onFocusedLast: () => undefined,
      focusedAtMs: 0,
      ...change,
    });
    server = await listenLocally(socket => {
      socket.on('error', () => undefined);
      hub.accept(socket);
    });
  };

  const follow = async (
    store: (kept: Credentials) => Promise<void> = () => Promise.resolve(),
  ): Promise<Follower> => {
    const socket = createConnection(server.address);
    socket.on('error', () => undefined);
    await new Promise<void>(resolve => socket.once('connect', () => resolve()));
    const heard: Follower['heard'] = [];
    const answering: boolean[] = [];
    const link = openLeaderLink({
      socket,
      logger: log,
      onAnswering: isAnswering => answering.push(isAnswering),
      pushes: {
        statusChanged: value => void heard.push({ kind: 'statusChanged', value }),
        eventsRecorded: value => void heard.push({ kind: 'eventsRecorded', value }),
        jobChanged: value => void heard.push({ kind: 'jobChanged', value }),
        focusedLast: value => void heard.push({ kind: 'focusedLast', value }),
        storeCredentials: async value => {
          heard.push({ kind: 'storeCredentials', value });
          await store(value);
        },
        loadCredentials: () => Promise.resolve(credentials),
      },
    });
    const follower = { link, socket, heard, answering };
    followers.push(follower);
    return follower;
  };

  const greet = (
    follower: Follower,
    change: { token?: string; protocol?: number; focusedAtMs?: number } = {},
  ) =>
    follower.link.hello({
      protocol: PROTOCOL_VERSION,
      extensionVersion: '1.2.0',
      token: TOKEN,
      credentials: null,
      focusedAtMs: 0,
      ...change,
    });

  afterEach(async () => {
    for (const { link } of followers.splice(0)) link.close();
    hub.dispose();
    await server.close();
  });

  it('carries the contract after the token, and nothing before it', async () => {
    const service = createFakeService({
      getStatistics: () => Promise.reject(new ServiceError('storage', 'No.')),
    });
    await begin({ service });
    const follower = await follow();
    await assert.rejects(follower.link.service.connect(), { kind: 'denied' });
    assert.deepEqual(await greet(follower), {
      protocol: PROTOCOL_VERSION,
      extensionVersion: '1.2.0',
      epoch: 7,
    });
    await follower.link.service.markRead(5);
    assert.deepEqual(service.calls, [{ method: 'markRead', args: [5] }]);
    await assert.rejects(follower.link.service.getStatistics('all'), { kind: 'storage', message: 'No.' });
  });

  it('shows a window out that has the wrong token', async () => {
    await begin();
    const follower = await follow();
    const over = new Promise<void>(resolve => follower.socket.once('close', () => resolve()));
    await assert.rejects(greet(follower, { token: 'another-token-of-length' }));
    await over;
  });

  it('refuses arguments that make no sense and names that are not of the contract', async () => {
    const service = createFakeService();
    await begin({ service });
    const follower = await follow();
    await greet(follower);
    await assert.rejects(follower.link.service.markRead(-1), { kind: 'badRequest' });
    await assert.rejects(follower.link.service.queryEvents({}, null, 501, null), { kind: 'badRequest' });
    const answers: string[] = [];
    follower.socket.on('data', (chunk: Buffer) => answers.push(chunk.toString()));
    for (const name of ['constructor', 'toString', '__proto__', 'dispose', 'storeCredentials']) {
      follower.socket.write(`${JSON.stringify({ t: 'q', m: name, a: [], i: name })}\n`);
    }
    await until(() => answers.join('').split('\n').length > 5, 'five refusals');
    assert.equal(answers.join('').match(/"__error"/g)?.length, 5);
    assert.deepEqual(service.calls, []);
  });

  it('tells a window of another protocol so, and lets it ask only for the lead', async () => {
    const wanted: string[] = [];
    await begin({ onYield: version => wanted.push(version) });
    const follower = await follow();
    await assert.rejects(greet(follower, { protocol: PROTOCOL_VERSION + 1 }), { kind: 'versionMismatch' });
    await assert.rejects(follower.link.service.connect(), { kind: 'denied' });
    assert.equal(await follower.link.yieldLead('1.1.9'), false);
    assert.equal(await follower.link.yieldLead('1.10.0'), true);
    await until(() => wanted.length === 1, 'the wish to lead');
    assert.deepEqual(wanted, ['1.10.0']);
  });

  it('hands tokens to every window and waits for each, but not for ever', async () => {
    await begin();
    let release = (): void => undefined;
    const slow = await follow(
      () =>
        new Promise<void>(resolve => {
          release = resolve;
        }),
    );
    const quick = await follow();
    await Promise.all([greet(slow), greet(quick)]);
    let isDone = false;
    const stored = hub.storeEverywhere(credentials).then(() => {
      isDone = true;
    });
    await until(
      () => slow.heard.some(({ kind }) => kind === 'storeCredentials'),
      'the slow window to be asked',
    );
    await until(
      () => quick.heard.some(({ kind }) => kind === 'storeCredentials'),
      'the quick window to be asked',
    );
    assert.equal(isDone, false);
    release();
    await stored;
    await follow(() => new Promise<void>(() => undefined)).then(greet);
    await hub.storeEverywhere(credentials);
    assert.deepEqual(await hub.loadEverywhere('twitch'), [credentials, credentials, credentials]);
  });

  it('gives the notifications to the window that had the focus last', async () => {
    const own: boolean[] = [];
    await begin({ onFocusedLast: isOwn => own.push(isOwn), focusedAtMs: 50 });
    const [a, b] = [await follow(), await follow()];
    const last = (follower: Follower): unknown =>
      follower.heard.findLast(({ kind }) => kind === 'focusedLast')?.value;
    await greet(a, { focusedAtMs: 100 });
    await until(() => last(a) === true && own.at(-1) === false, 'a to be last');
    await greet(b, { focusedAtMs: 70 });
    b.link.focused(200);
    await until(() => last(b) === true && last(a) === false, 'b to be last');
    b.link.close();
    await until(() => last(a) === true, 'a to be last again');
    hub.setOwnFocus(300);
    await until(() => last(a) === false && own.at(-1) === true, 'the leader to be last');
  });

  it('leaves out what a window does not read, and shows it the gap afterwards', async () => {
    await begin();
    const follower = await follow();
    await greet(follower);
    follower.socket.pause();
    const status = makeStatus({ epoch: 7 });
    const filler = 'x'.repeat(50_000);
    const count = 400;
    for (let sequence = 1; sequence <= count; sequence++) {
      hub.statusChanged({ ...status, revision: sequence, server: { kind: 'twitch', label: filler } });
      hub.eventsRecorded({
        epoch: 7,
        after: sequence - 1,
        sequence,
        events: [],
        gifts: [],
        unread: 0,
        isUnsaved: false,
      });
      if (sequence % 20 === 0) await new Promise<void>(resolve => setImmediate(resolve));
    }
    follower.socket.resume();
    const sequences = (): number[] =>
      follower.heard.flatMap(({ kind, value }) =>
        kind === 'eventsRecorded' ? [(value as EventsRecorded).sequence] : [],
      );
    await until(() => sequences().at(-1) === count, 'the last sequence');
    assert.ok(sequences().length < count, 'something was left out');
    const lastBatch = follower.heard.findLast(({ kind }) => kind === 'eventsRecorded')?.value;
    // Also for one who misses the last batch alone: what is empty must not pass for it.
    assert.equal((lastBatch as EventsRecorded).after, count);
    const revision = follower.heard.findLast(({ kind }) => kind === 'statusChanged')?.value;
    assert.equal((revision as { revision: number }).revision, count);
  });

  it('tells of a leader that does not answer, and of its return', async function () {
    this.timeout(30_000);
    await begin();
    const follower = await follow();
    await greet(follower);
    const frozen: Socket[] = [];
    server.server.removeAllListeners('connection');
    server.server.on('connection', (socket: Socket) => frozen.push(socket));
    const waiting = await follow();
    greet(waiting).catch(() => undefined);
    await until(() => waiting.answering.at(-1) === false, 'silence to be noticed', 20_000);
    frozen[0]?.write('{"t":"s","i":"none"}\n');
    await until(() => waiting.answering.at(-1) === true, 'the return to be noticed');
    assert.deepEqual(follower.answering, []);
    for (const socket of frozen) socket.destroy();
  });
});
