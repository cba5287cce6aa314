import type { Disposable } from '../shared/service';
import type { Clock } from './clock';

/** A status that only says that another message came is told at most so often, in milliseconds. */
const BEAT_MS = 250;

/** Decides when a status is told: changes at once and together, mere heartbeats seldom. */
export class StatusPulse {
  readonly #clock: Clock;
  readonly #tell: () => void;
  #timer: Disposable | null = null;
  #isQueued = false;
  #isDisposed = false;

  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Something that people look at has changed. Several changes of one turn are told once. */
  changed(): void {
    if (this.#isQueued || this.#isDisposed) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      this.#flush();
    });
  }

  /** Only counters and the time of the last message have changed. */
  beat(): void {
    if (this.#timer !== null || this.#isDisposed) return;
    this.#timer = this.#clock.setTimer(BEAT_MS, () => this.#flush());
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#timer = null;
  }

  #flush(): void {
    this.#timer?.dispose();
    this.#timer = null;
    if (!this.#isDisposed) this.#tell();
  }
}
