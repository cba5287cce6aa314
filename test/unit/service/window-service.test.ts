import assert from 'node:assert/strict';
import {
  PROTOCOL_VERSION,
  ServiceError,
  type ServiceStatus,
  type WindowLink,
} from '../../../src/shared/service';
import { openChannel } from '../../../src/shared/rpc';
import { createMemoryStore } from '../../../src/service/account-part';
import { createLeadership, type Leadership } from '../../../src/service/leadership';
import { openLinePort } from '../../../src/service/local-socket';
import { createWindowService, type WindowService } from '../../../src/service/window-service';
import { startSimulator } from '../../../src/simulator/simulator';
import { buildWorkerBundle } from './leader-bundle';
import { createLog, makeFolder, makeSettings, until } from './support';

describe('the service of one window', function () {
  this.timeout(60_000);
  let folder: ReturnType<typeof makeFolder>;
  let bundleFolder: string;
  const windows: WindowService[] = [];
  const log = createLog();

  before(() => {
    bundleFolder = buildWorkerBundle();
  });
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(async () => {
    for (const window of windows.splice(0)) await window.dispose();
    folder.remove();
  });

  const open = (extensionVersion = '1.0.0', storageFolder = folder.path): WindowService => {
    const window = createWindowService({
      storageFolder,
      bundleFolder,
      extensionVersion,
      credentials: createMemoryStore(),
      settings: makeSettings({ server: 'simulator' }),
      settingProblems: [],
      logger: log,
      startSimulator,
    });
    windows.push(window);
    return window;
  };
  const isLive = async (window: WindowService): Promise<boolean> =>
    (await window.getStatus()).subscriptions.every(({ state }) => state.kind === 'live');

  it('leaves nothing running when it is disposed, whether it led or followed', async () => {
    const isOurs = (name: string): boolean => name !== 'FSReqPromise' && name !== 'Immediate';
    const list = (): string => process.getActiveResourcesInfo().filter(isOurs).sort().join();
    // Mocha sets its own timer once the test has returned a promise.
    await Promise.resolve();
    const before = list();
    const leader = open();
    await leader.start();
    await until(() => isLive(leader), 'the leader to be live');
    const follower = open();
    await follower.start();
    await until(async () => (await follower.getStatus()).role === 'follower', 'the follower');
    assert.ok(leader.isFocusedLast());
    follower.setFocused(Date.now());
    await until(() => !leader.isFocusedLast(), 'the focus to move');
    assert.ok(follower.isFocusedLast());
    await follower.dispose();
    await leader.dispose();
    await assert.rejects(leader.connect(), { kind: 'cancelled' });
    const end = Date.now() + 10_000;
    while (list() !== before && Date.now() < end) await new Promise<void>(resolve => setImmediate(resolve));
    assert.equal(list(), before);
  });

  it('changes the server for every window when one of them changes the setting', async () => {
    const [leader, follower] = [open(), open()];
    await leader.start();
    await until(() => isLive(leader), 'the leader to be live');
    await follower.start();
    await until(async () => (await follower.getStatus()).role === 'follower', 'the follower');
    const problem = {
      setting: 'eventsub.channel',
      message: 'm',
      problem: { kind: 'type', value: 1, expected: 'string' },
    } as const;
    follower.setSettings(makeSettings({ server: 'simulator', events: ['channel.follow'] }), [problem]);
    await until(
      async () =>
        (await leader.getStatus()).subscriptions.filter(({ state }) => state.kind === 'off').length === 7,
      'the leader to follow the setting',
    );
    assert.deepEqual((await follower.getStatus()).settingProblems, [problem]);
    assert.deepEqual((await leader.getStatus()).settingProblems, []);
  });

  it('tells how a job of a window that was closed ended, and waits with calls for the next leader', async () => {
    const [leader, follower] = [open(), open()];
    await leader.start();
    await until(() => isLive(leader), 'the leader to be live');
    await follower.start();
    await until(async () => (await follower.getStatus()).role === 'follower', 'the follower');
    const ends: string[] = [];
    follower.observe({ jobChanged: ({ state }) => void ends.push(state.kind) });
    await follower.simulate({ type: 'channel.follow', viewer: '', count: 10_000 });
    await until(() => ends.includes('running'), 'the job to run');
    const closing = leader.dispose();
    const snapshot = await follower.getSnapshot({}, 10);
    await closing;
    await until(() => ends.some(kind => kind !== 'running'), 'the end of the job');
    await until(async () => (await follower.getStatus()).role === 'leader', 'the lead');
    assert.ok(snapshot.page.events.length <= 10);
  });

  it('is told to reload where the leading window speaks a newer protocol', async () => {
    let isLeading = false;
    const newer: Leadership = createLeadership({
      folder: folder.path,
      extensionVersion: '9.0.0',
      logger: log,
      onLead: () => {
        isLeading = true;
      },
      onFollow: () => undefined,
      onLost: () => undefined,
      onTrouble: () => undefined,
      onFollower: socket => {
        openChannel<object, Pick<WindowLink, 'hello'>>({
          port: openLinePort({ socket, maxLineBytes: 100_000, onBadLine: () => undefined }),
          handlers: {
            hello: greeting => {
              assert.equal(greeting.protocol, PROTOCOL_VERSION);
              return Promise.reject(new ServiceError('versionMismatch', '9.0.0'));
            },
          },
          callable: ['hello'],
          timeoutMs: 0,
          onProtocolError: () => undefined,
        });
      },
    });
    newer.start();
    const window = open();
    let status: ServiceStatus | null = null;
    window.observe({
      statusChanged: next => {
        status = next;
      },
    });
    await until(() => isLeading, 'the newer window to lead');
    await window.start();
    await until(async () => (await window.getStatus()).problems.length > 0, 'the problem');
    assert.deepEqual(
      (await window.getStatus()).problems.map(({ id, action }) => [id, action]),
      [['window.versionMismatch', 'reloadWindow']],
    );
    assert.ok(status);
    await assert.rejects(window.connect(), { kind: 'versionMismatch' });
    await newer.dispose();
    await until(() => isLive(window), 'the window to lead when the newer one is closed');
    assert.deepEqual((await window.getStatus()).problems, []);
  });

  it('says what is wrong with a storage folder that cannot be used', async function () {
    // Windows has no /dev/null, a file below which no folder can be made.
    if (process.platform === 'win32') this.skip();
    const window = open('1.0.0', '/dev/null/storage');
    await window.start();
    await until(async () => (await window.getStatus()).problems.length > 0, 'the problem');
    assert.deepEqual(
      (await window.getStatus()).problems.map(({ id }) => id),
      ['window.noFolder'],
    );
  });
});
