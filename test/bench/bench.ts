// `npm run bench [-- ROW ...] [--json] [--runs N] [--scale S] [--profiles FOLDER]`: measures what issue 7 asks for, each
// figure beside its peer or its limit in the same run. Nothing of `npm test` depends on it.
import { parseArgs } from 'node:util';
import type { BenchOptions } from './bench-options';
import { buildAll } from './bundles';
import { isReached, type Figure } from './figures';
import { describeMachine, formatJson, formatTable, loadNow } from './report';
import { measureActivation } from './rows/activation';
import { measureDisk } from './rows/disk';
import { measureEditor } from './rows/editor';
import { measureGrowth } from './rows/growth';
import { measureIdle } from './rows/idle';
import { measureIngest } from './rows/ingest';
import { measureLatency } from './rows/latency';
import { measureMemory } from './rows/memory';
import { measureOpen } from './rows/open';
import { measureSizes } from './rows/sizes';

const ROWS: Readonly<Record<string, (options: BenchOptions) => Promise<Figure[]>>> = {
  ingest: measureIngest,
  latency: measureLatency,
  growth: measureGrowth,
  open: measureOpen,
  editor: measureEditor,
  activation: measureActivation,
  memory: measureMemory,
  disk: measureDisk,
  sizes: measureSizes,
  idle: measureIdle,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    profiles: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const unknown = positionals.filter(name => !(name in ROWS));
  if (unknown.length > 0) {
    throw new Error(`There is no row "${unknown.join(', ')}"; there are ${Object.keys(ROWS).join(', ')}.`);
  }
  const options: BenchOptions = {
    runs: Number(values.runs),
    scale: Number(values.scale),
    profiles: values.profiles ?? null,
    say: line => console.error(`· ${line}`),
  };
  if (!(options.runs >= 1 && options.scale > 0)) throw new Error('--runs and --scale are positive numbers.');
  const startedAt = new Date().toISOString();
  const loadBefore = loadNow();
  options.say('building');
  await buildAll();
  const figures: Figure[] = [];
  const failures: string[] = [];
  for (const [name, measure] of Object.entries(ROWS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    try {
      figures.push(...(await measure(options)));
    } catch (error: unknown) {
      failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  const where = {
    startedAt,
    machine: describeMachine(),
    node: process.versions.node,
    loadBefore,
    loadAfter: loadNow(),
    runs: options.runs,
    scale: options.scale,
  };
  console.log(values.json ? formatJson(figures, where) : formatTable(figures, where));
  for (const failure of failures) console.error(`could not be measured: ${failure}`);
  const missed = figures.filter(figure => isReached(figure) === false);
  process.exit(failures.length > 0 ? 2 : missed.length > 0 ? 1 : 0);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
});
