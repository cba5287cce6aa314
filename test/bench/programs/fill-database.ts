// Fills a database with follows through the data worker, each from a new viewer.
import path from 'node:path';
import { createDataClient, type DataClient } from '../../../src/data/data-client';
import { FIRST_NEW, makeNotification, STORED_APART_MS, STORED_END_BEFORE_MS } from '../follows';
import { serve } from '../program';
import { NO_PUSHES, SILENT_LOGGER } from '../silence';

/** What this program can be asked. */
export interface FillCalls {
  [name: string]: (argument: never) => unknown;
  /** Makes the folder's database hold `count` follows, the last three days ago. Answers the bytes of all their JSON. */
  fill: (options: { folder: string; count: number; bundleFolder: string }) => Promise<number>;
  /** Adds follows and ends the worker as a crash would: they are in the journal, and not in the snapshot. */
  leaveInJournal: (options: { folder: string; count: number; bundleFolder: string }) => Promise<void>;
}

const BATCH = 2_000;

function openClient(bundleFolder: string): DataClient {
  return createDataClient({
    workerPath: path.join(bundleFolder, 'data-worker.js'),
    logger: SILENT_LOGGER,
    pushes: NO_PUSHES,
  });
}

const calls: FillCalls = {
  fill: async ({ folder, count, bundleFolder }) => {
    const client = openClient(bundleFolder);
    await client.open({ folder, retentionDays: 0 });
    const lastAtMs = Date.now() - STORED_END_BEFORE_MS;
    let jsonBytes = 0;
    for (let from = 0; from < count; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, offset) =>
        makeNotification(from + offset, lastAtMs - (count - 1 - from - offset) * STORED_APART_MS),
      );
      for (const { eventJson } of batch) jsonBytes += Buffer.byteLength(eventJson);
      const { events } = await client.record(batch);
      if (events.length !== batch.length) throw new Error(`Only ${events.length} were recorded.`);
    }
    await client.close();
    return jsonBytes;
  },
  leaveInJournal: async ({ folder, count, bundleFolder }) => {
    const client = openClient(bundleFolder);
    await client.open({ folder, retentionDays: 0 });
    const batch = Array.from({ length: count }, (_, offset) =>
      makeNotification(FIRST_NEW + offset, Date.now()),
    );
    await client.record(batch);
    await client.dispose();
  },
};

serve(calls);
