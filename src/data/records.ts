import { SWEEP_KINDS, type SweepKind, type SweepRow } from '../shared/data-service';
import { HEAD_END } from './worker-protocol';

/** A notification as the journal has it. */
export interface NotificationRecord {
  kind: 'notification';
  messageId: string;
  messageTimestamp: string;
  type: string;
  version: string;
  subscriptionId: string;
  receivedAtMs: number;
  isLate: boolean;
  eventJson: string;
  /** The same, read; undefined where it is not JSON. */
  event: unknown;
}

/** What the records of one sweep have in common. */
export interface SweepIdentity {
  list: SweepKind;
  channelId: string;
  mode: 'whole' | 'recent';
  isBaseline: boolean;
  /** When the sweep began (ISO). */
  startedAt: string;
}

/** Everything that changes the database is one of these, so that the journal alone can build it again. */
export type LedgerRecord =
  | NotificationRecord
  | { kind: 'sweepPage'; sweep: SweepIdentity; atMs: number; cursor: string | null; rows: SweepRow[] }
  /** `listed`: how many rows the sweep saw; `removed` are gone without being asked for (two sweeps agreed). */
  | {
      kind: 'sweepEnd';
      sweep: SweepIdentity;
      atMs: number;
      isWhole: boolean;
      total: number | null;
      listed: number;
      suspects: string[];
      removed: string[];
    }
  | { kind: 'removals'; sweep: SweepIdentity; atMs: number; viewerIds: string[] }
  | { kind: 'read'; upTo: number }
  /** Deletes from `events` what occurred before this instant (ISO). */
  | { kind: 'prune'; before: string };

/** How a notification's line begins, and how many fields its head has: see `encodeNotification`. */
const NOTIFICATION = '["n",';
const HEAD_FIELDS = 8;

/** Writes any record but a notification as a journal line. */
export function encodeRecord(record: Exclude<LedgerRecord, NotificationRecord>): string {
  const { kind, ...rest } = record;
  return `[${JSON.stringify(kind)}]${HEAD_END}${JSON.stringify(rest)}`;
}

/** Reads a journal line. Throws an `Error` that says what is wrong with it. */
export function decodeRecord(line: string): LedgerRecord {
  const split = line.indexOf(HEAD_END);
  if (split < 0) throw new Error('The record has no head.');
  const body = line.slice(split + 1);
  if (line.startsWith(NOTIFICATION)) return readNotification(line.slice(0, split), body);
  const head: unknown = JSON.parse(line.slice(0, split));
  if (!Array.isArray(head)) throw new Error("The record's head is not a list.");
  return readOther(String(head[0]), JSON.parse(body) as Record<string, unknown>);
}

function readNotification(headJson: string, eventJson: string): NotificationRecord {
  const head = readTogether(headJson, eventJson) ?? (JSON.parse(headJson) as unknown[]);
  const [, messageId, messageTimestamp, type, version, subscriptionId, receivedAtMs, isLate, event] = head;
  if (
    typeof messageId !== 'string' ||
    typeof messageTimestamp !== 'string' ||
    typeof type !== 'string' ||
    typeof version !== 'string' ||
    typeof subscriptionId !== 'string' ||
    typeof receivedAtMs !== 'number'
  ) {
    throw new Error("The notification's head is incomplete.");
  }
  return {
    kind: 'notification',
    messageId,
    messageTimestamp,
    type,
    version,
    subscriptionId,
    receivedAtMs,
    isLate: isLate === 1,
    eventJson,
    event,
  };
}

/** The head with the event as one more field, which takes less time than both by themselves; null if that is not JSON. */
function readTogether(headJson: string, eventJson: string): unknown[] | null {
  try {
    const fields = JSON.parse(`${headJson.slice(0, -1)},${eventJson}]`) as unknown[];
    return fields.length === HEAD_FIELDS + 1 ? fields : null;
  } catch {
    return null;
  }
}

function readOther(kind: string, body: Record<string, unknown>): LedgerRecord {
  switch (kind) {
    case 'sweepPage':
    case 'sweepEnd':
    case 'removals':
      // Our own writing, guarded by its checksum; only the list's name decides which code runs.
      if (!SWEEP_KINDS.includes((body['sweep'] as SweepIdentity).list)) throw new Error('Unknown list.');
      return { kind, ...body } as LedgerRecord;
    case 'read':
    case 'prune':
      return { kind, ...body } as LedgerRecord;
    default:
      throw new Error(`A record of unknown kind "${kind}".`);
  }
}
