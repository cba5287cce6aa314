// What an event and a page cost in a database of some size, warmed up.
import path from 'node:path';
import { createDataClient, type DataClient } from '../../../src/data/data-client';
import { percentile } from '../figures';
import { FIRST_NEW, makeName, makeNotification, STORED_APART_MS, STORED_END_BEFORE_MS } from '../follows';
import { serve } from '../program';
import { NO_PUSHES, SILENT_LOGGER } from '../silence';

/** Milliseconds. */
export interface GrowthCosts {
  /** One event, as a part of batches of 500, the middle batch. */
  eventMs: number;
  /** The newest page of 50. */
  firstPageMs: number;
  /** A page of 50 in the middle of the feed. */
  middlePageMs: number;
  /** Everybody whose name begins with a text that few names begin with. */
  beginningMs: number;
}

/** What this program can be asked. */
export interface GrowthCalls {
  [name: string]: (argument: never) => unknown;
  /** Opens the folder and warms up; `count` is what it holds. */
  open: (options: { folder: string; count: number; bundleFolder: string }) => Promise<void>;
  measure: (options: Record<string, never>) => Promise<GrowthCosts>;
  close: (options: Record<string, never>) => Promise<void>;
}

const BATCH = 500;
const BATCHES = 12;
const QUERIES = 60;

let client: DataClient | null = null;
let stored = 0;
let nextIndex = FIRST_NEW;

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function timeBatch(data: DataClient): Promise<number> {
  const batch = Array.from({ length: BATCH }, (_, offset) =>
    makeNotification(nextIndex + offset, Date.now() + offset),
  );
  nextIndex += BATCH;
  return time(() => data.record(batch));
}

async function timeQueries(run: (index: number) => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let index = 0; index < QUERIES; index++) samples.push(await time(() => run(index)));
  return percentile(samples, 0.5);
}

async function measure(data: DataClient): Promise<GrowthCosts> {
  const batches: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) batches.push(await timeBatch(data));
  const middleMs = Date.now() - STORED_END_BEFORE_MS - Math.floor(stored / 2) * STORED_APART_MS;
  const middle = { occurredAt: new Date(middleMs).toISOString(), id: 0 };
  return {
    eventMs: percentile(batches, 0.5) / BATCH,
    firstPageMs: await timeQueries(() => data.queryEvents({}, null, 50, null)),
    middlePageMs: await timeQueries(() => data.queryEvents({}, middle, 50, null)),
    beginningMs: await timeQueries(index =>
      // The sounds, the line and one more character: a few dozen people in a million.
      data.queryEvents({ text: makeName(index * 97).slice(0, -1) }, null, 50, null),
    ),
  };
}

const calls: GrowthCalls = {
  open: async ({ folder, count, bundleFolder }) => {
    const data = createDataClient({
      workerPath: path.join(bundleFolder, 'data-worker.js'),
      logger: SILENT_LOGGER,
      pushes: NO_PUSHES,
    });
    client = data;
    stored = count;
    await data.open({ folder, retentionDays: 0 });
    await measure(data);
    // A snapshot beside it is what the latency row is about: the next one comes only after 20 times this one's time.
    await data.snapshot();
  },
  measure: () => (client ? measure(client) : Promise.reject(new Error('Nothing is open.'))),
  close: async () => {
    // What was added is thrown away with the folder: no snapshot.
    await client?.dispose();
  },
};

serve(calls);
