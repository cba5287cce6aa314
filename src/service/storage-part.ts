import { join } from 'node:path';
import { createDataClient, type DataClient } from '../data/data-client';
import type { DataPushes, DataService, RecordResult } from '../shared/data-service';
import { toServiceError } from '../shared/rpc';
import type { Logger } from '../shared/service';
import { createEventRecorder, type EventRecorder, type Told } from './event-recorder';
import type { NoticeList } from './problem-list';
import type { StatusBoard } from './status-board';

/** What the rest of the service may ask of the database. */
export type Database = Omit<DataService, 'open' | 'record' | 'close' | 'snapshot'>;

export interface StorageOptions {
  /** The chosen server's own folder. */
  folder: string;
  /** Where `data-worker.js` lies. */
  bundleFolder: string;
  retentionDays: number;
  board: StatusBoard;
  notices: NoticeList;
  logger: Logger;
  onRecorded: (batch: Told) => void;
  onExportProgress: (id: string, done: number, total: number) => void;
}

/** The database of one server, with what the status tells of it. */
export interface StoragePart {
  /** Its calls wait until the database is open, or could not be opened. */
  readonly data: Database;
  readonly recorder: EventRecorder;
  /** The newest event that the person has marked as read. */
  readUpTo(): number;
  markRead(upTo: number): Promise<void>;
  setRetention(days: number): Promise<void>;
  /** Writes everything and ends the worker; `isAbandoned`: another window has the files now, nothing is written. */
  close(isAbandoned: boolean): Promise<void>;
}

const REOPEN_MS = 15_000;
const NOTICE_PREFIX = 'storage.notice.';

/** Opens the database of one server; what is recorded meanwhile waits in memory. */
export function openStorage(options: StorageOptions): StoragePart {
  const { folder, board, notices, logger } = options;
  let retentionDays = options.retentionDays;
  let readUpTo = 0;
  let noticeCount = 0;
  let isClosed = false;
  let reopening: NodeJS.Timeout | null = null;
  let midnight: NodeJS.Timeout | null = null;

  const tellNotice = (message: string): void => {
    logger.warn(message);
    noticeCount += 1;
    const id = `${NOTICE_PREFIX}${noticeCount}`;
    notices.set({ id, severity: 'warning', message: '{0}', args: [message], action: 'revealDatabase' });
  };

  const onResult = (result: RecordResult): void => {
    const { counters, setAside, today } = board.parts;
    const added = { ...today };
    for (const { type } of result.events) added[type] = (added[type] ?? 0) + 1;
    board.set({
      counters: {
        ...counters,
        copies: counters.copies + result.copies,
        late: counters.late + result.late,
      },
      setAside: setAside + result.setAside,
      unread: result.unread,
      today: added,
    });
  };

  const pushes: DataPushes = {
    recorded: result => recorder.tell(result),
    storageChanged: storage => {
      if (!isClosed) board.set({ storage });
    },
    exportProgress: options.onExportProgress,
    notice: tellNotice,
    failed: error => logger.error('The database failed.', error.message),
  };
  const client = createDataClient({
    workerPath: join(options.bundleFolder, 'data-worker.js'),
    logger,
    pushes,
  });
  const recorder = createEventRecorder({
    record: batch => client.record(batch),
    onRecorded: options.onRecorded,
    onResult,
    logger,
  });

  const readToday = async (): Promise<void> => {
    if (isClosed) return;
    const now = new Date();
    const next = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 0, 0, 1);
    if (midnight) clearTimeout(midnight);
    midnight = setTimeout(() => void readToday(), next.getTime() - now.getTime());
    midnight.unref();
    try {
      board.set({ today: await client.getToday() });
    } catch (error: unknown) {
      logger.debug("Today's counts cannot be read.", toServiceError(error).message);
    }
  };

  const open = async (): Promise<void> => {
    try {
      const report = await client.open({ folder, retentionDays });
      for (const notice of report.notices) tellNotice(notice);
      readUpTo = report.readUpTo;
      board.set({ unread: report.unread });
      await readToday();
    } catch (error: unknown) {
      if (isClosed) return;
      const { message } = toServiceError(error);
      logger.error('The database cannot be opened.', message);
      const known = board.parts.storage;
      const newerVersion = known.kind === 'failed' && known.newerVersion;
      board.set({ storage: { kind: 'failed', reason: message, newerVersion } });
      // What only a newer version of the extension can read does not mend itself.
      if (!newerVersion) reopening = setTimeout(() => void open(), REOPEN_MS);
      reopening?.unref();
    }
  };

  const opened = open();
  const data = waitForOpening(client, opened);

  return {
    data,
    recorder,
    readUpTo: () => readUpTo,
    markRead: async upTo => {
      const marked = await data.markRead(upTo);
      readUpTo = marked.readUpTo;
      board.set({ unread: marked.unread });
    },
    setRetention: async days => {
      if (days === retentionDays) return;
      retentionDays = days;
      await data.setRetention(days);
    },
    close: async isAbandoned => {
      if (reopening) clearTimeout(reopening);
      if (midnight) clearTimeout(midnight);
      const canSave = !isAbandoned && board.parts.storage.kind !== 'failed';
      isClosed = true;
      if (canSave) await recorder.settled();
      try {
        if (canSave) await client.close();
      } catch (error: unknown) {
        logger.error(
          'The database could not be closed in order; its journal has everything.',
          toServiceError(error).message,
        );
      }
      await client.dispose();
      notices.clearAll(NOTICE_PREFIX);
    },
  };
}

/** The worker refuses what comes before it is open; here it waits instead. */
function waitForOpening(client: DataClient, opened: Promise<void>): Database {
  const after =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await opened;
      return await call(...args);
    };
  return {
    queryEvents: after(client.queryEvents.bind(client)),
    cancelSearch: after(client.cancelSearch.bind(client)),
    getEvent: after(client.getEvent.bind(client)),
    getViewer: after(client.getViewer.bind(client)),
    getStatistics: after(client.getStatistics.bind(client)),
    getToday: after(client.getToday.bind(client)),
    markRead: after(client.markRead.bind(client)),
    setRetention: after(client.setRetention.bind(client)),
    exportEvents: after(client.exportEvents.bind(client)),
    cancelExport: after(client.cancelExport.bind(client)),
    getSweepMarks: after(client.getSweepMarks.bind(client)),
    beginSweep: after(client.beginSweep.bind(client)),
    addSweepPage: after(client.addSweepPage.bind(client)),
    finishSweep: after(client.finishSweep.bind(client)),
    confirmRemovals: after(client.confirmRemovals.bind(client)),
    abandonSweep: after(client.abandonSweep.bind(client)),
  };
}
