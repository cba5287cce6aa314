import { makeTemporaryFolder, removeFolder } from '../../support/vscode/paths';
import { scaled, type BenchOptions } from '../bench-options';
import { stagedBundles } from '../bundles';
import type { Figure } from '../figures';
import { Program } from '../program';
import type { GrowthCalls, GrowthCosts } from '../programs/grow-database';
import { layStored, storedEvents } from '../stored-events';

const SIZES = [10_000, 100_000, 1_000_000];

async function measureSize(count: number, options: BenchOptions): Promise<GrowthCosts[]> {
  const folder = makeTemporaryFolder();
  const program = Program.start<GrowthCalls>('grow-database');
  try {
    layStored(await storedEvents(count, options), folder);
    await program.ask('open', { folder, count, bundleFolder: stagedBundles });
    const costs: GrowthCosts[] = [];
    for (let run = 0; run < options.runs; run++) costs.push(await program.ask('measure', {}));
    await program.ask('close', {});
    return costs;
  } finally {
    await program.end();
    removeFolder(folder);
  }
}

/** What an event and a page cost at three sizes. */
export async function measureGrowth(options: BenchOptions): Promise<Figure[]> {
  const sizes = SIZES.map(size => scaled(size, options));
  const costs: GrowthCosts[][] = [];
  for (const size of sizes) {
    costs.push(await measureSize(size, options));
    options.say(`growth: ${size} measured`);
  }
  const figures: Figure[] = [];
  const [smallest = []] = costs;
  for (const [index, size] of sizes.entries()) {
    const runs = (what: keyof GrowthCosts, of = costs[index] ?? []): number[] => of.map(cost => cost[what]);
    if (index > 0) {
      figures.push({
        row: 'growth',
        what: `an event at ${size}`,
        unit: 'ms',
        runs: runs('eventMs'),
        beside: { what: `at ${sizes[0] ?? 0}`, runs: runs('eventMs', smallest) },
        target: { sense: 'atMost', ratio: 1.3, says: 'within 1.3' },
      });
    }
    const limits = [
      ['first page', 'firstPageMs', 2],
      ['a page in the middle', 'middlePageMs', 2],
      ["a name's beginning", 'beginningMs', 30],
    ] as const;
    for (const [what, key, limitMs] of limits) {
      figures.push({
        row: 'growth',
        what: `${what} at ${size}`,
        unit: 'ms',
        runs: runs(key),
        beside: { what: 'limit', runs: [limitMs] },
        target: { sense: 'atMost', ratio: 1, says: `${limitMs} ms` },
      });
    }
    if (index > 0) {
      figures.push({
        row: 'growth',
        what: `first page at ${size}`,
        unit: 'ms',
        runs: runs('firstPageMs'),
        beside: { what: `at ${sizes[0] ?? 0}`, runs: runs('firstPageMs', smallest) },
        target: { sense: 'atMost', ratio: 1.3, says: 'within 1.3' },
      });
    }
  }
  return figures;
}
