import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../shared/service';
import type { Step } from './scenes';
import type { TimerGroup } from './simulator-clock';

/** How many steps may run before other work of this thread gets its turn. */
const STEPS_A_TURN = 100;
/** Beyond this a client that does not read is waited for. */
const MAX_BACKLOG = 8 * 1024 * 1024;
const PACE_MS = 50;

export interface RunOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
  /** Absent: as fast as the sockets take them. */
  perSecond?: number;
}

/** Runs many steps without holding up the thread that it shares with the editor. */
export class StepRunner {
  readonly #timers: TimerGroup;
  readonly #backlog: () => number;

  constructor(timers: TimerGroup, backlog: () => number) {
    this.#timers = timers;
    this.#backlog = backlog;
  }

  /** Rejects with `cancelled` when the signal says so; ends early, without an error, when the simulator closes. */
  async run(steps: readonly Step[], options: RunOptions = {}): Promise<void> {
    const aTurn = options.perSecond
      ? Math.max(1, Math.round((options.perSecond * PACE_MS) / 1000))
      : STEPS_A_TURN;
    for (let done = 0; done < steps.length; done += aTurn) {
      if (options.signal?.aborted) throw new ServiceError('cancelled', `Stopped after ${done}.`);
      if (this.#timers.isClosed()) return;
      for (const step of steps.slice(done, done + aTurn)) step();
      options.onProgress?.(Math.min(steps.length, done + aTurn), steps.length);
      if (options.perSecond) {
        const everyMs = aTurn === 1 ? 1000 / options.perSecond : PACE_MS;
        await this.#timers.wait(everyMs);
      } else {
        await nextTurn();
      }
      // This is the real socket's pace, so it goes by the real clock.
      while (this.#backlog() > MAX_BACKLOG && !this.#timers.isClosed()) await delay(5);
    }
  }
}
