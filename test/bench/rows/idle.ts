import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { scaled, type BenchOptions } from '../bench-options';
import type { Figure } from '../figures';
import { BenchHost } from '../host/bench-host';
import { openLiveHost } from '../host/live-host';
import { storedEvents } from '../stored-events';

const SETTLE_MS = 45_000;
const MINUTE_MS = 60_000;

/** Processor time of the host while live with a keepalive every ten seconds, minus that of a host without us. */
export async function measureIdle(options: BenchOptions): Promise<Figure[]> {
  const stored = await storedEvents(scaled(100_000, options), options);
  const other = await BenchHost.open({ withExtension: false });
  const shares: number[] = [];
  const others: number[] = [];
  try {
    const live = await openLiveHost(stored);
    try {
      const spanMs = Math.max(1_000, MINUTE_MS * Math.min(1, options.scale));
      await pause(Math.min(SETTLE_MS, SETTLE_MS * options.scale));
      for (let run = 0; run < options.runs; run++) {
        const ask = (): Promise<number[]> => Promise.all([live.host.ask('cpu', {}), other.ask('cpu', {})]);
        const [oursBefore = 0, otherBefore = 0] = await ask();
        const startedAt = performance.now();
        await pause(spanMs);
        const [oursAfter = 0, otherAfter = 0] = await ask();
        const percent = (microseconds: number): number =>
          (microseconds / 1000 / (performance.now() - startedAt)) * 100;
        shares.push(percent(oursAfter - oursBefore));
        others.push(percent(otherAfter - otherBefore));
        options.say(
          `idle ${run + 1}: with ${shares.at(-1)?.toFixed(3)} %, without ${others.at(-1)?.toFixed(3)} %`,
        );
      }
      if (options.profiles !== null) {
        await live.host.ask('beginProfile', {});
        await pause(spanMs);
        await live.host.ask('endProfile', { file: path.join(options.profiles, 'idle.cpuprofile') });
      }
    } finally {
      await live.close();
    }
  } finally {
    await other.close();
  }
  const row = 'idle';
  return [
    {
      row,
      what: 'processor, live, minus a host without us',
      unit: '% of a core',
      runs: shares.map((share, run) => share - (others[run] ?? 0)),
      beside: { what: 'limit', runs: [0.1] },
      target: { sense: 'atMost', ratio: 1, says: '0.1 % of a core' },
    },
    {
      row,
      what: 'the whole host, live',
      unit: '% of a core',
      runs: shares,
      beside: { what: 'a host without us', runs: others },
      target: null,
    },
  ];
}
