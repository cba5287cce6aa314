import type { Database } from '../database';
import { FIRST_MIGRATION } from './001-first';
import { BURSTS_MIGRATION } from './002-bursts';

/** In order; the number of those carried out is the file's `PRAGMA user_version`. */
const MIGRATIONS: readonly string[] = [FIRST_MIGRATION, BURSTS_MIGRATION];

/** The `user_version` that this code writes and the highest that it reads. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings a database up to `SCHEMA_VERSION`, each step in a transaction. Answers whether anything was done. */
export function migrate(database: Database): boolean {
  let version = database.integer('PRAGMA user_version');
  const isOld = version < SCHEMA_VERSION;
  for (const sql of MIGRATIONS.slice(version)) {
    version++;
    const step = version;
    database.transaction(() => {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${step}`);
    });
  }
  return isOld;
}
