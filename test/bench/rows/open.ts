import { scaled, type BenchOptions } from '../bench-options';
import { stagedBundles } from '../bundles';
import type { Figure } from '../figures';
import { Program } from '../program';
import type { OpenCalls } from '../programs/open-database';
import { storedEvents } from '../stored-events';

async function inFreshProgram(work: (program: Program<OpenCalls>) => Promise<number>): Promise<number> {
  const program = Program.start<OpenCalls>('open-database');
  try {
    return await work(program);
  } finally {
    await program.end();
  }
}

/** From spawn of the worker to the first page, beside reading the file alone. */
export async function measureOpen(options: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of [100_000, 1_000_000]) {
    const stored = await storedEvents(scaled(size, options), options);
    const { folder } = stored;
    const read: number[] = [];
    const opened: number[] = [];
    // Once before, so that the file is in the system's cache for both.
    await inFreshProgram(program => program.ask('read', { folder }));
    for (let run = 0; run < options.runs; run++) {
      read.push(await inFreshProgram(program => program.ask('read', { folder })));
      opened.push(
        await inFreshProgram(program => program.ask('open', { folder, bundleFolder: stagedBundles })),
      );
    }
    const isSmall = size === 100_000;
    figures.push({
      row: 'open',
      what: `spawn to first page at ${stored.count} (${Math.round(stored.databaseBytes / 1e6)} MB)`,
      unit: 'ms',
      runs: opened,
      beside: isSmall
        ? { what: 'reading the file + 400 ms', runs: read.map(ms => ms + 400) }
        : { what: 'reading the file', runs: read },
      target: isSmall
        ? { sense: 'atMost', ratio: 1, says: 'reading + 400 ms' }
        : { sense: 'atMost', ratio: 2, says: '2.0 × reading' },
    });
    options.say(`open: ${stored.count} measured`);
  }
  return figures;
}
