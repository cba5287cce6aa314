import { setMaxListeners } from 'events';
import type { Disposable } from '../shared/service';
import type { Clock } from './clock';

/** How late an alarm can be after the machine slept, in milliseconds. */
const LONGEST_NAP_MS = 15_000;

/** One callback at a moment that may lie hours ahead. */
export interface Alarm extends Disposable {
  /** Calls back once in `delayMs`; replaces what was set before. */
  set(delayMs: number, callback: () => void): void;
  clear(): void;
}

/**
 * Makes an alarm that is due as soon as either clock says so: the monotonic one stands still while the machine
 * sleeps, and the wall clock can be set back.
 */
export function createAlarm(clock: Clock): Alarm {
  let timer: Disposable | null = null;
  const clear = (): void => {
    timer?.dispose();
    timer = null;
  };
  return {
    clear,
    dispose: clear,
    set: (delayMs, callback) => {
      clear();
      const due = { wall: clock.now() + delayMs, monotonic: clock.monotonic() + delayMs };
      const arm = (): void => {
        const left = Math.min(due.wall - clock.now(), due.monotonic - clock.monotonic());
        timer = clock.setTimer(Math.max(0, Math.min(left, LONGEST_NAP_MS)), () => {
          timer = null;
          if (clock.now() >= due.wall || clock.monotonic() >= due.monotonic) callback();
          else arm();
        });
      };
      arm();
    },
  };
}

/** Waits `delayMs`, or until the signal aborts. Answers whether it waited to the end; never rejects. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const onAbort = (): void => {
      timer.dispose();
      resolve(false);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Calls back when the signal aborts, at once if it has. */
export function whenAborted(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true });
}

/** A controller whose signal any number of requests may listen to without Node calling that a leak. */
export function createAborter(): AbortController {
  const aborter = new AbortController();
  setMaxListeners(0, aborter.signal);
  return aborter;
}
