import path from 'node:path';
import { waitFor } from '../../support/poll';
import { Program } from '../program';
import type { FrameServerCalls } from '../programs/frame-server';
import { layStored, type StoredEvents } from '../stored-events';
import { BenchHost } from './bench-host';

/** A real VS Code whose extension is live with a frame server, with events in its database. */
export interface LiveHost {
  host: BenchHost;
  frames: Program<FrameServerCalls>;
  /** The frame server's. */
  port: number;
  /** Where the database lies. */
  databaseFolder: string;
  close(): Promise<void>;
}

/** The settings of somebody who uses a server at this port. */
export function settingsFor(port: number): Readonly<Record<string, unknown>> {
  return {
    'eventsub.server': 'custom',
    'eventsub.customServer': {
      websocketUrl: `ws://127.0.0.1:${port}/ws`,
      subscriptionsUrl: `http://127.0.0.1:${port}/eventsub/subscriptions`,
    },
    'eventsub.events': ['channel.follow'],
  };
}

/** Starts both; `prepare` may lay more into the extension's global storage. */
export async function openLiveHost(
  stored: StoredEvents,
  prepare?: (storageFolder: string) => void,
): Promise<LiveHost> {
  const frames = Program.start<FrameServerCalls>('frame-server');
  try {
    const port = await frames.ask('listen', { keepalives: true });
    const host = await BenchHost.open({
      withExtension: true,
      settings: settingsFor(port),
      prepare: storageFolder => {
        layStored(stored, path.join(storageFolder, 'custom'));
        prepare?.(storageFolder);
      },
    });
    const close = async (): Promise<void> => {
      await host.close();
      await frames.end();
    };
    try {
      await host.untilStatusSays('Live');
      await waitFor('the socket', () => frames.ask('isConnected', {}));
    } catch (error: unknown) {
      await close();
      throw error;
    }
    return { host, frames, port, databaseFolder: path.join(host.storageFolder, 'custom'), close };
  } catch (error: unknown) {
    await frames.end();
    throw error;
  }
}
