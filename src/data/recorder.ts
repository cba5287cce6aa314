import { isAscii } from 'node:buffer';
import type { RecordResult } from '../shared/data-service';
import type { FeedEvent } from '../shared/events';
import type { Journal, Settled } from './journal';
import { readRecord, type Applied, type Ledger, type Readable } from './ledger';
import { feedEventsAfter } from './queries/feed-events';
import { encodeRecord, type LedgerRecord, type NotificationRecord } from './records';
import { LINE_FEED } from './worker-protocol';

/** So many records are read at once: queries get their turn between two. */
const SLICE = 1_000;
/**
 * What one sync has brought is applied together, up to about so many records. Names lie at random places of their
 * index, so that a small transaction writes nearly a page for each.
 */
const TRANSACTION = 2_000;

export interface RecorderOptions {
  ledger: Ledger;
  journal: Journal<Unsettled>;
  /** After every transaction. */
  onRecorded: () => void;
  pushRecorded: (result: RecordResult) => void;
  notice: (message: string) => void;
  /** The database cannot be used any more in this worker. */
  onFatal: (error: unknown) => void;
}

interface Slice {
  accepted: Readable[];
  /** Which of the calls each accepted record came from. */
  calls: number[];
  skip: Set<number>;
  newKeys: number;
}

/** What waits for the journal: notifications with the answers that they get, or anything else. */
export type Unsettled = SliceItem | OtherItem;

interface SliceItem extends Waiting<void> {
  slice: Slice;
  shares: RecordResult[];
}

interface OtherItem extends Waiting<RecordResult> {
  other: Readable;
}

interface Waiting<T> {
  resolve: (result: T) => void;
  reject: (error: unknown) => void;
}

/** Journal, then transaction, then answer: the one way in which anything gets into the database. */
export class Recorder {
  /** The database took no more: what comes after that is asked again of the next worker. */
  private isBroken = false;
  /** Ids of copies that no transaction has written yet. */
  private keysOwed = 0;

  constructor(private readonly options: RecorderOptions) {}

  /** Records notifications; answers the JSON of a `RecordShare` for each call. See `WorkerCalls.recordLines`. */
  async record(bytes: Buffer, counts: number[], resentAfter: number | null): Promise<string> {
    const shares = counts.map(() => emptyResult());
    const lines = bytes.byteLength === 0 ? [] : toText(bytes).split('\n');
    const known = resentAfter === null ? null : new KnownEvents(this.options.ledger, resentAfter);
    const callOf = callsByLine(counts);
    const pending: Promise<void>[] = [];
    let start = 0;
    for (let from = 0; from < lines.length; from += SLICE) {
      const part = lines.slice(from, from + SLICE);
      const end = endOfLines(bytes, start, part.length);
      const partBytes = bytes.subarray(start, end);
      start = end + 1;
      const slice = this.accept(part, index => callOf[from + index] ?? 0, shares, known);
      if (slice.accepted.length === 0) continue;
      const skip = slice.skip.size > 0 ? slice.skip : null;
      pending.push(
        new Promise((resolve, reject) => {
          this.options.journal.append(partBytes, skip, { slice, shares, resolve, reject });
        }),
      );
    }
    await Promise.all(pending);
    for (const share of shares) share.unread = this.options.ledger.books.events.unreadCount;
    return JSON.stringify(shares);
  }

  /** Records anything else, pushes the events it makes, and answers how many those are. */
  async commit(record: Exclude<LedgerRecord, NotificationRecord>): Promise<number> {
    const { journal, pushRecorded } = this.options;
    const text = encodeRecord(record);
    const result = await new Promise<RecordResult>((resolve, reject) => {
      journal.append(Buffer.from(text), null, { other: { text, record }, resolve, reject });
    });
    const isTold = result.events.length > 0 || result.gifts.length > 0 || result.setAside > 0;
    if (isTold) pushRecorded(result);
    return result.events.length;
  }

  /** Leaves out copies, and counts them; what stays is in the order of its coming. */
  private accept(
    lines: readonly string[],
    callOf: (index: number) => number,
    shares: RecordResult[],
    known: KnownEvents | null,
  ): Slice {
    const { ids, copies } = this.options.ledger;
    const slice: Slice = { accepted: [], calls: [], skip: new Set(), newKeys: this.keysOwed };
    this.keysOwed = 0;
    for (const [index, line] of lines.entries()) {
      const readable = readRecord(line);
      const call = callOf(index);
      const share = shares[call];
      if ('record' in readable && readable.record.kind === 'notification' && share) {
        const { record } = readable;
        if (!ids.add(record.messageId)) {
          const event = known?.find(record.messageId);
          if (event) share.events.push(event);
          else share.copies++;
          slice.skip.add(index);
          continue;
        }
        slice.newKeys++;
        if (copies.isCopy(record)) {
          share.copies++;
          slice.skip.add(index);
          continue;
        }
        if (record.isLate) share.late++;
      }
      slice.accepted.push(readable);
      slice.calls.push(call);
    }
    if (slice.accepted.length === 0) this.keysOwed = slice.newKeys;
    return slice;
  }

