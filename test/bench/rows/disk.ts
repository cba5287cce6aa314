import { makeTemporaryFolder, removeFolder } from '../../support/vscode/paths';
import fs from 'node:fs';
import path from 'node:path';
import { scaled, type BenchOptions } from '../bench-options';
import { stagedBundles } from '../bundles';
import type { Figure } from '../figures';
import { Program } from '../program';
import type { FillCalls } from '../programs/fill-database';

/** Bytes of a stored follow, each from a new viewer, beside its JSON. */
export async function measureDisk(options: BenchOptions): Promise<Figure[]> {
  const count = scaled(100_000, options);
  const stored: number[] = [];
  const json: number[] = [];
  for (let run = 0; run < options.runs; run++) {
    const folder = makeTemporaryFolder();
    const program = Program.start<FillCalls>('fill-database');
    try {
      const jsonBytes = await program.ask('fill', { folder, count, bundleFolder: stagedBundles });
      stored.push(fs.statSync(path.join(folder, 'eventsub.sqlite')).size / count);
      json.push(jsonBytes / count);
    } finally {
      await program.end();
      removeFolder(folder);
    }
  }
  return [
    {
      row: 'disk',
      what: `a stored follow, ${count} viewers`,
      unit: 'bytes',
      runs: stored,
      beside: { what: "the event's JSON", runs: json },
      target: { sense: 'atMost', ratio: 3, says: '3.0, and see how near 2.0' },
    },
  ];
}
