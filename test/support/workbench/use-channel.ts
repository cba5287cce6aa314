import fs from 'node:fs';
import path from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/simulator';
import { scopesFor, EVENT_TYPES, type EventType } from '../../../src/shared/catalogue';
import { useWorkbench, type UseOptions, type WorkbenchInUse } from './use-workbench';
import type { Workbench } from './workbench';
import type { WorkbenchWindow } from './window';

/** A suite's workbench, and the Twitch of our own that its extension talks to as `eventsub.server: custom`. */
export interface ChannelInUse extends WorkbenchInUse {
  readonly simulator: Simulator;
  /** Makes one thing happen on the channel, as Twitch would tell it. */
  send(type: EventType, viewer: string, count?: number): Promise<number>;
}

export interface ChannelOptions extends UseOptions {
  simulator?: Partial<SimulatorOptions>;
  /** Another address of the OAuth root, e.g. of one that listens in. */
  authUrl?: (simulator: Simulator) => string;
}

/** Gives the suite a workbench whose Twitch is steered by the test: nothing happens unless the test says so. */
export function useChannel(options: ChannelOptions = {}): ChannelInUse {
  let simulator: Simulator | undefined;
  const running = (): Simulator => {
    if (!simulator) throw new Error('The simulator runs only while tests do.');
    return simulator;
  };

  before(async () => {
    simulator = await startSimulator({ stateFile: null, followers: 12, ...options.simulator });
  });
  const bench = useWorkbench({
    ...options,
    prepare: async workbench => {
      const { websocketUrl, subscriptionsUrl, helixUrl, ...rest } = running().endpoints;
      const authUrl = options.authUrl?.(running()) ?? rest.authUrl;
      laySettings(workbench, {
        'eventsub.server': 'custom',
        'eventsub.customServer': { websocketUrl, subscriptionsUrl, helixUrl, authUrl },
      });
      await options.prepare?.(workbench);
    },
  });
  after(async () => {
    await simulator?.close();
  });

  return {
    get workbench() {
      return bench.workbench;
    },
    get window() {
      return bench.window;
    },
    get simulator() {
      return running();
    },
    send: (type, viewer, count = 1) => running().send({ type, viewer, count }),
  };
}

/** Adds to the user's settings before any window is open. */
function laySettings({ server }: Workbench, settings: Readonly<Record<string, unknown>>): void {
  const file = path.join(server.userDataFolder, 'User', 'settings.json');
  const present = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  fs.writeFileSync(file, JSON.stringify({ ...present, ...settings }));
}

/** Signs in as a person does who has a token: by the palette. Absent scopes: those of the whole catalogue. */
export async function signInWithToken(
  window: WorkbenchWindow,
  simulator: Simulator,
  scopes: readonly string[] = scopesFor(EVENT_TYPES),
  command = 'EventSub: Sign In with Access Token…',
): Promise<void> {
  const { clientId, accessToken } = simulator.issueToken(scopes);
  await window.runCommand(command);
  await window.answer(clientId);
  await window.answer(accessToken);
}
