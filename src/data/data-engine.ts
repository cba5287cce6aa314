import { basename, join } from 'node:path';
import type { OpenReport, OpenRequest, RecordResult } from '../shared/data-service';
import { ServiceError, type StorageStatus } from '../shared/service';
import type { FileLayer } from './file-layer';
import { hasCode } from './file-layer';
import { Journal } from './journal';
import { Ledger } from './ledger';
import { exportEvents } from './queries/export';
import { queryEvents, type FeedQueryContext } from './queries/feed';
import { getEventDetails, getViewerDetails } from './queries/details';
import { getStatistics, getToday } from './queries/statistics';
import { Recorder, type Unsettled } from './recorder';
import { Retention } from './retention';
import { Sweeps } from './reconcile/sweeps';
import { SnapshotKeeper } from './snapshot-keeper';
import { loadSqlite, type Sqlite } from './sqlite-module';
import { NewerVersionError, openStorage } from './storage-opening';
import type { WorkerCalls, WorkerPushes } from './worker-protocol';

/** Milliseconds that one call of a search may take, so that recording goes on between two. */
const SEARCH_BUDGET_MS = 12;
/** The ids that the database has are read this long after it was opened, or with the first event. */
const IDS_AFTER_MS = 300;
/** The status is pushed at most this often while unsaved events pile up. */
const UNSAVED_PUSH_MS = 1_000;

export interface DataEngineOptions {
  files: FileLayer;
  loadWasm: () => Promise<Uint8Array>;
  pushes: WorkerPushes;
  now?: () => number;
  /** The worker has to end; another one will open everything again. */
  onFatal?: (error: unknown) => void;
}

interface OpenState {
  ledger: Ledger;
  journal: Journal<Unsettled>;
  keeper: SnapshotKeeper;
  recorder: Recorder;
  sweeps: Sweeps;
  retention: Retention;
  folder: string;
}

/** The data worker without its thread: everything that `DataService` promises, on one folder. */
export class DataEngine implements WorkerCalls {
  private sqlite: Promise<Sqlite> | null = null;
  private state: OpenState | null = null;
  private failing: { reason: string; since: string; toldAtMs: number } | null = null;
  private readonly cancelledSearches = new Set<string>();
  private readonly exports = new Map<string, { isCancelled: boolean }>();
  private readonly now: () => number;

  constructor(private readonly options: DataEngineOptions) {
    this.now = options.now ?? Date.now;
  }

  async open(request: OpenRequest): Promise<OpenReport> {
    if (this.state) throw new ServiceError('badRequest', 'A database is open already.');
    this.push({ kind: 'opening' });
    try {
      return await this.openFolder(request);
    } catch (error) {
      this.push({
        kind: 'failed',
        reason: describe(error),
        newerVersion: error instanceof NewerVersionError,
      });
      throw error instanceof ServiceError ? error : new ServiceError('storage', describe(error));
    }
  }

  recordLines(lines: Uint8Array, counts: number[], resentAfter: number | null): Promise<string> {
    const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
    return this.require().recorder.record(bytes, counts, resentAfter);
  }

  // The promises of these methods are the contract's; what they do is done at once.
  queryEvents(...[filter, cursor, limit, searchId]: Parameters<WorkerCalls['queryEvents']>) {
    return answer(() => {
      if (searchId !== null && this.cancelledSearches.delete(searchId)) {
        throw new ServiceError('cancelled', 'The search was cancelled.');
      }
      return queryEvents(this.queryContext(), filter, cursor, limit);
    });
  }

  cancelSearch(searchId: string): Promise<void> {
    // A search that never asks again would stay here for ever.
    if (this.cancelledSearches.size > 1000) this.cancelledSearches.clear();
    this.cancelledSearches.add(searchId);
    return Promise.resolve();
  }

  getEvent(id: number) {
    return answer(() => getEventDetails(this.require().ledger.books, id));
  }

  getViewer(id: string) {
    return answer(() => getViewerDetails(this.require().ledger.books, id));
  }

