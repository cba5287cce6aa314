import { setTimeout as pause } from 'node:timers/promises';
import path from 'node:path';
import { scaled, type BenchOptions } from '../bench-options';
import type { Figure } from '../figures';
import { BenchHost } from '../host/bench-host';
import { openLiveHost } from '../host/live-host';
import { storedEvents, type StoredEvents } from '../stored-events';

/** After this the start of the workbench is over in both. */
const SETTLE_MS = 15_000;

async function measureWith(stored: StoredEvents, options: BenchOptions): Promise<NodeJS.MemoryUsage> {
  const live = await openLiveHost(stored);
  try {
    await pause(SETTLE_MS);
    const memory = await live.host.ask('memory', {});
    if (options.profiles !== null) {
      await live.host.ask('heapSnapshot', { file: path.join(options.profiles, 'memory.heapsnapshot') });
    }
    return memory;
  } finally {
    await live.close();
  }
}

async function measureWithout(): Promise<NodeJS.MemoryUsage> {
  const host = await BenchHost.open({ withExtension: false });
  try {
    await pause(SETTLE_MS);
    return await host.ask('memory', {});
  } finally {
    await host.close();
  }
}

/** The extension host at rest, minus the same host without the extension. */
export async function measureMemory(options: BenchOptions): Promise<Figure[]> {
  const stored = await storedEvents(scaled(100_000, options), options);
  const databaseMb = stored.databaseBytes / 1e6;
  const grown: number[] = [];
  for (let run = 0; run < options.runs; run++) {
    const without = await measureWithout();
    const withIt = await measureWith(stored, options);
    grown.push((withIt.rss - without.rss) / 1e6);
    const show = ({ rss, heapUsed, external, arrayBuffers }: NodeJS.MemoryUsage): string =>
      [rss, heapUsed, external, arrayBuffers].map(bytes => (bytes / 1e6).toFixed(0)).join(', ');
    options.say(
      `memory ${run + 1}: with ${show(withIt)}, without ${show(without)} MB (rss, heap, external, buffers)`,
    );
  }
  return [
    {
      row: 'memory',
      what: `the host grows by, at rest with ${stored.count} events`,
      unit: 'MB',
      runs: grown,
      beside: { what: `database (${databaseMb.toFixed(1)} MB) × 2 + 25 MB`, runs: [databaseMb * 2 + 25] },
      target: { sense: 'atMost', ratio: 1, says: 'database × 2 + 25 MB' },
    },
  ];
}
