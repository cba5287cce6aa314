import type { Disposable } from '../shared/service';

/** Timers as a test can drive them. */
export interface ViewClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after that many milliseconds, unless disposed of before. */
  after(ms: number, callback: () => void): Disposable;
}

/** This machine's clock. */
export const systemClock: ViewClock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return { dispose: () => clearTimeout(timer) };
  },
};