  /** Applies what one sync has brought, and answers it. */
  settle(group: readonly Settled<Unsettled>[]): void {
    let together: Settled<SliceItem>[] = [];
    let count = 0;
    const applyTogether = (): void => {
      if (together.length > 0) this.applySlices(together);
      together = [];
      count = 0;
    };
    for (const { item, ...settled } of group) {
      if ('slice' in item) {
        together.push({ item, ...settled });
        count += item.slice.accepted.length;
        if (count >= TRANSACTION) applyTogether();
      } else {
        applyTogether();
        this.applyOther(item, settled.lastSequence, settled.isUnsaved);
      }
    }
    applyTogether();
  }

  /** Several slices in one transaction. */
  private applySlices(group: readonly Settled<SliceItem>[]): void {
    if (this.isBroken) return;
    const slices = group.map(({ item }) => item.slice);
    try {
      const applied = this.apply(
        slices.flatMap(slice => slice.accepted),
        group.at(-1)?.lastSequence ?? 0,
        slices.reduce((sum, slice) => sum + slice.newKeys, 0),
      );
      share(applied, group);
    } catch (error) {
      for (const { item } of group) item.reject(error);
      return;
    }
    for (const { item } of group) item.resolve();
  }

  private applyOther({ other, resolve, reject }: OtherItem, lastSequence: number, isUnsaved: boolean): void {
    if (this.isBroken) return;
    try {
      const applied = this.apply([other], lastSequence, 0);
      resolve(toResult(applied, this.options.ledger.books.events.unreadCount, isUnsaved));
    } catch (error) {
      reject(error);
    }
  }

  private apply(records: readonly Readable[], lastSequence: number, newKeys: number): Applied {
    let applied: Applied;
    try {
      applied = this.options.ledger.apply(records, lastSequence, newKeys);
    } catch (error) {
      // The journal has them and the database cannot take them: only a new start brings the two together.
      this.isBroken = true;
      this.options.onFatal(error);
      throw error;
    }
    for (const message of applied.notices) this.options.notice(message);
    this.options.onRecorded();
    return applied;
  }
}

/** Events that a worker which died has recorded and not acknowledged: they are answered, not dropped. */
class KnownEvents {
  private events: Map<string, FeedEvent> | null = null;

  constructor(
    private readonly ledger: Ledger,
    private readonly after: number,
  ) {}

  find(messageId: string): FeedEvent | undefined {
    this.events ??= feedEventsAfter(this.ledger.database, this.after);
    const event = this.events.get(messageId);
    this.events.delete(messageId);
    return event;
  }
}

/** Puts what was applied into the answers of those who sent it. */
function share(applied: Applied, group: readonly Settled<SliceItem>[]): void {
  let index = 0;
  let at = 0;
  for (const { item, isUnsaved } of group) {
    for (const call of item.slice.calls) {
      const end = applied.ends[index] ?? at;
      const answer = item.shares[call];
      if (!answer) throw new Error('A record came from no call.');
      answer.isUnsaved ||= isUnsaved;
      if (applied.setAside.has(index)) answer.setAside++;
      else if (at === end) answer.copies++;
      for (; at < end; at++) {
        const event = applied.events[at];
        if (event) answer.events.push(event);
      }
      index++;
    }
  }
  const [first] = group;
  first?.item.shares[first.item.slice.calls[0] ?? 0]?.gifts.push(...applied.gifts);
}

function emptyResult(): RecordResult {
  return { events: [], gifts: [], copies: 0, late: 0, setAside: 0, unread: 0, isUnsaved: false };
}

function toResult(applied: Applied, unread: number, isUnsaved: boolean): RecordResult {
  return {
    events: applied.events,
    gifts: applied.gifts,
    copies: 0,
    late: 0,
    setAside: applied.setAside.size,
    unread,
    isUnsaved,
  };
}

/** Where so many lines from `start` on end, without the last one's line feed. */
function endOfLines(bytes: Buffer, start: number, count: number): number {
  let end = start - 1;
  for (let line = 0; line < count; line++) end = bytes.indexOf(LINE_FEED, end + 1);
  return end < 0 ? bytes.byteLength : end;
}

/** Reading UTF-8 takes longer where all of it is ASCII. */
function toText(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}

function callsByLine(counts: readonly number[]): number[] {
  return counts.flatMap((count, call) => new Array<number>(count).fill(call));
}
