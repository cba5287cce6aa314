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

/** Room that a value gets at least, and the most that is kept for the next one. */
const LEAST_ROOM = 32;
const MOST_ROOM = 64 * 1024;

/** What a parameter is bound to. */
type Bound = 'nothing' | 'text' | 'blob' | 'number' | 'null';

/** A parameter: its room in SQLite's memory, and what it is bound to. */
interface Slot {
  pointer: number;
  capacity: number;
  bound: Bound;
  /** Of a text, in bytes. */
  length: number;
  number: number;
}

/**
 * A compiled statement. Values are written straight into SQLite's memory, where each parameter has its room, so SQLite
 * need not copy them (`SQLITE_STATIC`) and is not even told of a text as long as the one before.
 */
export class Statement implements Row {
  private readonly slots: Slot[] = [];
  private hasLarge = false;
  private isBusy = false;

  constructor(
    private readonly sqlite: Sqlite,
    private readonly pointer: number,
    private readonly fail: (code: number) => SqliteError,
  ) {}

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
    for (const slot of this.slots) this.empty(slot);
  }

  private isNull(column: number): boolean {
    return this.sqlite.functions._sqlite3_column_type(this.pointer, column) === TYPE_NULL;
  }

  private bind(values: readonly SqlValue[]): void {
    if (this.isBusy) throw new Error('The statement is in use.');
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      const slot = (this.slots[index] ??= {
        pointer: 0,
        capacity: 0,
        bound: 'nothing',
        length: 0,
        number: 0,
      });
      if (typeof value === 'string') this.bindText(slot, index + 1, value);
      else if (typeof value === 'number') this.bindNumber(slot, index + 1, value);
      else if (value instanceof Uint8Array) this.bindBlob(slot, index + 1, value);
      else if (slot.bound !== 'null') this.bindNull(slot, index + 1);
    }
  }

  private bindText(slot: Slot, parameter: number, text: string): void {
    // Up to three bytes a UTF-16 unit; the exact size matters only when room is short.
    if (text.length * 3 >= slot.capacity) this.makeRoom(slot, text.length * 3 + 1);
    const written = this.writeText(text, slot.pointer);
    if (slot.bound === 'text' && slot.length === written) return;
    slot.bound = 'text';
    slot.length = written;
    this.sqlite.functions._sqlite3_bind_text(this.pointer, parameter, slot.pointer, written, 0);
  }

  private bindNumber(slot: Slot, parameter: number, value: number): void {
    if (slot.bound === 'number' && slot.number === value) return;
    slot.bound = 'number';
    slot.number = value;
    const { functions } = this.sqlite;
    if ((value | 0) === value) functions._sqlite3_bind_int(this.pointer, parameter, value);
    else functions._sqlite3_bind_double(this.pointer, parameter, value);
  }

  private bindBlob(slot: Slot, parameter: number, bytes: Uint8Array): void {
    if (bytes.byteLength >= slot.capacity) this.makeRoom(slot, bytes.byteLength + 1);
    this.sqlite.memory().set(bytes, slot.pointer);
    slot.bound = 'blob';
    this.sqlite.functions._sqlite3_bind_blob(this.pointer, parameter, slot.pointer, bytes.byteLength, 0);
  }

  private bindNull(slot: Slot, parameter: number): void {
    slot.bound = 'null';
    // Null of length 0 and address 0 binds SQL NULL.
    this.sqlite.functions._sqlite3_bind_text(this.pointer, parameter, 0, 0, 0);
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

  private makeRoom(slot: Slot, bytes: number): void {
    this.empty(slot);
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(LEAST_ROOM, bytes)));
    slot.pointer = this.sqlite.functions._malloc(capacity);
    if (slot.pointer === 0) throw this.fail(7);
    slot.capacity = capacity;
    if (capacity > MOST_ROOM) this.hasLarge = true;
  }

  /** Gives the room back; the parameter must be bound again before the next run. */
  private empty(slot: Slot): void {
    if (slot.pointer !== 0) this.sqlite.functions._free(slot.pointer);
    Object.assign(slot, { pointer: 0, capacity: 0, bound: 'nothing' });
  }

  private finish(code: number): void {
    const { functions } = this.sqlite;
    const failure = code === DONE ? null : this.fail(code);
    functions._sqlite3_reset(this.pointer);
    if (this.hasLarge) this.emptyLarge();
    if (failure) throw failure;
  }

  private emptyLarge(): void {
    this.hasLarge = false;
    this.sqlite.functions._sqlite3_clear_bindings(this.pointer);
    for (const slot of this.slots) {
      slot.bound = 'nothing';
      if (slot.capacity > MOST_ROOM) this.empty(slot);
    }
  }
}
