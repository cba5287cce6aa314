import type { Disposable } from '../shared/service';

/** Time as the network rooms see it, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970 by this machine's wall clock; it can jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back, and on most systems stands still during sleep. */
  monotonic(): number;
  /** Calls back once after `delayMs`; disposing it beforehand prevents that. */
  setTimer(delayMs: number, callback: () => void): Disposable;
}

/** Node allows no longer timers; a longer delay would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clocks. Its timers keep the process alive until they fire or are disposed. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return { dispose: () => clearTimeout(timer) };
  },
};
