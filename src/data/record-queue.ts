import type { NotificationInput, RecordResult } from '../shared/data-service';
import { ServiceError } from '../shared/service';
import { createTurns } from '../shared/turns';
import { encodeNotification, LINE_FEED, type RecordShare } from './worker-protocol';

/** A few hundred lines or this many bytes go to the worker at once, so that queries get their turn. */
const MAX_LINES = 500;
const MAX_BYTES = 1_000_000;
/** While some batches are written, synced and applied together, the next are already on their way. */
const MAX_IN_FLIGHT = 6;

interface Waiting {
  lines: Buffer;
  count: number;
  resolve: (result: RecordResult) => void;
  reject: (error: ServiceError) => void;
}

interface Batch {
  lines: Buffer;
  counts: number[];
  callers: Waiting[];
}

export interface RecordQueueOptions {
  send: (lines: Uint8Array, counts: number[], resentAfter: number | null) => Promise<string>;
}

/**
 * Notifications on their way to the worker. The first of a quiet time goes at once; what comes while batches
 * are on their way waits and goes together. Nothing leaves it before the worker has acknowledged it.
 */
export class RecordQueue {
  private waiting: Waiting[] = [];
  private readonly inFlight = new Set<Batch>();
  /** Answers are read one at a time: what went into one transaction is answered at once. */
  private readonly answers = createTurns();
  /** Acknowledged while the disk refused them: kept until the worker says that it saves again. */
  private unsaved: Batch[] = [];
  private isRunning = false;
  private isFlushPlanned = false;
  private highestId = 0;
  private failure: ServiceError | null = null;
  private idleListeners: (() => void)[] = [];

  constructor(private readonly options: RecordQueueOptions) {}

  /** Resolves when the batch is acknowledged; rejects only when the database is closed or cannot be used. */
  add(batch: readonly NotificationInput[]): Promise<RecordResult> {
    const failure = this.failure;
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      // As bytes at once: outside of the heap, what waits in a burst costs the garbage collector nothing.
      const lines = Buffer.from(batch.map(encodeNotification).join('\n'));
      this.waiting.push({ lines, count: batch.length, resolve, reject });
      if (!this.isFlushPlanned) {
        this.isFlushPlanned = true;
        // One turn later, so that the frames of one read from the socket go together.
        setImmediate(() => {
          this.isFlushPlanned = false;
          this.flush();
        });
      }
    });
  }

  /** Lets batches go out; called once the database is open. */
  resume(): void {
    this.failure = null;
    this.isRunning = true;
    this.flush();
  }

  /** Holds everything back until the next worker is open. */
  suspend(): void {
    // What an answer makes room for must not go to a worker that is gone.
    this.isRunning = false;
    this.answers.flush();
  }

  /** Sends again what the worker that died had not acknowledged or not saved, in the old order, then goes on. */
  resend(onProgress: () => void): void {
    const again = [...this.unsaved, ...this.inFlight];
    this.unsaved = [];
    this.inFlight.clear();
    this.failure = null;
    this.isRunning = true;
    const resentAfter = this.highestId;
    for (const batch of again) this.dispatch(batch, resentAfter, onProgress);
    if (again.length === 0) onProgress();
    this.flush();
  }

  /** Does something else that the worker's answer asks for, after the answers that came before it. */
  inOrder(work: () => void): void {
    this.answers.add(work);
  }

  forgetUnsaved(): void {
    this.unsaved = [];
  }

  /** Rejects everything that waits. */
  stop(failure: ServiceError): void {
    this.isRunning = false;
    this.answers.flush();
    this.failure = failure;
    const callers = [...[...this.inFlight].flatMap(batch => batch.callers), ...this.waiting];
    this.inFlight.clear();
    this.waiting = [];
    for (const caller of callers) caller.reject(failure);
    this.tellIdle();
  }

  /** Resolves when nothing waits or is on its way. */
  settled(): Promise<void> {
    if (this.waiting.length === 0 && this.inFlight.size === 0) return Promise.resolve();
    return new Promise(resolve => this.idleListeners.push(resolve));
  }

  private flush(): void {
    while (this.isRunning && this.waiting.length > 0 && this.inFlight.size < MAX_IN_FLIGHT) {
      this.dispatch(this.takeBatch(), null, () => undefined);
    }
  }

  private takeBatch(): Batch {
    let lines = 0;
    let bytes = 0;
    let taken = 0;
    for (const call of this.waiting) {
      if (taken > 0 && (lines >= MAX_LINES || bytes >= MAX_BYTES)) break;
      lines += call.count;
      bytes += call.lines.byteLength;
      taken++;
    }
    const callers = this.waiting.splice(0, taken);
    const parts = callers.filter(call => call.count > 0).map(call => call.lines);
    return { lines: joinLines(parts), counts: callers.map(call => call.count), callers };
  }

  private dispatch(batch: Batch, resentAfter: number | null, onProgress: () => void): void {
    this.inFlight.add(batch);
    this.options.send(batch.lines, batch.counts, resentAfter).then(
      text => {
        this.answers.add(() => {
          if (!this.inFlight.delete(batch)) return;
          onProgress();
          this.acknowledge(batch, JSON.parse(text) as RecordShare[]);
          this.flush();
          this.tellIdle();
        });
      },
      (error: unknown) => {
        // While suspended the batch stays in flight: the next worker gets it.
        if (!this.isRunning || !this.inFlight.delete(batch)) return;
        const failure = error instanceof ServiceError ? error : new ServiceError('internal', String(error));
        for (const caller of batch.callers) caller.reject(failure);
        this.flush();
        this.tellIdle();
      },
    );
  }

  private acknowledge(batch: Batch, shares: RecordShare[]): void {
    if (shares.some(share => share.isUnsaved)) this.unsaved.push({ ...batch, callers: [] });
    for (const share of shares) {
      const newest = share.events.at(-1);
      if (newest && newest.id > this.highestId) this.highestId = newest.id;
    }
    batch.callers.forEach((caller, index) => {
      const share = shares[index];
      if (share) caller.resolve(share);
    });
  }

  private tellIdle(): void {
    if (this.waiting.length > 0 || this.inFlight.size > 0) return;
    for (const listener of this.idleListeners.splice(0)) listener();
  }
}

/** In memory of their own: of a part of a shared buffer, a message between threads would carry the whole. */
function joinLines(parts: readonly Buffer[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.byteLength + 1, 0);
  const joined = Buffer.allocUnsafeSlow(Math.max(0, size - 1));
  let at = 0;
  for (const part of parts) {
    if (at > 0) joined[at++] = LINE_FEED;
    at += part.copy(joined, at);
  }
  return joined;
}
