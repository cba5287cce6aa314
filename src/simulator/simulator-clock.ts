/** The time and the timers that the simulator runs by; replaced by a fake one in tests. */
export interface SimulatorClock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** The machine's own clock. */
export const SYSTEM_CLOCK: SimulatorClock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout),
};

/** Timers of one owner, all of which end together, so that nothing fires after it closed. */
export class TimerGroup {
  readonly #clock: SimulatorClock;
  readonly #handles = new Set<unknown>();
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Runs once after `ms`; the answer cancels it. Does nothing once the group is closed. */
  start(run: () => void, ms: number): () => void {
    if (this.#isClosed) return () => undefined;
    const handle = this.#clock.setTimeout(() => {
      this.#handles.delete(handle);
      run();
    }, ms);
    this.#handles.add(handle);
    return () => {
      this.#handles.delete(handle);
      this.#clock.clearTimeout(handle);
    };
  }

  isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves after `ms`, or as soon as the group is closed. */
  wait(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise(resolve => {
      const end = (): void => {
        this.#waiting.delete(end);
        resolve();
      };
      this.#waiting.add(end);
      this.start(end, ms);
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const handle of this.#handles) this.#clock.clearTimeout(handle);
    this.#handles.clear();
    for (const end of [...this.#waiting]) end();
  }
}

let lastPrefix = { ms: Number.NaN, text: '' };

/**
 * An instant as Twitch's EventSub writes it: RFC 3339 in UTC with nanoseconds, trailing zeros left out
 * (`2020-07-15T18:16:11.17106713Z`). The part below a millisecond is made up.
 */
export function formatNanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  // A burst asks for the same millisecond again and again.
  if (whole !== lastPrefix.ms) lastPrefix = { ms: whole, text: new Date(whole).toISOString().slice(0, -1) };
  const below = Math.floor(Math.random() * 1_000_000) + 1_000_000;
  return `${lastPrefix.text}${String(below).slice(1)}`.replace(/\.?0+$/, '') + 'Z';
}

/** An instant as Helix writes it: whole seconds. */
export function formatSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
