import type { Disposable, ObservableService, ServiceStatus } from '../shared/service';

/** The newest status, for every view of this window; null until the service has answered. */
export class StatusStore implements Disposable {
  private status: ServiceStatus | null = null;
  private readonly listeners = new Set<(status: ServiceStatus) => void>();
  private readonly subscription: Disposable;

  constructor(service: ObservableService) {
    this.subscription = service.observe({ statusChanged: status => this.take(status) });
  }

  get current(): ServiceStatus | null {
    return this.status;
  }

  /** Takes a status that was asked for; an older one than is known is dropped. */
  take(status: ServiceStatus): void {
    const known = this.status;
    if (known && known.epoch === status.epoch && status.revision < known.revision) return;
    if (known && status.epoch < known.epoch) return;
    this.status = status;
    for (const listener of [...this.listeners]) listener(status);
  }

  onChange(listener: (status: ServiceStatus) => void): Disposable {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  /** Resolves with the first status that fits, at once if the present one does; rejects when aborted. */
  waitFor(fits: (status: ServiceStatus) => boolean, signal: AbortSignal): Promise<ServiceStatus> {
    if (this.status && fits(this.status)) return Promise.resolve(this.status);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        subscription.dispose();
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        stop();
        reject(new Error('Aborted while waiting for a state.'));
      };
      const subscription = this.onChange(status => {
        if (!fits(status)) return;
        stop();
        resolve(status);
      });
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.listeners.clear();
  }
}
