import type { SimulatorClock } from '../../../src/simulator/simulator-clock';

/** A clock that stands still until it is advanced; timers run in order, each at its own time. */
export class FakeClock implements SimulatorClock {
  #nowMs = Date.now();
  #timers: { run: () => void; atMs: number }[] = [];

  now(): number {
    return this.#nowMs;
  }

  setTimeout(run: () => void, ms: number): unknown {
    const timer = { run, atMs: this.#nowMs + ms };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers = this.#timers.filter(timer => timer !== handle);
  }

  advance(ms: number): void {
    const targetMs = this.#nowMs + ms;
    for (;;) {
      this.#timers.sort((a, b) => a.atMs - b.atMs);
      const [next] = this.#timers;
      if (!next || next.atMs > targetMs) break;
      this.#timers.shift();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = targetMs;
  }
}
