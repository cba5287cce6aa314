import assert from 'node:assert/strict';
import { Database } from '../../../src/data/database';
import { FirstRuns } from '../../../src/data/first-runs';
import { migrate } from '../../../src/data/migrations/migrate';
import { loadSqlite } from '../../../src/data/sqlite-module';
import { follow, Harness, loadWasm, notification, person } from './engine-harness';

describe('the runs of first rows', () => {
  let database: Database;
  let runs: FirstRuns;
  let noted: Map<number, [event: number | null, follow: number]>;

  beforeEach(async () => {
    database = Database.create(await loadSqlite(await loadWasm()));
    migrate(database);
    runs = new FirstRuns(database);
    noted = new Map();
  });
  afterEach(() => database.close());

  function add(viewer: number, event: number | null, followId: number): void {
    runs.add(viewer, event, followId);
    noted.set(viewer, [event, followId]);
  }

  function check(viewers = 200): void {
    for (let viewer = 0; viewer < viewers; viewer++) {
      const [event, followId] = noted.get(viewer) ?? [null, null];
      assert.equal(runs.find('event', viewer), event, `event of ${viewer}`);
      assert.equal(runs.find('follow', viewer), followId, `follow of ${viewer}`);
    }
  }

  const rows = (): number => database.integer('SELECT count(*) FROM first_runs');

  it('is one row for followers who came one after the other, over transactions and breaks', () => {
    for (let viewer = 1; viewer <= 50; viewer++) {
      add(viewer, viewer + 7, viewer + 3);
      if (viewer % 20 === 0) runs.flush();
      check();
    }
    runs.flush();
    assert.equal(rows(), 1);
    // 51 came by a gift, 60 and 61 by a list, 62 follows after something else happened.
    for (let viewer = 52; viewer < 60; viewer++) add(viewer, viewer + 7, viewer + 2);
    add(60, null, 62);
    add(61, null, 63);
    add(62, 70, 64);
    check();
    runs.flush();
    assert.equal(rows(), 4);
    runs = new FirstRuns(database);
    check();
    add(63, 71, 65);
    runs.flush();
    check();
  });

  it('does not depend on the order in which viewers come', () => {
    add(10, 1, 1);
    add(11, 2, 2);
    add(4, 3, 3);
    check();
    add(12, 4, 4);
    add(5, 5, 5);
    check();
    runs.flush();
    runs = new FirstRuns(database);
    check();
  });

  it('is as it was after a transaction that was rolled back', () => {
    database.transaction(() => {
      add(1, 1, 1);
      add(2, 2, 2);
      runs.flush();
    });
    const held = new Map(noted);
    assert.throws(() =>
      database.transaction(() => {
        add(3, 3, 3);
        add(5, 4, 4);
        runs.flush();
        add(6, 5, 5);
        throw new Error('No.');
      }),
    );
    runs.forget();
    noted = held;
    check();
    add(3, 9, 3);
    add(4, 10, 4);
    runs.flush();
    check();
  });
});

describe('what happened to a follower', () => {
  it('is all there, whoever else came in between and however often it was opened', async () => {
    const harness = new Harness();
    const happened = new Map<string, number>();
    const note = (id: string): string => {
      happened.set(id, (happened.get(id) ?? 0) + 1);
      return id;
    };
    const minute = (n: number): string =>
      new Date(Date.parse('2026-11-28T08:00:00Z') + n * 60_000).toISOString();
    try {
      await harness.open();
      for (let round = 0; round < 6; round++) {
        const people = Array.from({ length: 12 }, (_, index) => `p${round * 7 + index}`);
        const follows = people.map(id => follow(note(id), minute(round * 10)));
        const other = notification('channel.vip.add', person(note(`v${round}`)), {
          at: minute(round * 10 + 1),
        });
        const again = notification('channel.raid', person(note(`p${round * 5}`)), {
          at: minute(round * 10 + 2),
        });
        await harness.record(...follows.slice(0, 9), other, ...follows.slice(9), again);
        if (round % 2 === 0) await harness.restart();
        else await harness.reopen();
      }
      for (const [id, count] of happened) {
        const page = await harness.engine.queryEvents({ viewerId: id }, null, 50, null);
        assert.equal(page.events.length, count, id);
        const details = await harness.engine.getViewer(id);
        assert.equal(details?.isFollowing, id.startsWith('p'), id);
      }
    } finally {
      await harness.dispose();
    }
  });
});
