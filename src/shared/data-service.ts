import type {
  EventCursor,
  EventDetails,
  EventFilter,
  EventPage,
  FeedEvent,
  Statistics,
  StatisticsRange,
  ViewerDetails,
} from './events';
import type { ServiceErrorData, StorageStatus } from './service';

/** One EventSub notification on its way into the database. */
export interface NotificationInput {
  /** `metadata.message_id`. */
  messageId: string;
  /** `metadata.message_timestamp`, as sent. */
  messageTimestamp: string;
  type: string;
  version: string;
  /** `payload.subscription.id`: tells copies of one event apart from equal events. */
  subscriptionId: string;
  /** `payload.event` as JSON text. */
  eventJson: string;
  /** Milliseconds since 1970 by this machine's clock. */
  receivedAtMs: number;
  /** Whether it came more than ten minutes after it was sent, by the server's own clock. */
  isLate: boolean;
}

/** What became of a batch. It is on disk when this arrives, unless `isUnsaved`. */
export interface RecordResult {
  /** Newly recorded, oldest first. */
  events: FeedEvent[];
  gifts: { id: number; giftEventId: number }[];
  /** Dropped as copies. */
  copies: number;
  late: number;
  /** Set aside in this batch because a record could not be understood. */
  setAside: number;
  unread: number;
  isUnsaved: boolean;
}

export const SWEEP_KINDS = ['followers', 'moderators', 'vips', 'subscriptions'] as const;
export type SweepKind = (typeof SWEEP_KINDS)[number];

/** One row of a Helix list, in the names that the database uses. */
export interface SweepRow {
  userId: string;
  userLogin: string;
  userName: string;
  /** Followers only: whole seconds. */
  followedAt?: string;
  /** Subscriptions only. */
  tier?: string;
  isGift?: boolean;
  /** Null where nobody gave it, or the giver is anonymous. */
  gifter?: { userId: string; userLogin: string; userName: string } | null;
}

/** What the database remembers of one list of one channel between polls; kept across restarts. */
export interface SweepMarks {
  kind: SweepKind;
  /** Whether the first whole sweep has been recorded as the baseline. */
  hasBaseline: boolean;
  /** Where a baseline that was cut off goes on; null: from the beginning. */
  baselineCursor: string | null;
  /** Rows of an unfinished baseline that are already recorded. */
  baselineDone: number;
  /** When the last poll of this list that completed began (ISO). */
  lastCompletedStartAt: string | null;
  lastWholeSweepAt: string | null;
  /** How many are current in the database. */
  knownCount: number;
  /** `total` minus the rows really listed, as learned at the last whole sweep. */
  totalOffset: number;
}

export interface SweepStart {
  kind: SweepKind;
  channelId: string;
  /** `recent` reads only the newest followers and can never find a removal. */
  mode: 'whole' | 'recent';
  /** ISO instant. */
  startedAt: string;
}

/** Ids that the database holds as current and a whole list did not name. */
export interface SweepSuspects {
  /** To be confirmed one by one; empty where `needsSecondSweep`. */
  suspects: string[];
  /** More than can be asked for singly (followers, above 100): a second whole sweep has to agree first. */
  needsSecondSweep: boolean;
  /** True when the list was implausible as a whole (e.g. empty though many are known): nobody is removed. */
  isImplausible: boolean;
}

/**
 * The reconciling half of the data worker. The poller fetches, the worker compares and records. Each page is
 * journalled like a notification; what it finds is pushed through `recorded`.
 */
export interface SweepRecorder {
  getSweepMarks(channelId: string, kind: SweepKind): Promise<SweepMarks>;
  /** Begins a sweep, or goes on with a baseline that was cut off. Answers the sweep's id. */
  beginSweep(
    start: SweepStart,
  ): Promise<{ sweepId: number; isBaseline: boolean; resumeCursor: string | null }>;
  /** Records one page; `cursor` leads to the next (null: last page), `total` as Helix gave it, if it did. */
  addSweepPage(
    sweepId: number,
    page: { rows: SweepRow[]; cursor: string | null; total: number | null },
  ): Promise<{ recovered: number }>;
  /** Ends a sweep that completed: `isWhole` only if every page was read and the totals agree. */
  finishSweep(sweepId: number, outcome: { isWhole: boolean; total: number | null }): Promise<SweepSuspects>;
  /** Records the removal of those suspects that Helix confirmed as gone; forgets the rest. */
  confirmRemovals(sweepId: number, goneIds: string[]): Promise<{ removed: number }>;
  /** Drops a sweep that failed or was cancelled. A baseline keeps its cursor. */
  abandonSweep(sweepId: number): Promise<void>;
}

export interface OpenRequest {
  /** The folder that holds `eventsub.sqlite`, `.previous` and `journal/`; made if missing. */
  folder: string;
  retentionDays: number;
}

export interface OpenReport {
  /** Damage and repairs to tell the person of, in plain English sentences. */
  notices: string[];
  /** Whether `.previous` had to stand in for the snapshot. */
  usedPrevious: boolean;
  /** Where a file that is not SQLite was put aside, if one was. */
  setAsidePath: string | null;
  replayed: number;
  unread: number;
  readUpTo: number;
  /** Records set aside so far, as `ServiceStatus.setAside` counts them. */
  setAside?: number;
}

/** The data worker's calls. Rejections are `ServiceErrorData` with kind `storage`, `badRequest` or `cancelled`. */
export interface DataService extends SweepRecorder {
  open(request: OpenRequest): Promise<OpenReport>;
  record(batch: NotificationInput[]): Promise<RecordResult>;
  queryEvents(
    filter: EventFilter,
    cursor: EventCursor | null,
    limit: number,
    searchId: string | null,
  ): Promise<EventPage>;
  cancelSearch(searchId: string): Promise<void>;
  getEvent(id: number): Promise<EventDetails | null>;
  getViewer(id: string): Promise<ViewerDetails | null>;
  getStatistics(range: StatisticsRange): Promise<Statistics>;
  /** Recorded since local midnight, by type. */
  getToday(): Promise<Partial<Record<string, number>>>;
  markRead(upTo: number): Promise<{ unread: number; readUpTo: number }>;
  setRetention(days: number): Promise<void>;
  /** Writes to `path` through a temporary file beside it; `id` is for `cancelExport` and progress. */
  exportEvents(
    id: string,
    format: 'csv' | 'jsonl',
    filter: EventFilter,
    path: string,
  ): Promise<{ count: number }>;
  cancelExport(id: string): Promise<void>;
  /** Writes a snapshot now, so that any SQLite tool sees everything. */
  snapshot(): Promise<void>;
  /** Snapshot, then everything closed. */
  close(): Promise<void>;
}

/** What the data worker tells without being asked. */
export interface DataPushes {
  /** Found by a sweep: same shape as the answer to `record`. */
  recorded(result: RecordResult): void;
  storageChanged(status: StorageStatus): void;
  exportProgress(id: string, done: number, total: number): void;
  /** Something was lost or repaired while running. */
  notice(message: string): void;
  failed(error: ServiceErrorData): void;
}