  getStatistics(...[range]: Parameters<WorkerCalls['getStatistics']>) {
    return answer(() => getStatistics(this.require().ledger.books, range, this.now()));
  }

  getToday() {
    return answer(() => getToday(this.require().ledger.books, this.now()));
  }

  async markRead(upTo: number): Promise<{ unread: number; readUpTo: number }> {
    const { recorder, ledger } = this.require();
    if (upTo > ledger.books.events.readUpTo) await recorder.commit({ kind: 'read', upTo });
    return { unread: ledger.books.events.unreadCount, readUpTo: ledger.books.events.readUpTo };
  }

  setRetention(days: number): Promise<void> {
    return this.require().retention.set(days);
  }

  async exportEvents(...[id, format, filter, path]: Parameters<WorkerCalls['exportEvents']>) {
    const { ledger } = this.require();
    const run = { isCancelled: false };
    this.exports.set(id, run);
    try {
      return await exportEvents({
        files: this.options.files,
        context: this.queryContext(),
        format,
        filter,
        path,
        total: ledger.books.tallies.now('', 'events'),
        isCancelled: () => run.isCancelled,
        report: (done, total) => this.options.pushes.exportProgress(id, done, total),
      });
    } catch (error) {
      throw error instanceof ServiceError ? error : new ServiceError('storage', describe(error));
    } finally {
      this.exports.delete(id);
    }
  }

  cancelExport(id: string): Promise<void> {
    const run = this.exports.get(id);
    if (run) run.isCancelled = true;
    return Promise.resolve();
  }

  async snapshot(): Promise<void> {
    try {
      await this.require().keeper.writeNow();
    } catch (error) {
      throw error instanceof ServiceError ? error : new ServiceError('storage', describe(error));
    }
  }

  async close(): Promise<void> {
    const { state } = this;
    if (!state) return;
    this.state = null;
    for (const run of this.exports.values()) run.isCancelled = true;
    state.retention.stop();
    await state.journal.barrier();
    await state.keeper.stop();
    try {
      await state.keeper.writeNow();
    } catch (error) {
      // The journal has everything; the next start makes the snapshot.
      this.options.pushes.notice(`The snapshot at shutdown failed: ${describe(error)}`);
    }
    const isSaved = await state.journal.close();
    if (!isSaved) this.options.pushes.notice('Some events could not be written to disk before closing.');
    state.ledger.database.close();
  }

  getSweepMarks(...[channelId, kind]: Parameters<WorkerCalls['getSweepMarks']>) {
    return answer(() => this.require().sweeps.getMarks(channelId, kind));
  }

  beginSweep(...[start]: Parameters<WorkerCalls['beginSweep']>) {
    return answer(() => this.require().sweeps.begin(start));
  }

  addSweepPage(...[sweepId, page]: Parameters<WorkerCalls['addSweepPage']>) {
    return this.require().sweeps.addPage(sweepId, page);
  }

  finishSweep(...[sweepId, outcome]: Parameters<WorkerCalls['finishSweep']>) {
    return this.require().sweeps.finish(sweepId, outcome);
  }

  confirmRemovals(...[sweepId, goneIds]: Parameters<WorkerCalls['confirmRemovals']>) {
    return this.require().sweeps.confirmRemovals(sweepId, goneIds);
  }

  abandonSweep(sweepId: number): Promise<void> {
    return answer(() => this.require().sweeps.abandon(sweepId));
  }

  private require(): OpenState {
    if (!this.state) throw new ServiceError('storage', 'The database is not open.');
    return this.state;
  }

  private queryContext(): FeedQueryContext {
    const { database, viewers } = this.require().ledger.books;
    return { database, viewers, budgetMs: SEARCH_BUDGET_MS };
  }

