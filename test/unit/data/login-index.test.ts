import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../../src/data/database';
import { viewersByLogin } from '../../../src/data/login-index';
import { FIRST_MIGRATION } from '../../../src/data/migrations/001-first';
import { migrate } from '../../../src/data/migrations/migrate';
import { loadSqlite, type Sqlite } from '../../../src/data/sqlite-module';
import { ViewerBook } from '../../../src/data/viewer-book';
import { follow, Harness, loadWasm } from './engine-harness';

const AT = '2026-11-29T11:59:00.123Z';
const SOUNDS = ['Ka', 'zU', 'mi', 'RON', 'del', 'ä', 'ß', '_', '日', '9'];

/** Names that begin alike by the hundred, in all cases and some scripts, none twice. */
function nameOf(index: number): string {
  const sounds = [index % 7, index % 10, index % 3].map(at => SOUNDS[at] ?? '');
  return `${sounds.join('')}${index.toString(36)}`;
}

const lower = (text: string): string => text.replace(/[A-Z]/g, letter => letter.toLowerCase());

describe('the index of logins', () => {
  let sqlite: Sqlite;
  let database: Database;
  let viewers: ViewerBook;
  /** What the table should say. */
  let logins: Map<string, string>;

  before(async () => (sqlite = await loadSqlite(await loadWasm())));
  beforeEach(() => {
    database = Database.create(sqlite);
    logins = new Map();
  });
  afterEach(() => database.close());

  function begin(): void {
    migrate(database);
    viewers = new ViewerBook(database);
  }

  function note(id: string, login: string): void {
    viewers.upsert({ id, login, displayName: login }, AT);
    logins.set(id, login);
  }

  function add(from: number, count: number): void {
    database.transaction(() => {
      for (let index = from; index < from + count; index++) note(String(index), nameOf(index));
      viewers.flush();
    });
  }

  function check(): void {
    for (const text of ['ka', 'KAKA', 'mimi', 'ron', 'ä', 'Ä', '日', '_', '9', 'kazuka7', 'nobody', '%']) {
      const expected = [...logins].filter(([, login]) => lower(login).startsWith(lower(text)));
      assert.deepEqual(
        viewersByLogin(database, text, 100_000).sort(),
        expected.map(([id]) => id).sort(),
        text,
      );
    }
  }

  const indexed = (): number => database.integer('SELECT count(*) FROM logins');

  it('finds who is in it and who waits, by every beginning and in either case', () => {
    begin();
    for (let from = 0; from < 17_500; from += 2_500) {
      add(from, 2_500);
      check();
    }
    assert.equal(indexed(), 10_000);
    assert.equal(viewersByLogin(database, 'k', 300).length, 300);
  });

  it('finds people by their new login and no more by the old one', () => {
    begin();
    add(0, 9_000);
    assert.equal(indexed(), 9_000);
    add(9_000, 100);
    for (const id of ['0', '77', '8999', '9000', '9099']) {
      note(id, `renamed${id}`);
      // Other letters of one name.
      note(id, `reNamed${id}`);
    }
    viewers.flush();
    check();
    assert.deepEqual(viewersByLogin(database, 'RENAMED', 10).sort(), ['0', '77', '8999', '9000', '9099']);
    add(9_100, 10_000);
    assert.equal(indexed(), 19_100);
    check();
  });

  it('is as it was after a transaction that was rolled back', () => {
    begin();
    add(0, 5_000);
    const held = new Map(logins);
    assert.throws(() =>
      database.transaction(() => {
        for (let index = 5_000; index < 15_000; index++) note(String(index), nameOf(index));
        viewers.flush();
        throw new Error('No.');
      }),
    );
    viewers.forget();
    logins = held;
    assert.equal(indexed(), 0);
    check();
    add(5_000, 10_000);
    assert.equal(indexed(), 15_000);
    check();
  });

  it('builds itself again where the mark is lost', () => {
    begin();
    add(0, 10_000);
    database.exec("DELETE FROM marks WHERE name = 'loginsTo'");
    viewers.forget();
    note('3', 'another');
    add(10_000, 10);
    assert.equal(indexed(), 10_011);
    add(10_010, 10);
    assert.deepEqual(viewersByLogin(database, 'another', 10), ['3']);
    assert.deepEqual(viewersByLogin(database, nameOf(10_015), 10), ['10015']);
  });

  it('takes over the viewers of a database that had an index of SQLite', () => {
    database.exec(`${FIRST_MIGRATION}; PRAGMA user_version = 1`);
    const insert = database.prepare('INSERT INTO viewers VALUES (?1, ?2, ?2, ?3, ?3)');
    for (let index = 0; index < 500; index++) {
      insert.run(String(index), nameOf(index), AT);
      logins.set(String(index), nameOf(index));
    }
    begin();
    assert.equal(indexed(), 500);
    check();
    add(500, 10);
    note('3', 'another');
    check();
  });
});

describe('a database of the first version', () => {
  it('is brought up to date when it is opened, and goes on', async () => {
    const sqlite = await loadSqlite(await loadWasm());
    const old = new sqlite.functions.Database() as unknown as {
      exec: (sql: string) => void;
      export: () => Uint8Array;
      close: () => void;
    };
    old.exec(`${FIRST_MIGRATION}; PRAGMA user_version = 1;
      INSERT INTO viewers VALUES ('7', 'Viewer_Seven', 'Viewer_Seven', '${AT}', '${AT}')`);
    const harness = new Harness();
    writeFileSync(join(harness.folder, 'eventsub.sqlite'), old.export());
    old.close();
    try {
      const report = await harness.open();
      assert.equal(report.setAsidePath, null);
      await harness.record(follow('7'), follow('8'));
      const found = await harness.engine.queryEvents({ text: 'viewer_' }, null, 10, null);
      assert.deepEqual(found.events.map(event => event.viewer?.id).sort(), ['7', '8']);
      assert.deepEqual(await harness.rows('PRAGMA user_version'), [[2]]);
      assert.deepEqual(await harness.rows('SELECT login FROM logins'), [['viewer_7']]);
    } finally {
      await harness.dispose();
    }
  });
});
