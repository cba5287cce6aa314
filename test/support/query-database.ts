import fs from 'node:fs/promises';
import path from 'node:path';
import initSqlJs from 'sql.js';
import { repositoryRoot } from './vscode/paths';

/** Opens a SQLite file as a stranger's tool would, runs one query, and answers its rows by column name. */
export async function queryDatabase(file: string, sql: string): Promise<Record<string, unknown>[]> {
  const wasm = path.join(repositoryRoot, 'node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');
  const { buffer } = new Uint8Array(await fs.readFile(wasm));
  const sqlite = await initSqlJs({ wasmBinary: buffer });
  const database = new sqlite.Database(await fs.readFile(file));
  try {
    const [result] = database.exec(sql);
    if (!result) return [];
    return result.values.map(row =>
      Object.fromEntries(result.columns.map((name, index) => [name, row[index]])),
    );
  } finally {
    database.close();
  }
}