  private async openFolder(request: OpenRequest): Promise<OpenReport> {
    const { files, pushes } = this.options;
    this.sqlite ??= this.options.loadWasm().then(loadSqlite);
    const sqlite = await this.sqlite;
    const stamp = new Date(this.now()).toISOString().replace(/[:.]/g, '-');
    const opened = await openStorage(files, request.folder, sqlite, stamp);
    const ledger = new Ledger(opened.database, this.now);
    const notices = [...opened.notices, ...ledger.replay(opened.journal.records)];
    const journal = new Journal<Unsettled>({
      files,
      folder: join(request.folder, 'journal'),
      segments: opened.journal.segments,
      lastSequence: Math.max(opened.sequence, opened.journal.lastSequence),
      onSettled: group => recorder.settle(group),
      onFailing: error => this.beginFailing(error),
      onMended: () => this.endFailing(),
    });
    const keeper = new SnapshotKeeper({
      files,
      folder: request.folder,
      ledger,
      journal,
      snapshotSequence: opened.snapshotSequence,
      previousSequence: opened.previousSequence,
      onWritten: () => this.pushOk(),
      onFailing: error => pushes.notice(`The snapshot could not be written: ${describe(error)}`),
    });
    const recorder = new Recorder({
      ledger,
      journal,
      onRecorded: () => {
        keeper.noteChange();
        this.noteUnsaved();
      },
      pushRecorded: (result: RecordResult) => pushes.recordedText(JSON.stringify(result)),
      notice: message => pushes.notice(message),
      onFatal: error => this.options.onFatal?.(error),
    });
    const retention = new Retention({ ledger, recorder, now: this.now });
    const sweeps = new Sweeps({
      books: ledger.books,
      now: this.now,
      commit: record => recorder.commit(record),
    });
    this.state = { ledger, journal, keeper, recorder, sweeps, retention, folder: request.folder };
    const replayed = opened.journal.records.length;
    // After a replay the file is behind: it is brought up before anyone looks at it.
    if (replayed > 0 || opened.needsSnapshot) keeper.writeSoon();
    // The first page does not need them; the first event should not have to wait for them.
    setTimeout(() => {
      if (this.state?.ledger === ledger) ledger.ids.load();
    }, IDS_AFTER_MS).unref();
    this.pushOk();
    await retention.set(request.retentionDays);
    return {
      notices,
      usedPrevious: opened.usedPrevious,
      setAsidePath: opened.setAsidePath,
      replayed,
      unread: ledger.books.events.unreadCount,
      readUpTo: ledger.books.events.readUpTo,
      setAside: ledger.setAsideCount,
    };
  }

  private beginFailing(error: Error): void {
    if (this.failing) return;
    this.failing = {
      reason: describe(error),
      since: new Date(this.now()).toISOString(),
      toldAtMs: -Infinity,
    };
    // The records that failed are counted a moment later.
    setImmediate(() => this.noteUnsaved());
  }

  private noteUnsaved(): void {
    const { failing, state } = this;
    if (!failing || !state) return;
    const nowMs = performance.now();
    if (nowMs - failing.toldAtMs < UNSAVED_PUSH_MS) return;
    failing.toldAtMs = nowMs;
    const { reason, since } = failing;
    this.push({ kind: 'notSaving', reason, since, unsaved: state.journal.unsavedCount });
  }

  private endFailing(): void {
    this.failing = null;
    this.pushOk();
    this.state?.keeper.noteChange();
  }

  private pushOk(): void {
    const { state } = this;
    if (!state || this.failing) return;
    const { ledger } = state;
    this.push({
      kind: 'ok',
      sizeBytes: ledger.database.sizeBytes(),
      eventCount: ledger.books.tallies.now('', 'events'),
    });
  }

  private push(status: StorageStatus): void {
    this.options.pushes.storageChanged(status);
  }
}

function answer<T>(work: () => T): Promise<T> {
  return new Promise(resolve => resolve(work()));
}

/** A disk's refusal in words that a person can act on; of a path only the file, for it may be seen on stream. */
function describe(error: unknown): string {
  const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const paths = [path, dest].filter(each => each !== undefined);
  const message = paths.reduce(
    (text, each) => text.replaceAll(each, basename(each)),
    error instanceof Error ? error.message : String(error),
  );
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return `The disk is full (${message}).`;
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return `The folder cannot be written to (${message}).`;
  if (hasCode(error, 'EBUSY', 'ETXTBSY')) return `Another program holds the file (${message}).`;
  return message;
}
