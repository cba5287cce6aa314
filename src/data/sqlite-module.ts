import initSqlJs from 'sql.js';

/** The part of SQLite's C interface that we call (sqlite.org/c3ref), on sql.js' WebAssembly build. */
export interface SqliteFunctions {
  _malloc(size: number): number;
  _free(pointer: number): void;
  _sqlite3_exec(db: number, sql: number, callback: number, argument: number, error: number): number;
  _sqlite3_prepare_v2(db: number, sql: number, length: number, statement: number, tail: number): number;
  _sqlite3_step(statement: number): number;
  _sqlite3_reset(statement: number): number;
  _sqlite3_finalize(statement: number): number;
  _sqlite3_bind_text(statement: number, index: number, text: number, length: number, destroy: number): number;
  _sqlite3_bind_blob(statement: number, index: number, blob: number, length: number, destroy: number): number;
  _sqlite3_bind_int(statement: number, index: number, value: number): number;
  _sqlite3_bind_double(statement: number, index: number, value: number): number;
  _sqlite3_clear_bindings(statement: number): number;
  _sqlite3_column_type(statement: number, column: number): number;
  _sqlite3_column_text(statement: number, column: number): number;
  _sqlite3_column_blob(statement: number, column: number): number;
  _sqlite3_column_bytes(statement: number, column: number): number;
  _sqlite3_column_double(statement: number, column: number): number;
  _sqlite3_errmsg(db: number): number;
  _sqlite3_extended_errcode(db: number): number;
  _sqlite3_changes(db: number): number;
}

/** What we use of sql.js' own `Database`: it holds the file in Emscripten's memory file system. */
export interface SqlJsDatabase {
  /** The `sqlite3*`. */
  db: number;
  export(): Uint8Array;
  close(): void;
}

export interface SqliteModule extends SqliteFunctions {
  Database: new (image?: Uint8Array) => SqlJsDatabase;
}

/** SQLite with a view of its memory. */
export interface Sqlite {
  functions: SqliteModule;
  /** The module's memory as it is now; asked for again after any call that may have grown it. */
  memory(): Buffer;
}

/** sql.js makes one module in a thread, whatever it is given. */
let loaded: Promise<Sqlite> | null = null;

/** Loads SQLite from the bytes of `sql-wasm.wasm`. Rejects if they are not that. */
export function loadSqlite(wasm: Uint8Array): Promise<Sqlite> {
  loaded ??= instantiate(wasm);
  return loaded;
}

async function instantiate(wasm: Uint8Array): Promise<Sqlite> {
  let memory: WebAssembly.Memory | undefined;
  const config = {
    useOldExtensionFunctions: false,
    // sql.js hides its memory; statements that write their text straight into it are three times as fast.
    instantiateWasm: (imports: object, receive: (instance: WebAssembly.Instance) => void): object => {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports);
      memory = Object.values(instance.exports).find(entry => entry instanceof WebAssembly.Memory);
      receive(instance);
      return {};
    },
  };
  const functions = (await initSqlJs(config)) as unknown as SqliteModule;
  const held = memory;
  if (!held) throw new Error('sql-wasm.wasm exports no memory.');
  let view = Buffer.from(held.buffer);
  return {
    functions,
    memory: () => {
      // Growing detaches the old buffer, whose views are empty from then on; asking for the new one takes longer.
      if (view.length === 0) view = Buffer.from(held.buffer);
      return view;
    },
  };
}
