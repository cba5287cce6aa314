import { join } from 'node:path';
import { Database, SqliteError } from './database';
import type { FileLayer } from './file-layer';
import { SCHEMA_VERSION } from './migrations/migrate';
import { PREVIOUS, SNAPSHOT, SealSum, TEMPORARY, readSeal } from './snapshot';
import type { Sqlite } from './sqlite-module';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER_BYTES = 100;
/** Enough for the header, the schema and the one-row table `applied`. */
const PEEK_BYTES = 256 * 1024;

/** A database file in the folder, as far as its beginning tells. */
export interface Candidate {
  name: string;
  size: number;
  kind: 'empty' | 'notSqlite' | 'newer' | 'sqlite';
  /** `PRAGMA user_version`. */
  version: number;
  /** The last applied sequence if it can be seen without reading the whole file, else -1. */
  sequence: number;
}

/** Looks at the beginning of each database file, the one with the highest sequence first. */
export async function listCandidates(files: FileLayer, folder: string, sqlite: Sqlite): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const name of [SNAPSHOT, TEMPORARY, PREVIOUS]) {
    const path = join(folder, name);
    const size = await files.size(path);
    if (size === null) continue;
    const start = await files.readStart(path, PEEK_BYTES);
    found.push(inspect(sqlite, name, size, start));
  }
  // Equal ones stay in the order of their names above.
  return found.sort((a, b) => b.sequence - a.sequence);
}

function inspect(sqlite: Sqlite, name: string, size: number, start: Uint8Array): Candidate {
  const unreadable = { name, size, version: 0, sequence: -1 };
  if (size === 0) return { ...unreadable, kind: 'empty' };
  if (start.byteLength < HEADER_BYTES || !MAGIC.equals(start.subarray(0, MAGIC.length))) {
    return { ...unreadable, kind: 'notSqlite' };
  }
  const version = new DataView(start.buffer, start.byteOffset).getUint32(60);
  if (version > SCHEMA_VERSION && version < 1_000_000) return { ...unreadable, kind: 'newer', version };
  return { name, size, kind: 'sqlite', version, sequence: peekSequence(sqlite, start) };
}

/** Opens the first pages as if they were the whole file, just to read one row. */
function peekSequence(sqlite: Sqlite, start: Uint8Array): number {
  const copy = Uint8Array.prototype.slice.call(start);
  const view = new DataView(copy.buffer);
  const stated = view.getUint16(16);
  const pageSize = stated === 1 ? 65_536 : stated;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) return -1;
  const pages = Math.floor(copy.byteLength / pageSize);
  view.setUint32(28, Math.min(view.getUint32(28), pages));
  return sequenceOf(sqlite, copy.subarray(0, pages * pageSize));
}

function sequenceOf(sqlite: Sqlite, bytes: Uint8Array): number {
  let database: Database | null = null;
  try {
    database = Database.fromImage(sqlite, bytes);
    return database.prepare('SELECT sequence FROM applied').first([], row => row.integer(0)) ?? -1;
  } catch (error) {
    if (error instanceof SqliteError) return -1;
    throw error;
  } finally {
    database?.close();
  }
}

export interface OpenedFile {
  database: Database;
  sequence: number;
  /** The file is byte for byte as we wrote it. */
  isSealed: boolean;
}

/**
 * Reads a file whole and opens it. Null if it is damaged so that SQLite cannot use it: a sealed file is taken
 * as it is; any other has to pass SQLite's own check of every page.
 */
export async function openCandidate(
  files: FileLayer,
  folder: string,
  sqlite: Sqlite,
  candidate: Candidate,
): Promise<OpenedFile | null> {
  const sum = new SealSum();
  const bytes = await files.read(join(folder, candidate.name), part => sum.add(part));
  if (bytes.byteLength < HEADER_BYTES) return null;
  const isSealed = readSeal(bytes) === sum.value;
  let database: Database | null = null;
  try {
    database = Database.fromImage(sqlite, bytes, sum.sums);
    if (!isSealed && !isSound(database)) {
      database.close();
      return null;
    }
    const sequence = database.prepare('SELECT sequence FROM applied').first([], row => row.integer(0));
    if (sequence !== undefined) return { database, sequence, isSealed };
    database.close();
    return null;
  } catch (error) {
    database?.close();
    if (error instanceof SqliteError) return null;
    throw error;
  }
}

function isSound(database: Database): boolean {
  const verdict = database.prepare('PRAGMA integrity_check(1)').first([], row => row.text(0));
  return verdict === 'ok';
}
