import type { Disposable, JobStatus, ObservableService } from '../shared/service';

/** How many jobs are remembered; older ones are long over. */
const MOST_JOBS = 50;

/** Follows long work by its id. A push may come before the call that began the work has answered with the id. */
export class JobTracker implements Disposable {
  private readonly known = new Map<string, JobStatus>();
  private readonly listeners = new Map<string, Set<(job: JobStatus) => void>>();
  private readonly subscription: Disposable;

  constructor(service: ObservableService) {
    this.subscription = service.observe({ jobChanged: job => this.take(job) });
  }

  /** Hears of every change of one job from now on, and at once of its present state. */
  watch(id: string, listener: (job: JobStatus) => void): Disposable {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    const present = this.known.get(id);
    if (present) listener(present);
    return {
      dispose: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.listeners.delete(id);
      },
    };
  }

  /** Resolves with the first state that fits: for instance the one that ends it. */
  waitFor(id: string, fits: (job: JobStatus) => boolean): Promise<JobStatus> {
    const present = this.known.get(id);
    if (present && fits(present)) return Promise.resolve(present);
    return new Promise(resolve => {
      const subscription = this.watch(id, job => {
        if (!fits(job)) return;
        // A watch begins with the present state, which did not fit; so `subscription` is set by now.
        subscription.dispose();
        resolve(job);
      });
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.listeners.clear();
    this.known.clear();
  }

  private take(job: JobStatus): void {
    this.known.delete(job.id);
    this.known.set(job.id, job);
    const oldest = this.known.keys().next().value;
    if (this.known.size > MOST_JOBS && oldest !== undefined) this.known.delete(oldest);
    for (const listener of [...(this.listeners.get(job.id) ?? [])]) listener(job);
  }
}

/** Whether a job is over, whatever its end. */
export function isOver(job: JobStatus): boolean {
  return job.state.kind === 'done' || job.state.kind === 'failed' || job.state.kind === 'cancelled';
}
