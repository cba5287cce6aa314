import type { Logger, SimulateRequest, TokenSet } from '../shared/service';
import type { ServerEndpoints } from '../twitch/twitch-ports';

/** What the service needs of a simulator; the composition root says which one it is. */
export interface SimulatorPort {
  /** The addresses that it listens on. */
  readonly endpoints: ServerEndpoints;
  /** Signs in without a person. */
  issueToken(): TokenSet;
  /** Sends simulated events through its real socket; answers how many. */
  send(
    request: SimulateRequest,
    options: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
  ): Promise<number>;
  /** Saves its state and ends everything. */
  close(): Promise<void>;
}

/** Starts a simulator whose channel is kept in a file between runs. Only the window that leads calls it. */
export type StartSimulator = (options: { stateFile: string; logger: Logger }) => Promise<SimulatorPort>;
