import { randomUUID } from 'node:crypto';
import { toErrorData, toServiceError } from '../shared/rpc';
import { ServiceError, type JobKind, type JobStatus } from '../shared/service';
import { nextTurn } from '../shared/turns';

/** What long work is given. */
export interface JobContext {
  id: string;
  signal: AbortSignal;
  report: (state: JobStatus['state']) => void;
}

/** The long work that is under way. */
export interface JobRegistry {
  /** Starts work and answers its id at once; how it goes is told through `onChange`. */
  start(kind: JobKind, work: (context: JobContext) => Promise<{ message: string; count: number }>): string;
  /** Asks a job to end; one that has ended already is left alone. */
  cancel(id: string): void;
  /** Cancels every job and waits until all have ended. */
  cancelAll(): Promise<void>;
}

/** Progress is told at most this often; the end always. */
const PROGRESS_MS = 100;

/** Makes an empty registry. */
export function createJobRegistry(onChange: (job: JobStatus) => void): JobRegistry {
  const running = new Map<string, { abort: AbortController; ended: Promise<void> }>();

  const run = async (
    id: string,
    kind: JobKind,
    abort: AbortController,
    work: (context: JobContext) => Promise<{ message: string; count: number }>,
  ): Promise<void> => {
    let toldAt = -Infinity;
    const report = (state: JobStatus['state']): void => {
      if (!running.has(id)) return;
      const now = performance.now();
      if (state.kind === 'running' && state.done > 0 && now - toldAt < PROGRESS_MS) return;
      toldAt = now;
      onChange({ id, kind, state });
    };
    // After the id was answered, so that nobody hears of a job that it does not know.
    await nextTurn();
    report({ kind: 'running', done: 0, total: null, message: '' });
    let end: JobStatus['state'];
    try {
      const { message, count } = await work({ id, signal: abort.signal, report });
      end = { kind: 'done', message, count };
    } catch (error: unknown) {
      const isCancelled = abort.signal.aborted || toServiceError(error).kind === 'cancelled';
      end = isCancelled ? { kind: 'cancelled' } : { kind: 'failed', error: toErrorData(error) };
    }
    running.delete(id);
    onChange({ id, kind, state: end });
  };

  return {
    start: (kind, work) => {
      const id = randomUUID();
      const abort = new AbortController();
      const entry = { abort, ended: Promise.resolve() };
      running.set(id, entry);
      entry.ended = run(id, kind, abort, work);
      return id;
    },
    cancel: id => running.get(id)?.abort.abort(new ServiceError('cancelled', 'Cancelled.')),
    cancelAll: async () => {
      const all = [...running.values()];
      for (const { abort } of all) abort.abort(new ServiceError('cancelled', 'Cancelled.'));
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
