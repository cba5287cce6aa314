// Ours: from the socket through the manager, the recorder and the data worker until the database has acknowledged.
import fs from 'node:fs';
import path from 'node:path';
import { createDataClient, type DataClient } from '../../../src/data/data-client';
import { createEventRecorder } from '../../../src/service/event-recorder';
import { createEventSubManager } from '../../../src/twitch/eventsub-manager';
import type { EventSubManagerPort } from '../../../src/twitch/twitch-ports';
import { makeTemporaryFolder, removeFolder } from '../../support/vscode/paths';
import { noteFinish, type Finish } from '../finish';
import { CHANNEL_ID } from '../follows';
import { serve } from '../program';
import { NO_PUSHES, SILENT_LOGGER } from '../silence';

/** What one of the three ingest programs can be asked; the first is called once. */
export interface IngestCalls {
  [name: string]: (argument: never) => unknown;
  /** Connects and subscribes; resolves when frames may come. */
  begin: (options: { port: number; count: number; bundleFolder: string }) => Promise<void>;
  /** Resolves when the last of `count` was through. */
  finish: (options: Record<string, never>) => Promise<Finish>;
  /** Processor time so far, as in `Finish`. */
  cpu: (options: Record<string, never>) => number;
  /** Ends it and checks what can be checked; answers how many are stored, or were counted. */
  verify: (options: Record<string, never>) => Promise<number>;
}

const folder = makeTemporaryFolder();
let client: DataClient | null = null;
let manager: EventSubManagerPort | null = null;
let finished: Promise<Finish> | null = null;

const calls: IngestCalls = {
  begin: async ({ port, count, bundleFolder }) => {
    let recorded = 0;
    let finish: (noted: Finish) => void = () => undefined;
    finished = new Promise(resolve => (finish = resolve));
    const data = createDataClient({
      workerPath: path.join(bundleFolder, 'data-worker.js'),
      logger: SILENT_LOGGER,
      pushes: NO_PUSHES,
    });
    client = data;
    await data.open({ folder, retentionDays: 0 });
    const recorder = createEventRecorder({
      record: batch => data.record(batch),
      onRecorded: () => undefined,
      onResult: result => {
        recorded += result.events.length;
        if (recorded >= count) finish(noteFinish());
      },
      logger: SILENT_LOGGER,
    });
    manager = createEventSubManager({
      endpoints: {
        issuer: 'bench',
        websocketUrl: `ws://127.0.0.1:${port}/ws`,
        subscriptionsUrl: `http://127.0.0.1:${port}/eventsub/subscriptions`,
        helixUrl: null,
        authUrl: null,
      },
      keepaliveTimeoutSeconds: 10,
      events: ['channel.follow'],
      logger: SILENT_LOGGER,
    });
    manager.on('event', notification => recorder.add(notification));
    const ready = new Promise<void>(resolve => manager?.on('ready', resolve));
    manager.initialize({
      userId: CHANNEL_ID,
      channelId: CHANNEL_ID,
      clientId: 'bench',
      getAccessToken: () => Promise.resolve('bench'),
      grantedScopes: null,
    });
    manager.connect();
    await ready;
  },
  finish: () => finished ?? Promise.reject(new Error('It has not begun.')),
  cpu: () => noteFinish().cpuUs,
  verify: async () => {
    await manager?.destroy();
    const { eventCount } = await client!.getStatistics('all');
    await client?.dispose();
    removeFolder(folder);
    return fs.existsSync(folder) ? Number.NaN : eventCount;
  },
};

serve(calls);
