import type { TokenSet } from '../../../src/shared/service';
import { startSimulator } from '../../../src/simulator/simulator';
import type { SimulatorEndpoints, SimulatorTimings } from '../../../src/simulator/simulator-contract';

/** How a simulator in a process of its own is started: its only argument, as JSON. */
export interface SimulatorStart {
  followers: number;
  timings: Partial<SimulatorTimings>;
}

/** Where it can be reached, and a person's tokens. */
export interface SimulatorReady {
  endpoints: SimulatorEndpoints;
  controlUrl: string;
  tokens: TokenSet;
}

async function main(): Promise<void> {
  const start = JSON.parse(process.argv[2] ?? '{}') as SimulatorStart;
  const simulator = await startSimulator({
    stateFile: null,
    control: true,
    followers: start.followers,
    timings: start.timings,
    // What is sent in a minute of load is more than a person's channel ever asks for.
    limits: { pointsPerMinute: 100_000 },
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({
    endpoints: simulator.endpoints,
    controlUrl: simulator.controlUrl ?? '',
    tokens: simulator.issueToken(),
  } satisfies SimulatorReady);
}

void main();
