import assert from 'node:assert/strict';
import { Database } from '../../../src/data/database';
import { loadSqlite } from '../../../src/data/sqlite-module';
import type { Row, SqlValue } from '../../../src/data/statement';
import { loadWasm } from './engine-harness';

const VALUES: readonly SqlValue[] = [
  '',
  'a',
  'b',
  'ab',
  'ü',
  '日本',
  '🎉🎉',
  'x'.repeat(49),
  'y'.repeat(49),
  'ß'.repeat(40_000),
  'z'.repeat(300_000),
  null,
  0,
  1,
  -1,
  2 ** 31,
  1.5,
  Number.MAX_SAFE_INTEGER,
  new Uint8Array(0),
  new Uint8Array([0, 1, 2]),
  new Uint8Array([3, 4, 5]),
  new Uint8Array(200_000).fill(7),
];

const READERS: Readonly<Record<string, (row: Row, column: number) => SqlValue>> = {
  text: (row, column) => row.text(column),
  integer: (row, column) => row.integer(column),
  real: (row, column) => row.integer(column),
  blob: (row, column) => row.blob(column),
  null: () => null,
};

describe('a statement', () => {
  let database: Database;

  beforeEach(async () => (database = Database.create(await loadSqlite(await loadWasm()))));
  afterEach(() => database.close());

  it('writes each value as it is, whatever the same parameter was before', () => {
    database.exec('CREATE TABLE held (id INTEGER PRIMARY KEY, a, b)');
    const insert = database.prepare('INSERT INTO held VALUES (?1, ?2, ?3)');
    const expected: [SqlValue, SqlValue][] = [];
    for (const [index, before] of VALUES.entries()) {
      for (const after of VALUES.slice(index % 3)) expected.push([before, after], [after, before]);
    }
    for (const [id, [a, b]] of expected.entries()) insert.run(id, a, b);
    const types = database.prepare('SELECT typeof(a), typeof(b) FROM held WHERE id = ?1');
    const values = database.prepare('SELECT a, b FROM held WHERE id = ?1');
    for (const [id, pair] of expected.entries()) {
      const [readA, readB] = types.first([id], row => [READERS[row.text(0)], READERS[row.text(1)]]) ?? [];
      const found = values.first([id], row => [readA?.(row, 0), readB?.(row, 1)]);
      assert.ok(
        found?.every((value, at) => isSame(value, pair[at])),
        `row ${id}`,
      );
    }
  });

  it('finds by each value, whatever it looked for before', () => {
    const echo = database.prepare('SELECT ?1 IS ?2');
    for (const a of VALUES) {
      for (const b of VALUES) {
        assert.equal(
          echo.first([a, b], row => row.integer(0) === 1),
          isSame(a, b),
        );
        assert.equal(
          echo.first([b, a], row => row.integer(0) === 1),
          isSame(a, b),
        );
      }
    }
  });
});

function isSame(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}
