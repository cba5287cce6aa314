import { buildSync } from 'esbuild';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './support';

let bundle: { path: string; remove: () => void } | null = null;

/**
 * The folder of the data worker's bundle, built once; needs the repository's root as the working directory.
 * It is removed when the tests end.
 */
export function buildWorkerBundle(): string {
  if (bundle) return bundle.path;
  const folder = makeFolder();
  buildSync({
    entryPoints: ['src/data/data-worker.ts'],
    outfile: join(folder.path, 'data-worker.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
  const wasm = 'node_modules/sql.js/dist/sql-wasm.wasm';
  if (existsSync(wasm)) copyFileSync(wasm, join(folder.path, 'sql-wasm.wasm'));
  process.once('exit', folder.remove);
  bundle = folder;
  return folder.path;
}
