// Reads a database's file alone, or opens it through the worker to its first page.
import fs from 'node:fs/promises';
import path from 'node:path';
import { createDataClient } from '../../../src/data/data-client';
import { serve } from '../program';
import { NO_PUSHES, SILENT_LOGGER } from '../silence';

/** What this program can be asked. */
export interface OpenCalls {
  [name: string]: (argument: never) => unknown;
  /** Milliseconds that reading the file takes. */
  read: (options: { folder: string }) => Promise<number>;
  /** Milliseconds from spawn of the worker to the first page. */
  open: (options: { folder: string; bundleFolder: string }) => Promise<number>;
}

const calls: OpenCalls = {
  read: async ({ folder }) => {
    const startedAt = performance.now();
    await fs.readFile(path.join(folder, 'eventsub.sqlite'));
    return performance.now() - startedAt;
  },
  open: async ({ folder, bundleFolder }) => {
    const startedAt = performance.now();
    const client = createDataClient({
      workerPath: path.join(bundleFolder, 'data-worker.js'),
      logger: SILENT_LOGGER,
      pushes: NO_PUSHES,
    });
    await client.open({ folder, retentionDays: 0 });
    const page = await client.queryEvents({}, null, 50, null);
    const tookMs = performance.now() - startedAt;
    await client.dispose();
    if (page.events.length !== 50) throw new Error('The first page is not full.');
    return tookMs;
  },
};

serve(calls);
