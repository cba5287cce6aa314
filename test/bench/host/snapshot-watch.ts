import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../support/poll';
import { instant } from '../figures';

const TEMPORARY = 'eventsub.sqlite.tmp';
/** The pace of snapshots has pauses of up to five minutes. */
const PATIENCE_MS = 6 * 60_000;
/** A file that came and went between two looks is told of twice, right after one another. */
const ONE_SNAPSHOT_MS = 20;

/** Notes when snapshots of a database are written, by their temporary file. Whoever opens it closes it. */
export class SnapshotWatch {
  /** From the file's appearance to its renaming; the last may still be open. */
  readonly spans: { from: number; to: number | null }[] = [];
  private readonly watcher: fs.FSWatcher;

  constructor(private readonly folder: string) {
    this.watcher = fs.watch(folder, (_event, name) => {
      if (name === TEMPORARY) this.look();
    });
  }

  /** Resolves when one more snapshot has begun than there were. */
  async begun(before: number): Promise<void> {
    await waitFor('a snapshot to begin', () => this.spans.length > before, PATIENCE_MS);
  }

  /** Resolves when no snapshot is under way. */
  async ended(): Promise<void> {
    await waitFor('the snapshot to end', () => this.spans.at(-1)?.to !== null, PATIENCE_MS);
  }

  close(): void {
    this.watcher.close();
  }

  private look(): void {
    const now = instant();
    const last = this.spans.at(-1);
    const isThere = fs.existsSync(path.join(this.folder, TEMPORARY));
    if (last?.to === null) {
      if (!isThere) last.to = now;
    } else if (isThere) {
      this.spans.push({ from: now, to: null });
    } else if (now - (last?.to ?? 0) > ONE_SNAPSHOT_MS) {
      this.spans.push({ from: now, to: now });
    }
  }
}
