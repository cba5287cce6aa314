import { signal, type ReadonlySignal } from '@preact/signals';

/** The time as the views show it. */
export interface Clock {
  /** Milliseconds since 1970; moves once a second while somebody can see it. */
  readonly nowMs: ReadonlySignal<number>;
  readonly isVisible: boolean;
  /** Stops the only lasting timer while nobody looks; on `true` it is right again at once. */
  setVisible(isVisible: boolean): void;
}

/** The one timer behind every relative time. */
export function createClock(): Clock {
  const nowMs = signal(Date.now());
  let timer: number | null = null;
  const tick = (): void => {
    nowMs.value = Date.now();
  };
  return {
    nowMs,
    get isVisible() {
      return timer !== null;
    },
    setVisible: isVisible => {
      if (!isVisible && timer !== null) {
        window.clearInterval(timer);
        timer = null;
      }
      if (isVisible && timer === null) {
        tick();
        timer = window.setInterval(tick, 1_000);
      }
    },
  };
}
