import type { FileLayer } from './file-layer';
import type { Journal } from './journal';
import type { Ledger } from './ledger';
import { writeSnapshot } from './snapshot';

/** The pace of DESIGN.md: after 20 × the duration of the one before, within these bounds. */
const DURATION_FACTOR = 20;
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** Where the disk refuses, it is tried again after this long. */
const RETRY_MS = 5_000;

export interface SnapshotKeeperOptions {
  files: FileLayer;
  folder: string;
  ledger: Ledger;
  journal: Pick<Journal<never>, 'rotate' | 'deleteUpTo'>;
  /** What the two files contain now; 0: nothing that counts. */
  snapshotSequence: number;
  previousSequence: number;
  onWritten: (durationMs: number) => void;
  /** Told once when snapshots begin to fail. */
  onFailing: (error: Error) => void;
}

/** Writes snapshots at their pace, and deletes the segments that two of them have made superfluous. */
export class SnapshotKeeper {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private waitMs = SHORTEST_WAIT_MS;
  private written: number;
  private previous: number;
  private isFailing = false;
  private isStopped = false;

  constructor(private readonly options: SnapshotKeeperOptions) {
    this.written = options.snapshotSequence;
    this.previous = options.previousSequence;
  }

  /** Something changed: a snapshot follows. */
  noteChange(): void {
    if (this.timer || this.running || this.isStopped) return;
    this.plan(this.isFailing ? RETRY_MS : this.waitMs);
  }

  /** Writes one without waiting for the pace. */
  writeSoon(): void {
    if (this.running || this.isStopped) return;
    if (this.timer) clearTimeout(this.timer);
    this.plan(0);
  }

  /** Writes one now, unless the file has everything already. Rejects with what the disk says. */
  async writeNow(): Promise<void> {
    while (this.running) await this.running.catch(() => undefined);
    if (this.written === this.options.ledger.appliedSequence && this.written > 0) return;
    await this.run();
  }

  /** Waits for the one under way; plans no more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.running?.catch(() => undefined);
  }

  private plan(delayMs: number): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.run().catch((error: unknown) => {
        if (!this.isFailing) {
          this.isFailing = true;
          this.options.onFailing(error instanceof Error ? error : new Error(String(error)));
        }
        if (!this.isStopped && !this.timer) this.plan(RETRY_MS);
      });
    }, delayMs);
  }

  private run(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const running = this.write().finally(() => {
      this.running = null;
      if (this.written < this.options.ledger.appliedSequence && !this.isFailing) this.noteChange();
    });
    this.running = running;
    return running;
  }

  private async write(): Promise<void> {
    const { files, folder, ledger, journal } = this.options;
    const startedAt = performance.now();
    await journal.rotate();
    const sequence = ledger.appliedSequence;
    const image = ledger.database.freeze();
    try {
      await writeSnapshot(files, folder, image, true);
    } finally {
      image.release();
    }
    this.previous = this.written;
    this.written = sequence;
    const durationMs = performance.now() - startedAt;
    this.waitMs = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, DURATION_FACTOR * durationMs));
    this.isFailing = false;
    this.options.onWritten(durationMs);
    await journal.deleteUpTo(Math.min(this.previous, this.written));
  }
}
