import type { Disposable } from '../../../src/shared/service';
import { SYSTEM_CLOCK, type Clock } from '../../../src/twitch/clock';

/** Timers fire at their time even while time is skipped, so steps are shorter than what counts as late. */
const STEP_MS = 100;

/** The real clock, with time that can be skipped, slept through, and a wall clock that can be set. */
export class SkipClock implements Clock {
  /** How far the wall clock is off. */
  wallOffMs = 0;
  #skippedMs = 0;
  readonly #pending = new Set<{ dueMs: number; fire: () => void }>();

  /** Timers that have neither fired nor been disposed of. */
  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return SYSTEM_CLOCK.now() + this.wallOffMs;
  }

  monotonic(): number {
    return SYSTEM_CLOCK.monotonic() + this.#skippedMs;
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    const real = SYSTEM_CLOCK.setTimer(delayMs, () => entry.fire());
    const entry = {
      dueMs: this.monotonic() + delayMs,
      fire: () => {
        dispose();
        callback();
      },
    };
    const dispose = (): void => {
      real.dispose();
      this.#pending.delete(entry);
    };
    this.#pending.add(entry);
    return { dispose };
  }

  /** So much time passes at once, by both clocks; every timer fires in its turn. */
  skip(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) {
      const step = Math.min(STEP_MS, left);
      this.#skippedMs += step;
      this.wallOffMs += step;
      for (const entry of [...this.#pending]) if (entry.dueMs <= this.monotonic()) entry.fire();
    }
  }

  /** The process stands still: time goes by, and no timer fires. */
  stall(ms: number): void {
    this.#skippedMs += ms;
    this.wallOffMs += ms;
  }

  /** The machine sleeps: the wall clock goes on, the monotonic one stands still. */
  sleep(ms: number): void {
    this.wallOffMs += ms;
  }
}
