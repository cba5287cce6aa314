// Fills a database with follows through the data worker, each from a new viewer.
import path from 'node:path';
import { createDataClient } from '../../../src/data/data-client';
import { makeNotification } from '../follows';
import { serve } from '../program';
import { NO_PUSHES, SILENT_LOGGER } from '../silence';

/** What this program can be asked. */
export interface FillCalls {
  [name: string]: (argument: never) => unknown;
  /** Makes the folder's database hold `count` follows, the last a minute ago. Answers the bytes of all their JSON. */
  fill: (options: { folder: string; count: number; bundleFolder: string }) => Promise<number>;
}

const BATCH = 2_000;
/** Between two follows, so that a million of them are a year's. */
const APART_MS = 30_000;

const calls: FillCalls = {
  fill: async ({ folder, count, bundleFolder }) => {
    const client = createDataClient({
      workerPath: path.join(bundleFolder, 'data-worker.js'),
      logger: SILENT_LOGGER,
      pushes: NO_PUSHES,
    });
    await client.open({ folder, retentionDays: 0 });
    const lastAtMs = Date.now() - 60_000;
    let jsonBytes = 0;
    for (let from = 0; from < count; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, offset) =>
        makeNotification(from + offset, lastAtMs - (count - 1 - from - offset) * APART_MS),
      );
      for (const { eventJson } of batch) jsonBytes += Buffer.byteLength(eventJson);
      const { events } = await client.record(batch);
      if (events.length !== batch.length) throw new Error(`Only ${events.length} were recorded.`);
    }
    await client.close();
    return jsonBytes;
  },
};

serve(calls);
