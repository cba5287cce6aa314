import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../shared/service';
import type { Step } from './scenes';
import type { TimerGroup } from './simulator-clock';

/** How long steps may run before other work of this thread gets its turn. */
const TURN_MS = 4;
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
    const aPace = options.perSecond
      ? Math.max(1, Math.round((options.perSecond * PACE_MS) / 1000))
      : steps.length;
    let done = 0;
    while (done < steps.length) {
      const paceEnd = Math.min(steps.length, done + aPace);
      while (done < paceEnd) {
        if (options.signal?.aborted) throw new ServiceError('cancelled', `Stopped after ${done}.`);
        if (this.#timers.isClosed()) return;
        done = runTurn(steps, done, paceEnd);
        options.onProgress?.(done, steps.length);
        await nextTurn();
        // This is the real socket's pace, so it goes by the real clock.
        while (this.#backlog() > MAX_BACKLOG && !this.#timers.isClosed()) await delay(5);
      }
      if (options.perSecond) await this.#timers.wait((aPace * 1000) / options.perSecond);
    }
  }
}

/** Runs steps for one turn; answers where to go on. */
function runTurn(steps: readonly Step[], from: number, to: number): number {
  const endsAt = performance.now() + TURN_MS;
  let index = from;
  do {
    steps[index]?.();
    index++;
  } while (index < to && performance.now() < endsAt);
  return index;
}
