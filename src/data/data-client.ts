import { join, dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DataPushes, DataService, OpenReport, OpenRequest, RecordResult } from '../shared/data-service';
import { openChannel, toErrorData, type Channel } from '../shared/rpc';
import { ServiceError, type Logger } from '../shared/service';
import { RecordQueue } from './record-queue';
import { WORKER_PUSHES, type WorkerCalls, type WorkerPushes, type WorkerStart } from './worker-protocol';

export interface DataClientOptions {
  /** The bundle `data-worker.js`. */
  workerPath: string;
  /** `sql-wasm.wasm`; by default beside the worker. */
  wasmPath?: string;
  logger: Logger;
  pushes: DataPushes;
}

/** The data worker as the host holds it. */
export interface DataClient extends DataService {
  /** Ends the worker without a snapshot (the journal has everything); call `close` first where there is time. */
  dispose(): Promise<void>;
}

type Method = keyof WorkerCalls;
type Arguments<M extends Method> = Parameters<WorkerCalls[M]>;
type Answer<M extends Method> = Awaited<ReturnType<WorkerCalls[M]>>;

/** How long a call may take before it is given up, in milliseconds; a batch is never given up. */
const TIMEOUTS: Partial<Record<Method, number>> = {
  queryEvents: 30_000,
  cancelSearch: 10_000,
  getEvent: 30_000,
  getViewer: 30_000,
  getStatistics: 60_000,
  getToday: 30_000,
  cancelExport: 10_000,
};

/** Calls that depend on what the worker had in memory and so cannot be made again on a new one. */
const BOUND_TO_WORKER: readonly Method[] = [
  'beginSweep',
  'addSweepPage',
  'finishSweep',
  'confirmRemovals',
  'abandonSweep',
];

const RESTART_DELAYS_MS = [0, 100, 300, 900];
const MAX_FUTILE_RESTARTS = 5;
/**
 * What a burst makes and drops has room for longer, so that less of it is copied meanwhile; V8 takes the room only then,
 * and gives it back.
 */
const YOUNG_MB = 128;

interface Pending {
  start: (channel: Channel<WorkerCalls>) => void;
  reject: (error: ServiceError) => void;
  isResendable: boolean;
}

class WorkerHost {
  private worker: Worker | null = null;
  private channel: Channel<WorkerCalls> | null = null;
  private readonly pending = new Set<Pending>();
  private openRequest: OpenRequest | null = null;
  private futileRestarts = 0;
  private restartTimer: NodeJS.Timeout | null = null;
  private phase: 'running' | 'closing' | 'disposed' = 'running';
  readonly records: RecordQueue;

  constructor(private readonly options: DataClientOptions) {
    this.records = new RecordQueue({
      send: (lines, counts, resentAfter) => this.call('recordLines', [lines, counts, resentAfter], false),
    });
  }

  async open(request: OpenRequest): Promise<OpenReport> {
    this.assertUsable();
    if (this.restartTimer) clearTimeout(this.restartTimer);
    this.restartTimer = null;
    if (!this.worker) this.spawn();
    const report = await this.call('open', [request], false);
    // Only a folder that could be opened once is opened again by itself after a crash.
    this.openRequest = request;
    this.futileRestarts = 0;
    this.records.resume();
    return report;
  }

  setRetention(days: number): Promise<void> {
    if (this.openRequest) this.openRequest = { ...this.openRequest, retentionDays: days };
    return this.call('setRetention', [days], true);
  }

  async close(): Promise<void> {
    if (this.phase === 'disposed' || !this.worker) return this.dispose();
    await this.records.settled();
    this.phase = 'closing';
    try {
      await this.call('close', [], false);
    } finally {
      await this.dispose();
    }
  }

