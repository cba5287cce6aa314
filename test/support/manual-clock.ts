import type { Clock } from '../../src/twitch/clock';
import type { Disposable } from '../../src/shared/service';

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

/** A clock that moves only when told to; it serves the network rooms and the simulator alike. */
export class ManualClock implements Clock {
  #wall: number;
  #monotonic = 1000;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs: number = Date.UTC(2026, 0, 15, 12)) {
    this.#wall = startMs;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer = { at: this.#monotonic + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return { dispose: () => void this.#timers.delete(timer) };
  }

  setTimeout(run: () => void, ms: number): unknown {
    return this.setTimer(ms, run);
  }

  clearTimeout(handle: unknown): void {
    (handle as Disposable | undefined)?.dispose();
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves to the next timer, but by no more than `limitMs`, and fires it if it was reached. */
  step(limitMs: number): void {
    const next = [...this.#timers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
    const target = Math.min(next?.at ?? Infinity, this.#monotonic + limitMs);
    this.#wall += target - this.#monotonic;
    this.#monotonic = target;
    if (next && next.at <= target) {
      this.#timers.delete(next);
      next.callback();
    }
  }

  /** As if the machine slept: the wall clock goes on, everything else stood still. */
  sleep(ms: number): void {
    this.#wall += ms;
  }
}
