import type { Disposable } from '../shared/service';
import type { Clock } from './clock';

/** While a session is on its way or live, the clocks are compared so often, in milliseconds. */
const LONGEST_NAP_MS = 1000;

/** So far may wall clock and monotonic clock part between two looks before it is a jump. */
const PARTED_MS = 2000;

/** A timer that comes so late was held up by more than a busy machine. */
const LATE_MS = 5000;

/** What the timer tells. */
export interface SessionTimerListener {
  tick(): void;
  /** The clocks have jumped, as after sleep; all was well at that monotonic moment. */
  jumped(lastGoodMonoMs: number): void;
}

/** The one timer of a session: due at the session's next deadline, and every second to see whether the clocks jumped. */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #listener: SessionTimerListener;
  #timer: Disposable | null = null;
  /** When the pending timer fires, by the monotonic clock. */
  #dueMonoMs = 0;
  #last: { wallMs: number; monoMs: number } | null = null;

  constructor(clock: Clock, listener: SessionTimerListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Sets the next deadline; null: none, and nothing to watch. Cheap where the timer already set is soon enough. */
  aim(deadlineMonoMs: number | null): void {
    if (deadlineMonoMs === null) {
      this.dispose();
      return;
    }
    if (this.#timer !== null && this.#dueMonoMs <= deadlineMonoMs) return;
    const monoMs = this.#clock.monotonic();
    this.#timer?.dispose();
    this.#last ??= { wallMs: this.#clock.now(), monoMs };
    const napMs = Math.max(0, Math.min(LONGEST_NAP_MS, deadlineMonoMs - monoMs));
    this.#dueMonoMs = monoMs + napMs;
    this.#timer = this.#clock.setTimer(napMs, () => this.#wake());
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = null;
    this.#last = null;
  }

  #wake(): void {
    this.#timer = null;
    const now = { wallMs: this.#clock.now(), monoMs: this.#clock.monotonic() };
    const last = this.#last ?? now;
    this.#last = now;
    const parted = Math.abs(now.wallMs - last.wallMs - (now.monoMs - last.monoMs));
    if (parted > PARTED_MS || now.monoMs - this.#dueMonoMs > LATE_MS) this.#listener.jumped(last.monoMs);
    else this.#listener.tick();
  }
}
