import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { RecordResult } from '../../../src/shared/data-service';
import type { Logger, StorageStatus } from '../../../src/shared/service';
import { nextTurn } from '../../../src/shared/turns';
import { createDataClient, type DataClient } from '../../../src/data/data-client';
import { follow, gift, WASM_PATH } from './engine-harness';
import { waitUntil } from './wait-until';

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  trace: () => undefined,
};

describe('the data client', () => {
  let bundles: string;
  let folder: string;
  let client: DataClient;
  let statuses: StorageStatus[];
  let pushed: RecordResult[];

  before(async () => {
    bundles = mkdtempSync(join(tmpdir(), 'eventsub-worker-'));
    await build({
      entryPoints: [join(process.cwd(), 'src', 'data', 'data-worker.ts')],
      outfile: join(bundles, 'data-worker.js'),
      bundle: true,
      platform: 'node',
      target: 'node20',
      mainFields: ['module', 'main'],
      logLevel: 'error',
    });
  });
  after(() => rmSync(bundles, { recursive: true, force: true }));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eventsub-client-'));
    statuses = [];
    pushed = [];
  });
  afterEach(async () => {
    await client.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(workerPath = join(bundles, 'data-worker.js')): DataClient {
    client = createDataClient({
      workerPath,
      wasmPath: WASM_PATH,
      logger: silent,
      pushes: {
        recorded: result => pushed.push(result),
        storageChanged: status => statuses.push(status),
        exportProgress: () => undefined,
        notice: () => undefined,
        failed: () => undefined,
      },
    });
    return client;
  }

  /** A worker that dies so long after it was first told of a viewer whose id has "die" in it. */
  function mortalWorker(afterMs: number): string {
    const path = join(folder, `mortal-${afterMs}.js`);
    const mark = JSON.stringify(join(folder, `died-${afterMs}`));
    const deathMs = JSON.stringify(afterMs);
    writeFileSync(
      path,
      `const fs = require('node:fs');
       require('node:worker_threads').parentPort.on('message', message => {
         if (!JSON.stringify(message).includes('die') || fs.existsSync(${mark})) return;
         fs.writeFileSync(${mark}, '');
         const end = () => { throw new Error('a bug'); };
         if (${deathMs} < 0) end(); else setTimeout(end, ${deathMs});
       });
       require(${JSON.stringify(join(bundles, 'data-worker.js'))});`,
    );
    return path;
  }

  it('stands back for the editor, where the system can tell threads apart', async function () {
    // Elsewhere a priority is the whole process's, and the worker leaves it as it is; nor is there a /proc to read.
    if (process.platform !== 'linux') this.skip();
    const mine = getPriority();
    start();
    await client.open({ folder, retentionDays: 0 });
    assert.equal(getPriority(), mine);
    assert.ok(threadNiceness().includes(10), 'no thread stands back');
  });

  it('answers in order: what counts events does not overtake the events', async () => {
    start();
    await client.open({ folder, retentionDays: 0 });
    const order: string[] = [];
    const batch = (from: number) => Array.from({ length: 600 }, (_, index) => follow(String(from + index)));
    const recorded = [0, 1, 2, 3].map(async call => {
      const { unread } = await client.record(batch(1 + call * 600));
      order.push(`recorded ${unread}`);
    });
    // One turn later, as the batches are on their way.
    await nextTurn();
    const read = client.markRead(2400).then(({ unread }) => order.push(`read ${unread}`));
    await Promise.all([...recorded, read]);
    assert.equal(order.at(-1), 'read 0', order.join(', '));
  });

  it('records through the worker and answers each call with its own events', async () => {
    start();
    await client.open({ folder, retentionDays: 0 });
    const [one, two, three] = await Promise.all([
      client.record([follow('1')]),
      client.record([follow('2'), follow('3')]),
      client.record([]),
    ]);
    assert.deepEqual(
      one.events.map(event => event.viewer?.id),
      ['1'],
    );
    assert.deepEqual(
      two.events.map(event => event.viewer?.id),
      ['2', '3'],
    );
    assert.deepEqual(three.events, []);
    assert.equal((await client.queryEvents({}, null, 10, null)).events.length, 3);
    await assert.rejects(client.queryEvents({}, null, 0, null), { name: 'ServiceError', kind: 'badRequest' });
    await waitUntil(() => statuses.some(status => status.kind === 'ok'));
  });

  it('pushes what a sweep found', async () => {
    start();
    await client.open({ folder, retentionDays: 0 });
    for (const users of [['1'], ['1', '2']]) {
      const { sweepId } = await client.beginSweep({
        kind: 'vips',
        channelId: '1337',
        mode: 'whole',
        startedAt: '2026-11-29T12:00:00.000Z',
      });
      const rows = users.map(userId => ({ userId, userLogin: userId, userName: userId }));
      await client.addSweepPage(sweepId, { rows, cursor: null, total: null });
      await client.finishSweep(sweepId, { isWhole: true, total: null });
    }
    await waitUntil(() => pushed.length > 0, 'the push');
    assert.equal(pushed[0]?.events[0]?.viewer?.id, '2');
  });

  for (const afterMs of [-1, 0, 1, 3, 10]) {
    it(`sends again what was in flight when the worker died ${afterMs} ms later, recorded once`, async () => {
      start(mortalWorker(afterMs));
      await client.open({ folder, retentionDays: 0 });
      await client.record([follow('before')]);
      const sent = ['a', 'die', 'b', 'c', 'd'];
      const results = await Promise.all([
        ...sent.map(id => client.record([follow(id)])),
        client.record([gift('die-2', 2)]),
      ]);
      assert.deepEqual(
        results.map(result => result.events.length),
        [1, 1, 1, 1, 1, 1],
      );
      assert.deepEqual(
        results.slice(0, 5).map(result => result.events[0]?.viewer?.id),
        sent,
      );
      const page = await client.queryEvents({}, null, 50, null);
      assert.equal(page.events.length, 7);
      assert.equal((await client.record([follow('after')])).events.length, 1);
    });
  }

  it('gives up on a worker that dies at every start, and says so', async () => {
    const path = join(folder, 'dead.js');
    writeFileSync(path, 'throw new Error("stillborn");');
    start(path);
    await assert.rejects(client.open({ folder, retentionDays: 0 }), { kind: 'storage' });
  });

  it('closes with everything in the snapshot', async () => {
    start();
    await client.open({ folder, retentionDays: 0 });
    const recorded = client.record(Array.from({ length: 2500 }, (_, index) => follow(String(index))));
    await client.close();
    assert.equal((await recorded).events.length, 2500);
    await assert.rejects(async () => client.getToday(), { kind: 'cancelled' });
    start();
    const report = await client.open({ folder, retentionDays: 0 });
    assert.equal(report.replayed, 0);
    assert.equal(report.unread, 2500);
  });
});

/** See `proc_pid_stat(5)`: the 19th field, counted from the end of the name in brackets. */
function threadNiceness(): number[] {
  return readdirSync('/proc/self/task').map(thread => {
    const text = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
  });
}
