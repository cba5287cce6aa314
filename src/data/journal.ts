import { join } from 'node:path';
import { nextTurn } from '../shared/turns';
import { hasCode, type AppendFile, type FileLayer } from './file-layer';
import { SEGMENT_MAGIC, encodeRecords, segmentName } from './journal-format';

/** A segment is closed at this size, so that what is no longer needed can be deleted piece by piece. */
const SEGMENT_BYTES = 32 * 1024 * 1024;
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 5_000;

interface Entry<T> {
  bytes: Buffer;
  lastSequence: number;
  recordCount: number;
  item: T;
}

/** Records that are on disk, or that the disk refused. */
export interface Settled<T> {
  item: T;
  /** The last record's number. */
  lastSequence: number;
  isUnsaved: boolean;
}

/** A closed or open segment and the highest sequence number in it. */
export interface Segment {
  number: number;
  lastSequence: number;
}

export interface JournalOptions<T> {
  files: FileLayer;
  folder: string;
  segments: Segment[];
  lastSequence: number;
  /** What one sync has settled, strictly in the order of the calls of `append`; each of them is told once. */
  onSettled: (group: readonly Settled<T>[]) => void;
  /** Told when writing begins to fail (once) and when everything is on disk again. */
  onFailing: (error: Error) => void;
  onMended: () => void;
}

/**
 * The journal's writing end. What is appended while a sync is under way goes together with the next one. Where
 * the disk refuses, records stay here, in order, and are tried again until it takes them; each new try begins
 * a new segment, because a failed sync says nothing about what of the old one is on the disk.
 */
export class Journal<T> {
  private readonly queue: Entry<T>[] = [];
  private readonly unsaved: Entry<T>[] = [];
  private file: AppendFile | null = null;
  private fileBytes = 0;
  private sequence: number;
  private readonly segments: Segment[];
  private isPumping = false;
  private retryTimer: NodeJS.Timeout | null = null;
  private retryDelayMs = RETRY_FIRST_MS;
  private isClosed = false;
  private idleListeners: (() => void)[] = [];

  constructor(private readonly options: JournalOptions<T>) {
    this.segments = [...options.segments];
    this.sequence = options.lastSequence;
  }

  /** How many records the disk has not taken. */
  get unsavedCount(): number {
    return this.unsaved.reduce((sum, entry) => sum + entry.recordCount, 0);
  }

  /** Appends lines as records; `item` is what `onSettled` is told when they are on disk (or refused). */
  append(lines: Buffer, skip: ReadonlySet<number> | null, item: T): void {
    const { bytes, count } = encodeRecords(lines, this.sequence + 1, skip);
    this.sequence += count;
    this.queue.push({ bytes, lastSequence: this.sequence, recordCount: count, item });
    void this.pump();
  }

  /** Resolves when everything appended so far has settled. */
  barrier(): Promise<void> {
    if (this.queue.length === 0 && !this.isPumping) return Promise.resolve();
    return new Promise(resolve => this.idleListeners.push(resolve));
  }

  /** Closes the segment that is being written, so that a snapshot can make it superfluous. */
  async rotate(): Promise<void> {
    await this.barrier();
    if (this.unsaved.length === 0) await this.closeFile();
  }

  /** Deletes the closed segments whose every record has at most this number. Throws what the disk throws. */
  async deleteUpTo(sequence: number): Promise<void> {
    const { files, folder } = this.options;
    for (const segment of [...this.segments]) {
      const isOpen = this.file !== null && segment === this.segments.at(-1);
      if (isOpen || segment.lastSequence > sequence) break;
      await files.reached('journal.beforeDelete');
      try {
        await files.remove(join(folder, segmentName(segment.number)));
      } catch (error) {
        // A segment that could never be created has no file.
        if (!hasCode(error, 'ENOENT')) throw error;
      }
      this.segments.splice(this.segments.indexOf(segment), 1);
      await files.reached('journal.afterDelete');
    }
  }

  /** Writes what it can and lets go of the file. Answers whether everything is on disk. */
  async close(): Promise<boolean> {
    await this.barrier();
    this.stopRetrying();
    if (this.unsaved.length > 0) await this.saveAgain();
    this.isClosed = true;
    this.stopRetrying();
    await this.closeFile();
    return this.unsaved.length === 0;
  }

  private async pump(): Promise<void> {
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      while (this.queue.length > 0) {
        // One turn later, so that what has come meanwhile shares the sync, and the transaction after it.
        await nextTurn();
        const group = this.queue.splice(0);
        const isUnsaved = this.unsaved.length > 0 || !(await this.write(group));
        if (isUnsaved) this.unsaved.push(...group);
        this.options.onSettled(group.map(({ item, lastSequence }) => ({ item, lastSequence, isUnsaved })));
        await this.options.files.reached('journal.applied');
      }
    } finally {
      this.isPumping = false;
    }
    for (const listener of this.idleListeners.splice(0)) listener();
  }

  /** Writes and syncs a group; on failure gives the segment up and plans another try. */
  private async write(group: readonly Entry<T>[]): Promise<boolean> {
    const { files } = this.options;
    try {
      const file = await this.openSegment();
      const bytes = group.length === 1 && group[0] ? group[0].bytes : Buffer.concat(group.map(e => e.bytes));
      const segment = this.segments.at(-1);
      const lastSequence = group.at(-1)?.lastSequence ?? 0;
      // Counted before it is written: a segment is never taken to hold less than it may.
      if (segment) segment.lastSequence = Math.max(segment.lastSequence, lastSequence);
      await file.append(bytes);
      await files.reached('journal.appended');
      await file.sync();
      await files.reached('journal.synced');
      this.fileBytes += bytes.byteLength;
      if (this.fileBytes >= SEGMENT_BYTES) await this.closeFile();
      return true;
    } catch (error) {
      await this.closeFile();
      this.planRetry(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  private async openSegment(): Promise<AppendFile> {
    if (this.file) return this.file;
    const { files, folder } = this.options;
    const number = (this.segments.at(-1)?.number ?? 0) + 1;
    // Noted first: after a failure the next try takes another number.
    this.segments.push({ number, lastSequence: 0 });
    const file = await files.create(join(folder, segmentName(number)));
    this.file = file;
    await file.append(SEGMENT_MAGIC);
    await file.sync();
    await files.syncFolder(folder);
    await files.reached('journal.segmentCreated');
    this.fileBytes = SEGMENT_MAGIC.byteLength;
    return file;
  }

  private async closeFile(): Promise<void> {
    const file = this.file;
    this.file = null;
    try {
      await file?.close();
    } catch (error) {
      // Everything acknowledged was synced before; a failing close loses nothing, and is told.
      this.options.onFailing(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private stopRetrying(): void {
    if (this.retryTimer) clearTimeout(this.retryTimer);
    this.retryTimer = null;
  }

  private planRetry(error: Error): void {
    this.options.onFailing(error);
    if (this.isClosed || this.retryTimer) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = null;
      void this.saveAgain();
    }, this.retryDelayMs);
    this.retryDelayMs = Math.min(this.retryDelayMs * 2, RETRY_LONGEST_MS);
  }

  private async saveAgain(): Promise<void> {
    await this.barrier();
    // While this is under way `pump` sees `unsaved` filled and adds to it instead of overtaking.
    while (this.unsaved.length > 0) {
      const part = this.unsaved.slice();
      if (!(await this.write(part))) return;
      this.unsaved.splice(0, part.length);
    }
    this.retryDelayMs = RETRY_FIRST_MS;
    this.options.onMended();
  }
}
