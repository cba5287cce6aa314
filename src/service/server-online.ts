import { join } from 'node:path';
import type { CredentialStore, Logger } from '../shared/service';
import type { Settings } from '../shared/settings';
import { createHelixClient, type HelixClient } from '../twitch/helix-client';
import type { ServerEndpoints } from '../twitch/twitch-ports';
import { createMemoryStore, openAccount, type AccountPart } from './account-part';
import type { NoticeList } from './problem-list';
import { endpointsOf } from './server-endpoints';
import type { SimulatorPort, StartSimulator } from './simulator-port';
import { loadSessionMemory, type StoredSessionMemory } from './session-memory';

export interface OnlineOptions {
  settings: Settings;
  /** The server's own folder. */
  folder: string;
  credentials: CredentialStore;
  logger: Logger;
  notices: NoticeList;
  startSimulator: StartSimulator;
  onAccountChange: () => void;
  signal: AbortSignal;
}

/** A server that can be spoken to, before anybody is signed in. */
export interface Online {
  endpoints: ServerEndpoints;
  simulator: SimulatorPort | null;
  account: AccountPart;
  helix: HelixClient | null;
  memory: StoredSessionMemory;
  close(): Promise<void>;
}

const SIMULATOR_NOTICE = 'simulator.failed';

/**
 * Starts what the settings' server needs: the simulator, the account, Helix. Resolves as soon as it is known who
 * is signed in, checked or not; null where the settings name no server that can be used.
 */
export async function goOnline(options: OnlineOptions): Promise<Online | null> {
  const { settings, folder, logger, notices } = options;
  const simulator = settings.server === 'simulator' ? await openSimulator(options) : null;
  const endpoints = simulator?.endpoints ?? endpointsOf(settings);
  if (!endpoints) return null;

  let noteChange = (): void => undefined;
  const firstChange = new Promise<void>(resolve => {
    noteChange = resolve;
  });
  const account = openAccount({
    endpoints,
    store: simulator ? createMemoryStore() : options.credentials,
    logger,
    notices,
    onChange: () => {
      noteChange();
      options.onAccountChange();
    },
  });
  const helix =
    endpoints.helixUrl === null
      ? null
      : createHelixClient({
          endpoints,
          clientId: () => account.account.getTokens()?.clientId ?? settings.clientId,
          tokens: account.account,
          logger,
        });
  const memory = await loadSessionMemory(folder, logger);
  const started = account.account.start();
  // A server that does not answer must not hold up the rest: the account tells when it does.
  await Promise.race([started, firstChange, aborted(options.signal)]);
  started.catch((error: unknown) => logger.error('The account could not be started.', error));
  if (simulator) {
    await started;
    if (!account.account.getTokens()) {
      await account.account.adopt({
        issuer: endpoints.issuer,
        generation: 1,
        tokens: simulator.issueToken(),
      });
    }
  }
  return {
    endpoints,
    simulator,
    account,
    helix,
    memory,
    close: async () => {
      await account.close();
      helix?.dispose();
      await memory.settled();
      await simulator?.close();
    },
  };
}

async function openSimulator(options: OnlineOptions): Promise<SimulatorPort | null> {
  const { folder, logger, notices } = options;
  try {
    const simulator = await options.startSimulator({ stateFile: join(folder, 'channel.json'), logger });
    notices.clear(SIMULATOR_NOTICE);
    return simulator;
  } catch (error: unknown) {
    const message = error instanceof Error ? error.message : String(error);
    notices.set({
      id: SIMULATOR_NOTICE,
      severity: 'error',
      message: 'The simulator could not be started: {0}',
      args: [message],
      action: 'showLog',
    });
    return null;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