  async dispose(): Promise<void> {
    if (this.phase === 'disposed') return;
    this.phase = 'disposed';
    if (this.restartTimer) clearTimeout(this.restartTimer);
    this.rejectPending(() => true, 'The database is closed.');
    this.records.stop(new ServiceError('cancelled', 'The database is closed.'));
    this.channel?.close('The database is closed.');
    this.channel = null;
    const worker = this.worker;
    this.worker = null;
    await worker?.terminate();
  }

  /** Calls the worker; a call that the worker's death cut off is made again on the next one if it can be. */
  call<M extends Method>(method: M, args: Arguments<M>, isResendable: boolean): Promise<Answer<M>> {
    this.assertUsable();
    return new Promise<Answer<M>>((resolve, reject) => {
      let timer: NodeJS.Timeout | null = null;
      const settle = (): void => {
        if (timer) clearTimeout(timer);
        this.pending.delete(entry);
      };
      const entry: Pending = {
        isResendable,
        reject: error => {
          settle();
          reject(error);
        },
        start: channel => {
          const remote = channel.remote as unknown as Record<string, (...a: unknown[]) => Promise<Answer<M>>>;
          const invoke = remote[method];
          if (!invoke) return;
          // A rejection after the channel was closed belongs to a worker that is gone: `died` decides.
          invoke(...(args as unknown[])).then(
            value => {
              if (this.channel !== channel) return;
              settle();
              resolve(value);
            },
            (error: unknown) => {
              if (this.channel !== channel) return;
              settle();
              const { kind, message } = toErrorData(error);
              reject(new ServiceError(kind, message));
            },
          );
        },
      };
      this.pending.add(entry);
      const timeoutMs = TIMEOUTS[method];
      if (timeoutMs !== undefined) {
        timer = setTimeout(
          () => entry.reject(new ServiceError('timeout', `The database did not answer "${method}" in time.`)),
          timeoutMs,
        );
        timer.unref();
      }
      if (this.channel) entry.start(this.channel);
      else if (!this.worker && !this.restartTimer) this.spawn();
    });
  }

  private assertUsable(): void {
    if (this.phase === 'disposed') throw new ServiceError('cancelled', 'The database is closed.');
  }

