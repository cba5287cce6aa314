import type { SqliteError } from './database';
import type { Sqlite } from './sqlite-module';

const ROW = 100;
const DONE = 101;
const TYPE_NULL = 5;

export type SqlValue = string | number | null | Uint8Array;

/** The row that a statement stands on; only valid inside the callback that it was given to. */
export interface Row {
  text(column: number): string;
  textOrNull(column: number): string | null;
  integer(column: number): number;
  integerOrNull(column: number): number | null;
  blob(column: number): Uint8Array;
}

/** Room for the values of one run; a value that does not fit gets room of its own. */
const ARENA_BYTES = 64 * 1024;
const arenas = new WeakMap<Sqlite, number>();

function arenaOf(sqlite: Sqlite): number {
  const known = arenas.get(sqlite);
  if (known !== undefined) return known;
  const pointer = sqlite.functions._malloc(ARENA_BYTES);
  arenas.set(sqlite, pointer);
  return pointer;
}

/**
 * A compiled statement. Values are written straight into SQLite's memory and stay there until the run is over,
 * so SQLite need not copy them (`SQLITE_STATIC`).
 */
export class Statement implements Row {
  private readonly arena: number;
  private readonly extra: number[] = [];
  private isBusy = false;

  constructor(
    private readonly sqlite: Sqlite,
    private readonly pointer: number,
    private readonly fail: (code: number) => SqliteError,
  ) {
    this.arena = arenaOf(sqlite);
  }

  /** Runs to the end and ignores rows. Throws `SqliteError`. */
  run(...values: SqlValue[]): void {
    this.bind(values);
    let code = this.sqlite.functions._sqlite3_step(this.pointer);
    while (code === ROW) code = this.sqlite.functions._sqlite3_step(this.pointer);
    this.finish(code);
  }

  /** Reads the first row, if there is one. */
  first<T>(values: readonly SqlValue[], read: (row: Row) => T): T | undefined {
    let result: T | undefined;
    this.each(values, row => {
      result = read(row);
      return false;
    });
    return result;
  }

  /** Reads every row into an array. */
  all<T>(values: readonly SqlValue[], read: (row: Row) => T): T[] {
    const rows: T[] = [];
    this.each(values, row => {
      rows.push(read(row));
    });
    return rows;
  }

  /** Goes through the rows until `visit` returns false. The same statement cannot be used inside `visit`. */
  each(values: readonly SqlValue[], visit: (row: Row) => unknown): void {
    this.bind(values);
    this.isBusy = true;
    let code = DONE;
    try {
      code = this.sqlite.functions._sqlite3_step(this.pointer);
      while (code === ROW) {
        if (visit(this) === false) {
          code = DONE;
          break;
        }
        code = this.sqlite.functions._sqlite3_step(this.pointer);
      }
    } finally {
      this.isBusy = false;
      this.finish(code === ROW ? DONE : code);
    }
  }

  text(column: number): string {
    const { functions } = this.sqlite;
    const start = functions._sqlite3_column_text(this.pointer, column);
    const length = functions._sqlite3_column_bytes(this.pointer, column);
    return this.sqlite.memory().toString('utf8', start, start + length);
  }

  textOrNull(column: number): string | null {
    return this.isNull(column) ? null : this.text(column);
  }

  integer(column: number): number {
    return this.sqlite.functions._sqlite3_column_double(this.pointer, column);
  }

  integerOrNull(column: number): number | null {
    return this.isNull(column) ? null : this.integer(column);
  }

  blob(column: number): Uint8Array {
    const { functions } = this.sqlite;
    const start = functions._sqlite3_column_blob(this.pointer, column);
    const length = functions._sqlite3_column_bytes(this.pointer, column);
    return Uint8Array.prototype.slice.call(this.sqlite.memory(), start, start + length);
  }

  finalize(): void {
    this.sqlite.functions._sqlite3_finalize(this.pointer);
  }

  private isNull(column: number): boolean {
    return this.sqlite.functions._sqlite3_column_type(this.pointer, column) === TYPE_NULL;
  }

  private bind(values: readonly SqlValue[]): void {
    if (this.isBusy) throw new Error('The statement is in use.');
    const { functions } = this.sqlite;
    const { pointer } = this;
    let at = this.arena;
    const end = at + ARENA_BYTES;
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (typeof value === 'string') {
        const length = value.length;
        // Up to three bytes a UTF-16 unit; the exact size matters only when room is short.
        const target = at + length * 3 <= end ? at : this.allocate(length * 3);
        const written = this.writeText(value, target);
        functions._sqlite3_bind_text(pointer, index + 1, target, written, 0);
        if (target === at) at += written;
      } else if (typeof value === 'number') {
        if ((value | 0) === value) functions._sqlite3_bind_int(pointer, index + 1, value);
        else functions._sqlite3_bind_double(pointer, index + 1, value);
      } else if (value instanceof Uint8Array) {
        const target = this.allocate(value.byteLength);
        this.sqlite.memory().set(value, target);
        functions._sqlite3_bind_blob(pointer, index + 1, target, value.byteLength, 0);
      } else {
        // Null of length 0 and address 0 binds SQL NULL.
        functions._sqlite3_bind_text(pointer, index + 1, 0, 0, 0);
      }
    }
  }

  private writeText(text: string, target: number): number {
    const memory = this.sqlite.memory();
    const length = text.length;
    if (length > 48) return memory.write(text, target, 'utf8');
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return memory.write(text, target, 'utf8');
      memory[target + i] = unit;
    }
    return length;
  }

  private allocate(bytes: number): number {
    const pointer = this.sqlite.functions._malloc(Math.max(1, bytes));
    if (pointer === 0) throw this.fail(7);
    this.extra.push(pointer);
    return pointer;
  }

  private finish(code: number): void {
    const { functions } = this.sqlite;
    const failure = code === DONE ? null : this.fail(code);
    functions._sqlite3_reset(this.pointer);
    if (this.extra.length > 0) {
      functions._sqlite3_clear_bindings(this.pointer);
      for (const pointer of this.extra) functions._free(pointer);
      this.extra.length = 0;
    }
    if (failure) throw failure;
  }
}
