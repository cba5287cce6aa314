import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { removeFolder } from '../support/vscode/paths';
import type { BenchOptions } from './bench-options';
import { benchFolder, stagedBundles } from './bundles';
import { Program } from './program';
import type { FillCalls } from './programs/fill-database';

/** A database that was filled in advance. It is not to be written to: `layStored` hands out copies. */
export interface StoredEvents {
  folder: string;
  count: number;
  databaseBytes: number;
  /** Bytes of the events' JSON together. */
  jsonBytes: number;
}

const FILE = 'eventsub.sqlite';

/** Names what a filled database depends on: the worker that wrote it. */
function fingerprint(): string {
  const worker = fs.readFileSync(path.join(stagedBundles, 'data-worker.js'));
  return createHash('sha256').update(worker).digest('hex').slice(0, 12);
}

/** A database with so many follows, each from a new viewer; filled once for each build of the worker. */
export async function storedEvents(count: number, options: BenchOptions): Promise<StoredEvents> {
  const parent = path.join(benchFolder, 'stored');
  const folder = path.join(parent, `${count}-${fingerprint()}`);
  const note = path.join(folder, 'filled.json');
  if (!fs.existsSync(note)) {
    fs.mkdirSync(parent, { recursive: true });
    // Those of earlier builds are never read again.
    for (const name of fs.readdirSync(parent)) {
      if (name.startsWith(`${count}-`)) removeFolder(path.join(parent, name));
    }
    const startedAt = performance.now();
    const program = Program.start<FillCalls>('fill-database');
    const jsonBytes = await program.ask('fill', { folder, count, bundleFolder: stagedBundles });
    await program.end();
    fs.rmSync(path.join(folder, `${FILE}.previous`), { force: true });
    fs.writeFileSync(note, JSON.stringify({ jsonBytes }));
    options.say(`${count} events stored in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
  const { jsonBytes } = JSON.parse(fs.readFileSync(note, 'utf8')) as { jsonBytes: number };
  return { folder, count, databaseBytes: fs.statSync(path.join(folder, FILE)).size, jsonBytes };
}

/** Lays a copy of a filled database into a folder. */
export function layStored(stored: StoredEvents, target: string): void {
  fs.mkdirSync(target, { recursive: true });
  fs.copyFileSync(path.join(stored.folder, FILE), path.join(target, FILE), fs.constants.COPYFILE_FICLONE);
}