  private spawn(): void {
    const { workerPath, logger, pushes } = this.options;
    const start: WorkerStart = {
      wasmPath: this.options.wasmPath ?? join(dirname(workerPath), 'sql-wasm.wasm'),
    };
    const worker = new Worker(workerPath, {
      workerData: start,
      name: 'eventsub-data',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.worker = worker;
    const handlers: WorkerPushes = {
      recordedText: text => this.records.inOrder(() => pushes.recorded(JSON.parse(text) as RecordResult)),
      storageChanged: status => {
        this.records.inOrder(() => {
          if (status.kind === 'ok') this.records.forgetUnsaved();
          pushes.storageChanged(status);
        });
      },
      exportProgress: (id, done, total) => pushes.exportProgress(id, done, total),
      notice: message => pushes.notice(message),
      failed: error => pushes.failed(error),
    };
    const channel = openChannel<WorkerCalls, WorkerPushes>({
      port: {
        post: message => worker.postMessage(message),
        listen: listener => worker.on('message', listener),
      },
      handlers,
      callable: WORKER_PUSHES,
      timeoutMs: 0,
      onProtocolError: error => logger.error(`data worker: ${error.message}`),
    });
    this.channel = channel;
    worker.on('error', error => this.died(worker, error.message));
    worker.on('messageerror', error => logger.error(`data worker: ${error.message}`));
    worker.on('exit', code => this.died(worker, `exit code ${code}`));
    // A call made before `open` waits for it in the worker; everything else starts at once.
    for (const entry of this.pending) entry.start(channel);
  }

  private died(worker: Worker, why: string): void {
    if (this.worker !== worker) return;
    this.options.logger.error(`The data worker died (${why}).`);
    this.worker = null;
    this.channel?.close('The data worker died.');
    this.channel = null;
    this.records.suspend();
    const isRestarted = this.phase === 'running' && this.openRequest !== null;
    this.rejectPending(entry => !isRestarted || !entry.isResendable, `The data worker died (${why}).`);
    if (!isRestarted) return;
    if (this.futileRestarts >= MAX_FUTILE_RESTARTS) {
      const error = new ServiceError('storage', `The database worker dies again and again (${why}).`);
      this.rejectPending(() => true, error.message);
      this.records.stop(error);
      this.options.pushes.failed(error);
      this.options.pushes.storageChanged({ kind: 'failed', reason: error.message, newerVersion: false });
      return;
    }
    const delayMs = RESTART_DELAYS_MS[Math.min(this.futileRestarts, RESTART_DELAYS_MS.length - 1)] ?? 0;
    this.futileRestarts++;
    this.restartTimer = setTimeout(() => {
      this.restartTimer = null;
      void this.reopen();
    }, delayMs);
  }

  private async reopen(): Promise<void> {
    if (this.phase !== 'running' || !this.openRequest) return;
    const held = [...this.pending];
    this.pending.clear();
    this.spawn();
    try {
      const report = await this.call('open', [this.openRequest], false);
      this.options.logger.info(`The data worker was restarted; ${report.replayed} records replayed.`);
      for (const notice of report.notices) this.options.pushes.notice(notice);
    } catch (error) {
      const { kind, message } = toErrorData(error);
      for (const entry of held) this.pending.add(entry);
      // Only a worker that answered has given its verdict; one that died again is restarted by `died`.
      if (this.channel) {
        const failure = new ServiceError(kind, message);
        this.rejectPending(() => true, message);
        this.records.stop(failure);
        this.options.pushes.failed({ kind, message });
      }
      return;
    }
    for (const entry of held) {
      this.pending.add(entry);
      if (this.channel) entry.start(this.channel);
    }
    this.records.resend(() => {
      this.futileRestarts = 0;
    });
  }

  private rejectPending(which: (entry: Pending) => boolean, message: string): void {
    for (const entry of [...this.pending]) {
      if (which(entry))
        entry.reject(new ServiceError(this.phase === 'disposed' ? 'cancelled' : 'storage', message));
    }
  }
}

/**
 * Starts the data worker and speaks for it. A worker that dies is restarted within a second, and what it had not
 * acknowledged is sent again and recorded once. Rejections are `ServiceError`s.
 */
export function createDataClient(options: DataClientOptions): DataClient {
  const host = new WorkerHost(options);
  const call = <M extends Method>(method: M, ...args: Arguments<M>): Promise<Answer<M>> =>
    host.call(method, args, !BOUND_TO_WORKER.includes(method));
  /** For what counts the same events as the answers to `record`: it must not overtake them. */
  const callInOrder = async <M extends Method>(method: M, ...args: Arguments<M>): Promise<Answer<M>> => {
    const answer = await call(method, ...args);
    await new Promise<void>(resolve => host.records.inOrder(resolve));
    return answer;
  };
  return {
    open: request => host.open(request),
    record: batch => host.records.add(batch),
    queryEvents: (...args) => call('queryEvents', ...args),
    cancelSearch: id => call('cancelSearch', id),
    getEvent: id => call('getEvent', id),
    getViewer: id => call('getViewer', id),
    getStatistics: range => call('getStatistics', range),
    getToday: () => callInOrder('getToday'),
    markRead: upTo => callInOrder('markRead', upTo),
    setRetention: days => host.setRetention(days),
    exportEvents: (...args) => call('exportEvents', ...args),
    cancelExport: id => call('cancelExport', id),
    snapshot: () => call('snapshot'),
    close: () => host.close(),
    getSweepMarks: (...args) => call('getSweepMarks', ...args),
    beginSweep: start => call('beginSweep', start),
    addSweepPage: (...args) => call('addSweepPage', ...args),
    finishSweep: (...args) => call('finishSweep', ...args),
    confirmRemovals: (...args) => call('confirmRemovals', ...args),
    abandonSweep: id => call('abandonSweep', id),
    dispose: () => host.dispose(),
  };
}
