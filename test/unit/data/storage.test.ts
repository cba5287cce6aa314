import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeFiles, type AppendFile, type FileLayer } from '../../../src/data/file-layer';
import { readSeal, SealSum } from '../../../src/data/snapshot';
import { follow, gift, Harness } from './engine-harness';
import { waitUntil } from './wait-until';

/** The real file system, with a switch for each refusal. */
class FaultyFiles implements FileLayer {
  private readonly real = createNodeFiles();
  appendError: string | null = null;
  syncError: string | null = null;
  renameError: string | null = null;

  makeFolder = (path: string): Promise<void> => this.real.makeFolder(path);
  list = (folder: string): Promise<string[]> => this.real.list(folder);
  size = (path: string): Promise<number | null> => this.real.size(path);
  read: FileLayer['read'] = (path, visit) => this.real.read(path, visit);
  readStart = (path: string, bytes: number): Promise<Uint8Array> => this.real.readStart(path, bytes);
  remove = (path: string): Promise<void> => this.real.remove(path);
  syncFolder = (path: string): Promise<void> => this.real.syncFolder(path);
  reached = (): void => undefined;

  async create(path: string): Promise<AppendFile> {
    if (this.appendError === 'EACCES') throw refusal('EACCES');
    const file = await this.real.create(path);
    return {
      append: async bytes => {
        if (this.appendError) {
          // A full disk takes a part.
          await file.append(bytes.subarray(0, Math.floor(bytes.byteLength / 2)));
          throw refusal(this.appendError);
        }
        await file.append(bytes);
      },
      sync: () => (this.syncError ? Promise.reject(refusal(this.syncError)) : file.sync()),
      close: () => file.close(),
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.renameError ? Promise.reject(refusal(this.renameError)) : this.real.rename(from, to);
  }
}

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

describe('storage', () => {
  let harness: Harness;
  afterEach(() => harness.dispose());

  for (const [name, refuse, allow] of [
    [
      'a full disk',
      (f: FaultyFiles) => (f.appendError = 'ENOSPC'),
      (f: FaultyFiles) => (f.appendError = null),
    ],
    [
      'a folder without permission',
      (f: FaultyFiles) => (f.appendError = 'EACCES'),
      (f: FaultyFiles) => (f.appendError = null),
    ],
    [
      'a sync that fails',
      (f: FaultyFiles) => (f.syncError = 'EIO'),
      (f: FaultyFiles) => (f.syncError = null),
    ],
  ] as const) {
    it(`keeps events in memory on ${name}, says so, and saves them by itself later`, async () => {
      const files = new FaultyFiles();
      harness = new Harness(files);
      await harness.open();
      await harness.record(follow('1'));
      refuse(files);
      const first = await harness.record(follow('2'));
      const second = await harness.record(follow('3'), follow('4'));
      assert.equal(first.isUnsaved, true);
      assert.equal(second.isUnsaved, true);
      assert.equal((await harness.feed()).length, 4);
      await waitUntil(() => harness.statuses.some(status => status.kind === 'notSaving'), 'the status');
      const status = harness.statuses.find(entry => entry.kind === 'notSaving');
      assert.ok(status?.kind === 'notSaving' && status.reason.length > 10 && status.unsaved > 0);
      allow(files);
      await waitUntil(() => harness.statuses.at(-1)?.kind === 'ok', 'saving to resume');
      assert.equal((await harness.record(follow('5'))).isUnsaved, false);
      // What was refused is in the journal now: a crash loses nothing of it.
      await harness.reopen();
      assert.deepEqual((await harness.feed()).map(event => event.viewer?.id).reverse(), [
        '1',
        '2',
        '3',
        '4',
        '5',
      ]);
    });
  }

  it('goes on when a rename is refused, and makes the snapshot later', async () => {
    const files = new FaultyFiles();
    harness = new Harness(files);
    await harness.open();
    await harness.record(follow('1'));
    await harness.engine.snapshot();
    files.renameError = 'EBUSY';
    assert.equal((await harness.record(follow('2'))).isUnsaved, false);
    await assert.rejects(harness.engine.snapshot(), { kind: 'storage' });
    assert.equal((await harness.record(follow('3'))).isUnsaved, false);
    files.renameError = null;
    await harness.engine.snapshot();
    assert.deepEqual(await harness.rows('SELECT count(*) FROM events'), [[3]]);
  });

  it('refuses a database of a newer version and leaves it as it is', async () => {
    harness = new Harness();
    await harness.open();
    await harness.record(follow('1'));
    await harness.engine.close();
    const path = join(harness.folder, 'eventsub.sqlite');
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(1000, 60);
    writeFileSync(path, bytes);
    await assert.rejects(harness.reopen(), /newer version/);
    assert.deepEqual(readFileSync(path), bytes);
    const status = harness.statuses.at(-1);
    assert.ok(status?.kind === 'failed' && status.newerVersion);
  });

  it('names the file that cannot be used and never its folder, which may hold the name of a person', async () => {
    harness = new Harness();
    writeFileSync(join(harness.folder, 'journal'), 'in the way');
    await assert.rejects(harness.open(), (error: Error) => !error.message.includes(harness.folder));
    const status = harness.statuses.at(-1);
    assert.ok(status?.kind === 'failed');
    assert.match(status.reason, /'journal'/);
    assert.ok(!status.reason.includes(harness.folder), status.reason);
  });

  it('puts a file that is not SQLite aside, tells, and begins a fresh one', async () => {
    harness = new Harness();
    const text = 'my holiday diary';
    writeFileSync(join(harness.folder, 'eventsub.sqlite'), text);
    const report = await harness.open();
    assert.ok(report.setAsidePath);
    assert.equal(readFileSync(report.setAsidePath, 'utf8'), text);
    assert.match(report.notices.join(' '), /not an SQLite database/);
    assert.equal((await harness.record(follow('1'))).events.length, 1);
  });

  it('opens the previous snapshot and its segments when the snapshot is damaged, and tells', async () => {
    harness = new Harness();
    await harness.open();
    for (const id of ['1', '2', '3', '4']) {
      await harness.record(follow(id));
      if (id !== '4') await harness.engine.snapshot();
    }
    await harness.engine.close();
    const path = join(harness.folder, 'eventsub.sqlite');
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 2000, 9000);
    writeFileSync(path, bytes);
    const report = await harness.reopen();
    assert.equal(report.usedPrevious, true);
    assert.ok(report.notices.length > 0);
    assert.equal((await harness.feed()).length, 4);
    assert.ok(readdirSync(harness.folder).some(name => name.includes('damaged')));
  });

  it('replays the same rows: a journal alone gives the same database', async () => {
    harness = new Harness();
    await harness.open();
    await harness.record(gift('9', 3), follow('1'), follow('1', '2026-11-29T12:30:00Z'));
    await harness.engine.markRead(2);
    const dump = async (of: Harness): Promise<unknown> => [
      await of.rows('SELECT * FROM events'),
      await of.rows('SELECT * FROM follower_history'),
      await of.rows('SELECT * FROM viewer_subscriptions'),
      await of.rows('SELECT * FROM tallies'),
      await of.rows('SELECT * FROM message_keys'),
      await of.rows('SELECT * FROM marks'),
    ];
    const other = new Harness();
    cpSync(join(harness.folder, 'journal'), join(other.folder, 'journal'), { recursive: true });
    try {
      assert.equal((await other.open()).replayed, 4);
      assert.deepEqual(await dump(other), await dump(harness));
    } finally {
      await other.dispose();
    }
  });

  it('seals every snapshot, so that the next start need not check its pages', async () => {
    harness = new Harness();
    await harness.open();
    for (let round = 0; round < 6; round++) {
      await harness.record(...Array.from({ length: 400 }, (_, n) => follow(`${round}-${(n * 7919) % 1000}`)));
      await harness.engine.snapshot();
      const bytes = readFileSync(join(harness.folder, 'eventsub.sqlite'));
      const sum = new SealSum();
      sum.add(bytes);
      assert.equal(readSeal(bytes), sum.value);
      if (round === 3) await harness.restart();
    }
  });

  it('deletes segments only when both snapshots have them', async () => {
    harness = new Harness();
    await harness.open();
    const segments = (): string[] =>
      readdirSync(join(harness.folder, 'journal')).filter(name => name.endsWith('.journal'));
    await harness.record(follow('1'));
    await harness.engine.snapshot();
    assert.equal(segments().length, 1);
    await harness.record(follow('2'));
    await harness.engine.snapshot();
    assert.equal(segments().length, 1, 'the first is in both, the second only in the newer');
    assert.ok(existsSync(join(harness.folder, 'eventsub.sqlite.previous')));
  });

  it('prunes only events, as a record of its own, and keeps ids', async () => {
    harness = new Harness();
    await harness.open();
    const old = follow('1', '2026-01-01T00:00:00Z');
    await harness.record(old, follow('2', '2026-11-28T00:00:00Z'));
    await harness.engine.setRetention(30);
    assert.deepEqual(
      (await harness.feed()).map(event => event.viewer?.id),
      ['2'],
    );
    assert.deepEqual(await harness.rows('SELECT viewer_id, event_id FROM follower_history ORDER BY id'), [
      ['1', null],
      ['2', 2],
    ]);
    assert.equal((await harness.record(old)).copies, 1);
    await harness.reopen();
    assert.deepEqual(
      (await harness.feed()).map(event => event.viewer?.id),
      ['2'],
    );
    assert.equal((await harness.record(follow('3'))).events[0]?.id, 3, 'a number is never used again');
    assert.equal((await harness.engine.getStatistics('all')).eventCount, 2);
  });
});
