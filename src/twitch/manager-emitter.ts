import type { Disposable, Logger } from '../shared/service';
import type { ManagerEvents } from './twitch-ports';

type Listeners = { [K in keyof ManagerEvents]: Set<ManagerEvents[K]> };

/** The manager's listeners. One that throws is logged and does not keep the others from hearing. */
export class ManagerEmitter {
  readonly #logger: Logger;
  readonly #listeners: Listeners = {
    ready: new Set(),
    event: new Set(),
    error: new Set(),
    disconnected: new Set(),
    status: new Set(),
    gapClosed: new Set(),
  };

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<K extends keyof ManagerEvents>(event: K, listener: ManagerEvents[K]): Disposable {
    // Each call has an entry of its own, so that disposing one leaves another with the same function alone.
    const entry = ((...args: Parameters<ManagerEvents[K]>) =>
      (listener as (...all: Parameters<ManagerEvents[K]>) => void)(...args)) as ManagerEvents[K];
    this.#listeners[event].add(entry);
    return { dispose: () => void this.#listeners[event].delete(entry) };
  }

  emit<K extends keyof ManagerEvents>(event: K, ...args: Parameters<ManagerEvents[K]>): void {
    for (const listener of this.#listeners[event]) {
      try {
        (listener as (...all: Parameters<ManagerEvents[K]>) => void)(...args);
      } catch (error: unknown) {
        this.#logger.error(`A listener of the manager's ${event} failed.`, error);
      }
    }
  }

  clear(): void {
    for (const listeners of Object.values(this.#listeners)) listeners.clear();
  }
}
