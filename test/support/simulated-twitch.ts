import fs from 'node:fs';
import path from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator';
import { NetworkCable } from './network-cable';
import type { Workbench } from './workbench/workbench';

/** A Twitch in the test's own process, and the network to it. */
export interface SimulatedTwitch {
  /** Only inside tests and hooks. */
  readonly simulator: Simulator;
  readonly cable: NetworkCable;
  /** Writes its addresses into the user's settings, before the first window opens. */
  prepare(workbench: Workbench): void;
}

/** The client id of an app that a person might have registered. */
export const OWN_CLIENT_ID = 'abcdefghij0123456789abcdefghij';

/** Gives the suite around it a Twitch of its own; to be called before `useWorkbench`, which needs its addresses. */
export function useSimulatedTwitch(options: Partial<SimulatorOptions> = {}): SimulatedTwitch {
  let simulator: Simulator | undefined;
  let cable: NetworkCable | undefined;

  before(async () => {
    simulator = await startSimulator({
      stateFile: null,
      clientIds: [OWN_CLIENT_ID],
      ...options,
      timings: { deviceIntervalSeconds: 0.5, ...options.timings },
    });
    cable = await NetworkCable.lay(Number(new URL(simulator.endpoints.helixUrl).port));
  });

  after(async () => {
    await cable?.pullOut();
    await simulator?.close();
  });

  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('The simulated Twitch is there only while tests run.');
    return part;
  };
  return {
    get simulator() {
      return started(simulator);
    },
    get cable() {
      return started(cable);
    },
    prepare: workbench => {
      const { websocketUrl, subscriptionsUrl, helixUrl, authUrl } = started(simulator).endpoints;
      const addresses = { websocketUrl, subscriptionsUrl, helixUrl, authUrl };
      const through = Object.entries(addresses).map(([name, url]) => [name, started(cable).through(url)]);
      const file = path.join(workbench.server.userDataFolder, 'User', 'settings.json');
      const settings = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
      settings['eventsub.server'] = 'custom';
      settings['eventsub.customServer'] = Object.fromEntries(through) as unknown;
      fs.writeFileSync(file, JSON.stringify(settings, null, 2));
      // VS Code's server reads this one with the machine's settings, not the user's.
      const machineFolder = path.join(workbench.server.userDataFolder, 'Machine');
      fs.mkdirSync(machineFolder, { recursive: true });
      fs.writeFileSync(
        path.join(machineFolder, 'settings.json'),
        JSON.stringify({ 'workbench.welcomePage.walkthroughs.openOnInstall': false }),
      );
    },
  };
}
