import { ImageSeed, PagedImage, type FrozenImage } from './paged-image';
import type { Sqlite, SqlJsDatabase } from './sqlite-module';
import { Statement } from './statement';

/** A failure inside SQLite; `code` is its extended result code. */
export class SqliteError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
    this.name = 'SqliteError';
  }
}

/** Bounds of what SQLite may keep of the file beside the file itself. */
const LEAST_CACHE_BYTES = 16_000_000;
const MOST_CACHE_BYTES = 64_000_000;

/** An empty database of the page size that we use; made once for each module. */
const seeds = new WeakMap<Sqlite, Uint8Array>();

function emptyImage(sqlite: Sqlite): Uint8Array {
  const known = seeds.get(sqlite);
  if (known) return known.slice();
  const maker = new sqlite.functions.Database();
  const database = new Database(sqlite, maker, null);
  database.exec('CREATE TABLE seed (x); DROP TABLE seed; VACUUM');
  const image = maker.export();
  database.close();
  seeds.set(sqlite, image);
  return image.slice();
}

/**
 * One open database, whole in memory. Statements are compiled once and kept. Not for use from two places at
 * once: a transaction runs to its end without giving way.
 */
export class Database {
  private readonly statements = new Map<string, Statement>();
  private isOpen = true;
  private isInTransaction = false;
  private cacheBytes = 0;

  /** Use `Database.create` or `Database.fromImage`. */
  constructor(
    private readonly sqlite: Sqlite,
    private readonly held: SqlJsDatabase,
    private readonly image: PagedImage | null,
  ) {}

  /** A new, empty database. */
  static create(sqlite: Sqlite): Database {
    return Database.fromImage(sqlite, emptyImage(sqlite));
  }

  /**
   * Takes over a database file's bytes, and its chunks' checksums where they are known. Nothing is checked yet: a
   * damaged one fails when it is read.
   */
  static fromImage(sqlite: Sqlite, bytes: Uint8Array, sums: readonly number[] = []): Database {
    const image = new PagedImage(bytes);
    // The last chunk is not whole, and its sum would not do once it has grown.
    image.setSums(sums.slice(0, -1));
    const held = new sqlite.functions.Database(new ImageSeed(bytes, image));
    const database = new Database(sqlite, held, image);
    try {
      database.exec(
        `PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF`,
      );
      database.fitCache();
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  }

  /** Runs statements that have no values and no rows. */
  exec(sql: string): void {
    const { functions } = this.sqlite;
    const pointer = this.allocateText(sql);
    const code = functions._sqlite3_exec(this.held.db, pointer, 0, 0, 0);
    functions._free(pointer);
    if (code !== 0) throw this.error(code);
  }

  /** The compiled statement for this SQL text; the same one each time. */
  prepare(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    const { functions } = this.sqlite;
    const text = this.allocateText(sql);
    const out = functions._malloc(4);
    const code = functions._sqlite3_prepare_v2(this.held.db, text, -1, out, 0);
    const pointer = this.sqlite.memory().readUInt32LE(out);
    functions._free(text);
    functions._free(out);
    if (code !== 0) throw this.error(code);
    const statement = new Statement(this.sqlite, pointer, failure => this.error(failure));
    this.statements.set(sql, statement);
    return statement;
  }

  /** Runs `work` in one transaction; rolled back, and thrown on, if it throws. */
  transaction<T>(work: () => T): T {
    if (this.isInTransaction) throw new Error('A transaction is open already.');
    this.exec('BEGIN');
    this.isInTransaction = true;
    try {
      const result = work();
      this.exec('COMMIT');
      this.fitCache();
      return result;
    } catch (error) {
      this.rollBack();
      throw error;
    } finally {
      this.isInTransaction = false;
    }
  }

  /** Runs `work` so that what it changed is undone if it throws, inside a transaction. */
  attempt<T>(work: () => T): T {
    this.exec('SAVEPOINT attempt');
    try {
      const result = work();
      this.exec('RELEASE attempt');
      return result;
    } catch (error) {
      this.exec('ROLLBACK TO attempt; RELEASE attempt');
      throw error;
    }
  }

  /** The number of rows that the last INSERT, UPDATE or DELETE changed. */
  changes(): number {
    return this.sqlite.functions._sqlite3_changes(this.held.db);
  }

  /** The rowid that the last INSERT gave. */
  lastRow(): number {
    return this.prepare('SELECT last_insert_rowid()').first([], row => row.integer(0)) ?? 0;
  }

  /** One whole number, such as a pragma's or a count; 0 if there is no row. */
  integer(sql: string): number {
    return this.prepare(sql).first([], row => row.integer(0)) ?? 0;
  }

  /** The size of the database file in bytes. */
  sizeBytes(): number {
    return this.image?.byteLength ?? 0;
  }

  /** The database file as it stands between two transactions. */
  freeze(): FrozenImage {
    if (!this.image) throw new Error('This database has no image.');
    if (this.isInTransaction) throw new Error('A transaction is open.');
    return this.image.freeze();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const statement of this.statements.values()) statement.finalize();
    this.statements.clear();
    this.held.close();
  }

  /**
   * A sixteenth of the file, so that the inner pages of indexes stay in SQLite's hands while the file grows: a page
   * that has to be fetched for each new name makes events dearer the more there are.
   */
  private fitCache(): void {
    const wanted = Math.min(MOST_CACHE_BYTES, Math.max(LEAST_CACHE_BYTES, this.sizeBytes() / 16));
    if (wanted < this.cacheBytes * 1.25) return;
    this.cacheBytes = wanted;
    this.exec(`PRAGMA cache_size = -${Math.round(wanted / 1024)}`);
  }

  private rollBack(): void {
    // Some failures (out of memory, full) have already rolled back; then this one finds nothing to do.
    try {
      this.exec('ROLLBACK');
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
    }
  }

  private allocateText(text: string): number {
    const bytes = Buffer.byteLength(text) + 1;
    const pointer = this.sqlite.functions._malloc(bytes);
    const memory = this.sqlite.memory();
    memory.write(text, pointer);
    memory[pointer + bytes - 1] = 0;
    return pointer;
  }

  private error(code: number): SqliteError {
    const { functions } = this.sqlite;
    const pointer = functions._sqlite3_errmsg(this.held.db);
    const memory = this.sqlite.memory();
    const message = memory.toString('utf8', pointer, memory.indexOf(0, pointer));
    const extended = functions._sqlite3_extended_errcode(this.held.db);
    return new SqliteError((extended & 255) === (code & 255) ? extended : code, message);
  }
}
