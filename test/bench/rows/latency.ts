import fs from 'node:fs/promises';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { waitFor } from '../../support/poll';
import { scaled, type BenchOptions } from '../bench-options';
import { instant, percentile, type Figure } from '../figures';
import { FIRST_NEW } from '../follows';
import { openLiveHost, type LiveHost } from '../host/live-host';
import { SnapshotWatch } from '../host/snapshot-watch';
import { storedEvents } from '../stored-events';

const FRAME_MS = 1000 / 60;
const SAMPLES = 300;
const WARM_UP = 40;
const SYNCS = 200;
/** So far apart the feed takes follows for single ones, not for a burst; all of them lie in the last day. */
const APART_MS = 7_000;

/**
 * In the webview: `watchTop()` makes `nextPaint` a promise of the instant right after the frame that painted
 * another name in the newest row.
 */
const PAINT_WATCH = `
  globalThis.watchTop = () => {
    const top = () => document.querySelector('.feed-slot .feed-text')?.textContent ?? '';
    const before = top();
    globalThis.nextPaint = new Promise(resolve => {
      const observer = new MutationObserver(() => {
        if (top() === before) return;
        observer.disconnect();
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
          port2.postMessage(null);
        });
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  };
`;

const begunAtMs = Date.now();

interface RunResult {
  acknowledged: number[];
  painted: number[];
  syncs: number[];
  /** The longest acknowledgement that a snapshot was being written beside; NaN if there was none. */
  stallMs: number;
}

/** What one sync of a small write costs on the disk that holds the database. */
async function measureSyncs(folder: string): Promise<number[]> {
  const file = path.join(folder, 'sync-probe');
  const handle = await fs.open(file, 'w');
  const samples: number[] = [];
  try {
    for (let index = 0; index < SYNCS; index++) {
      const startedAt = performance.now();
      await handle.write(Buffer.alloc(400, index));
      await handle.datasync();
      samples.push(performance.now() - startedAt);
    }
  } finally {
    await handle.close();
    await fs.rm(file);
  }
  return samples;
}

async function measureEvent(live: LiveHost, feed: Frame, index: number): Promise<[number, number, number]> {
  await feed.evaluate('watchTop()');
  const followedAtMs = begunAtMs - 86_400_000 + (index - FIRST_NEW) * APART_MS;
  const sentAt = await live.frames.ask('sendOne', { index, followedAtMs });
  const paintedAt = await feed.evaluate<number>('nextPaint');
  const acknowledgedAt = await waitFor('the acknowledgement', async () => {
    const taken = await live.host.ask('takeAcknowledged', {});
    return taken.find(({ text }) => text.includes(`"${100_000_000 + index}"`))?.at;
  });
  return [sentAt, acknowledgedAt - sentAt, paintedAt - sentAt];
}

async function measureRun(live: LiveHost, feed: Frame, from: number, count: number): Promise<RunResult> {
  const watch = new SnapshotWatch(live.databaseFolder);
  const samples: [number, number, number][] = [];
  try {
    for (let index = from; index < from + count; index++) samples.push(await measureEvent(live, feed, index));
  } finally {
    watch.close();
  }
  const now = instant();
  const beside = samples.filter(([sentAt, acknowledgedMs]) =>
    watch.spans.some(({ from: begun, to }) => sentAt + acknowledgedMs > begun && sentAt < (to ?? now)),
  );
  return {
    acknowledged: samples.map(([, acknowledgedMs]) => acknowledgedMs),
    painted: samples.map(([, , paintedMs]) => paintedMs),
    syncs: await measureSyncs(live.databaseFolder),
    stallMs:
      beside.length === 0 ? Number.NaN : Math.max(...beside.map(([, acknowledgedMs]) => acknowledgedMs)),
  };
}

/** One event at a time in a real VS Code: until acknowledged, and until its row is painted. */
export async function measureLatency(options: BenchOptions): Promise<Figure[]> {
  const stored = await storedEvents(scaled(100_000, options), options);
  const live = await openLiveHost(stored);
  const results: RunResult[] = [];
  try {
    await live.host.window.runCommand('EventSub: Focus on Events View');
    const feed = await live.host.window.webview('.feed-alone');
    await feed.locator('.feed-row').first().waitFor();
    await feed.evaluate(PAINT_WATCH);
    await measureRun(live, feed, FIRST_NEW, WARM_UP);
    const count = scaled(SAMPLES, options);
    if (options.profiles !== null) await live.host.ask('beginProfile', {});
    for (let run = 0; run < options.runs; run++) {
      const result = await measureRun(live, feed, FIRST_NEW + WARM_UP + run * count, count);
      results.push(result);
      const show = (samples: number[]): string =>
        `${percentile(samples, 0.5).toFixed(1)} / ${percentile(samples, 0.99).toFixed(1)}`;
      options.say(
        `latency ${run + 1}: acknowledged ${show(result.acknowledged)}, painted ${show(result.painted)}, ` +
          `sync ${show(result.syncs)} ms, beside a snapshot ${result.stallMs.toFixed(1)} ms`,
      );
    }
    if (options.profiles !== null) {
      await live.host.ask('endProfile', { file: path.join(options.profiles, 'latency-host.cpuprofile') });
    }
  } finally {
    await live.close();
  }
  return toFigures(results, stored.count);
}

function toFigures(results: readonly RunResult[], count: number): Figure[] {
  const at = (key: 'acknowledged' | 'painted' | 'syncs', share: number): number[] =>
    results.map(result => percentile(result[key], share));
  const row = 'latency';
  const frame = { what: 'a frame of 16.7 ms', runs: [FRAME_MS] };
  const underFrame = (limitMs: number): Figure['target'] => ({
    sense: 'atMost',
    ratio: limitMs / FRAME_MS,
    says: `${limitMs} ms`,
  });
  return [
    {
      row,
      what: `acknowledged p50 at ${count}`,
      unit: 'ms',
      runs: at('acknowledged', 0.5),
      beside: frame,
      target: underFrame(5),
    },
    {
      row,
      what: 'acknowledged p99',
      unit: 'ms',
      runs: at('acknowledged', 0.99),
      beside: { what: '20 ms + one sync (p99)', runs: at('syncs', 0.99).map(ms => ms + 20) },
      target: { sense: 'atMost', ratio: 1, says: '20 ms + a sync' },
    },
    { row, what: 'painted p50', unit: 'ms', runs: at('painted', 0.5), beside: frame, target: underFrame(25) },
    {
      row,
      what: 'painted p99',
      unit: 'ms',
      runs: at('painted', 0.99),
      beside: frame,
      target: underFrame(60),
    },
    {
      row,
      what: 'the longest acknowledgement beside a snapshot',
      unit: 'ms',
      runs: results.map(({ stallMs }) => stallMs).filter(ms => !Number.isNaN(ms)),
      beside: frame,
      target: null,
    },
  ];
}
