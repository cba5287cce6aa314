import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Frame } from 'playwright-core';
import { scaled, type BenchOptions } from '../bench-options';
import { stagedBundles } from '../bundles';
import type { Figure } from '../figures';
import { FIRST_NEW } from '../follows';
import { BenchHost } from '../host/bench-host';
import { openLiveHost, type LiveHost } from '../host/live-host';
import { SnapshotWatch } from '../host/snapshot-watch';
import { Program } from '../program';
import type { FillCalls } from '../programs/fill-database';
import type { Delay } from '../programs/host-probe';
import { layStored, storedEvents, type StoredEvents } from '../stored-events';

const FRAMES = 20_000;
const REPLAYED = 20_000;
const IDLE_MS = 10_000;
const SEARCH_MS = 4_000;
const LIMIT_MS = 15;

const PHASES = ['ingest', 'snapshot', 'search', 'replay'] as const;
type Phase = (typeof PHASES)[number];

async function measureDelay(host: BenchHost, work: () => Promise<unknown>): Promise<Delay> {
  await host.ask('beginDelay', {});
  await work();
  return host.ask('endDelay', {});
}

async function measureIdle(options: BenchOptions): Promise<Delay[]> {
  const host = await BenchHost.open({ withExtension: false });
  const delays: Delay[] = [];
  try {
    await pause(IDLE_MS);
    for (let run = 0; run < options.runs; run++) {
      delays.push(await measureDelay(host, () => pause(IDLE_MS)));
    }
  } finally {
    await host.close();
  }
  return delays;
}

/** Lays a database whose journal holds what its snapshot lacks, as a crash leaves it. */
async function layReplay(stored: StoredEvents, folder: string, options: BenchOptions): Promise<void> {
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    if (name.startsWith('eventsub.sqlite')) fs.rmSync(path.join(folder, name));
  }
  fs.rmSync(path.join(folder, 'journal'), { recursive: true, force: true });
  layStored(stored, folder);
  const program = Program.start<FillCalls>('fill-database');
  try {
    const count = scaled(REPLAYED, options);
    await program.ask('leaveInJournal', { folder, count, bundleFolder: stagedBundles });
  } finally {
    await program.end();
  }
}

async function untilStored(live: LiveHost, count: number): Promise<void> {
  for (let stored = 0; stored < count;) {
    stored += await live.host.ask('takeAcknowledgedCount', {});
    await pause(100);
  }
}

async function measureLive(
  live: LiveHost,
  feed: Frame,
  run: number,
  options: BenchOptions,
): Promise<Record<Exclude<Phase, 'replay'>, Delay>> {
  const { host, frames, databaseFolder } = live;
  const count = scaled(FRAMES, options);
  await frames.ask('prepare', { from: FIRST_NEW + run * count, count });
  await host.ask('takeAcknowledgedCount', {});
  const watch = new SnapshotWatch(databaseFolder);
  const ingest = await measureDelay(host, async () => {
    await frames.ask('send', {});
    await untilStored(live, count);
  });
  await watch.begun(0);
  const snapshot = await measureDelay(host, () => watch.ended());
  watch.close();
  await host.window.runCommand('EventSub: Search Events');
  const field = feed.locator('.search-field');
  await field.waitFor();
  const search = await measureDelay(host, async () => {
    await field.fill(`nobody is called ${run}`);
    await pause(SEARCH_MS);
  });
  await field.fill('');
  return { ingest, snapshot, search };
}

/** One more burst, measured by nobody, for a profile of what the loop did meanwhile. */
async function profileIngest(live: LiveHost, file: string, options: BenchOptions): Promise<void> {
  const count = scaled(FRAMES, options);
  await live.frames.ask('prepare', { from: FIRST_NEW + options.runs * count, count });
  await live.host.ask('takeAcknowledgedCount', {});
  await live.host.ask('beginProfile', {});
  await live.frames.ask('send', {});
  await untilStored(live, count);
  await live.host.ask('endProfile', { file });
}

/** Switches to a server whose journal has to be replayed, while the host is at rest. */
async function measureReplay(live: LiveHost, stored: StoredEvents, options: BenchOptions): Promise<Delay> {
  const { window, storageFolder } = live.host;
  // The root of the storage is the real Twitch's; it is not in use while another server is chosen.
  await layReplay(stored, storageFolder, options);
  const watch = new SnapshotWatch(storageFolder);
  const replay = await measureDelay(live.host, async () => {
    await window.runCommand('EventSub: Switch Back to Twitch');
    // After a replay the snapshot follows at once.
    await watch.begun(0);
  });
  await watch.ended();
  watch.close();
  await window.runCommand('EventSub: Try It with the Simulator');
  await live.host.untilStatusSays('Live');
  return replay;
}

/** How long the extension host's event loop is held up by what the extension does, beside a host without it. */
export async function measureEditor(options: BenchOptions): Promise<Figure[]> {
  const idle = await measureIdle(options);
  const stored = await storedEvents(scaled(1_000_000, options), options);
  const live = await openLiveHost(stored);
  const runs: Record<Phase, Delay>[] = [];
  try {
    await live.host.window.runCommand('EventSub: Focus on Events View');
    const feed = await live.host.window.webview('.feed-alone');
    await feed.locator('.feed-row').first().waitFor();
    const partial: Omit<Record<Phase, Delay>, 'replay'>[] = [];
    for (let run = 0; run < options.runs; run++) partial.push(await measureLive(live, feed, run, options));
    if (options.profiles !== null) {
      await profileIngest(live, path.join(options.profiles, 'editor-ingest.cpuprofile'), options);
    }
    for (const [run, others] of partial.entries()) {
      const measured = { ...others, replay: await measureReplay(live, stored, options) };
      runs.push(measured);
      const show = PHASES.map(phase => {
        const { p99, max, ownP99 } = measured[phase];
        return `${phase} ${p99.toFixed(1)} (${max.toFixed(0)}; own ${ownP99.toFixed(1)})`;
      });
      options.say(`editor ${run + 1}: p99 (longest) ${show.join(', ')} ms`);
    }
  } finally {
    await live.close();
  }
  const limit = { what: 'limit', runs: [LIMIT_MS] };
  const target = { sense: 'atMost', ratio: 1, says: `p99 under ${LIMIT_MS} ms` } as const;
  const row = 'the editor';
  return [
    ...PHASES.map(phase => ({
      row,
      what: `loop delay p99, ${phase} at ${stored.count}`,
      unit: 'ms',
      runs: runs.map(run => run[phase].p99),
      beside: limit,
      target,
    })),
    {
      row,
      what: 'of that in ingest without waiting for the processor',
      unit: 'ms',
      runs: runs.map(run => run.ingest.ownP99),
      beside: limit,
      target: null,
    },
    {
      row,
      what: 'loop delay p99, the worst of these',
      unit: 'ms',
      runs: runs.map(run => Math.max(...PHASES.map(phase => run[phase].p99))),
      beside: { what: 'an idle host without us', runs: idle.map(({ p99 }) => p99) },
      target: null,
    },
  ];
}
