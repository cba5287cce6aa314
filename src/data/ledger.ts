import type { FeedEvent } from '../shared/events';
import { flushBooks, forgetBooks, createBooks, type Books } from './books';
import { ArrivalRuns, CopyFinder } from './copies';
import { SqliteError, type Database } from './database';
import { routeNotification } from './event-router';
import { formatInstant } from './instants';
import { MessageIds } from './message-ids';
import { applyPrune } from './prune';
import { applyRemovals, applySweepEnd, applySweepPage } from './reconcile/apply-sweep';
import { decodeRecord, type LedgerRecord } from './records';

/** SQLite's result codes that a record's own values can cause: too big, constraint, mismatch. */
const CODES_OF_BAD_RECORDS: readonly number[] = [18, 19, 20];

/** A journal record, read; `error` instead of a record where it makes no sense. */
export type Readable = { text: string; record: LedgerRecord } | { text: string; error: Error };

/** What applying a group of records did. */
export interface Applied {
  /** All events that they made, in order. */
  events: FeedEvent[];
  /** For each record how many events there were up to and with its own. */
  ends: number[];
  gifts: { id: number; giftEventId: number }[];
  /** Which of the records were set aside. */
  setAside: ReadonlySet<number>;
  notices: string[];
}

export function readRecord(text: string): Readable {
  try {
    return { text, record: decodeRecord(text) };
  } catch (error) {
    return { text, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Applies journal records to the database, a group in one transaction, and knows every message id. */
export class Ledger {
  readonly books: Books;
  readonly ids: MessageIds;
  readonly copies = new CopyFinder();
  private readonly runs = new ArrivalRuns();
  private setAsideTotal: number;
  private sequence: number;

  constructor(
    readonly database: Database,
    private readonly now: () => number,
  ) {
    this.books = createBooks(database);
    this.ids = new MessageIds(database);
    this.copies.load(database);
    this.setAsideTotal = database.integer('SELECT count(*) FROM set_aside');
    this.sequence = database.integer('SELECT sequence FROM applied');
  }

  /** The last sequence that the database contains. */
  get appliedSequence(): number {
    return this.sequence;
  }

  get setAsideCount(): number {
    return this.setAsideTotal;
  }

  /**
   * Applies records of which the last has this number. `newKeys`: how many ids were added since the last call.
   * A record that fails is set aside with its error; the others are applied all the same.
   */
  apply(records: readonly Readable[], lastSequence: number, newKeys: number): Applied {
    const mark = this.ids.mark();
    try {
      return this.database.transaction(() => this.applyAll(records, lastSequence, newKeys));
    } catch (error) {
      this.forget(mark);
      if (!isBadRecord(error)) throw error;
    }
    // One of them is bad: again, each by itself.
    try {
      return this.database.transaction(() => this.applyEach(records, lastSequence, newKeys));
    } catch (error) {
      this.forget(mark);
      throw error;
    }
  }

  /** Applies what the journal has beyond the database, in groups. Answers what has to be told. */
  replay(records: readonly { sequence: number; text: string }[]): string[] {
    const notices: string[] = [];
    for (let from = 0; from < records.length; from += 1000) {
      const part = records.slice(from, from + 1000);
      const readable = part.map(({ text }) => readRecord(text));
      let newKeys = 0;
      for (const entry of readable) {
        if (!('record' in entry) || entry.record.kind !== 'notification') continue;
        if (this.ids.add(entry.record.messageId)) newKeys++;
        this.copies.remember(entry.record);
      }
      notices.push(...this.apply(readable, part.at(-1)?.sequence ?? 0, newKeys).notices);
    }
    return notices;
  }

  private applyAll(records: readonly Readable[], lastSequence: number, newKeys: number): Applied {
    const ends: number[] = [];
    for (const entry of records) {
      if (!('record' in entry)) throw entry.error;
      this.applyOne(entry.record);
      ends.push(this.books.events.toldCount);
    }
    this.finish(lastSequence, newKeys);
    const { events, gifts } = this.books.events.takeTold();
    return { events, ends, gifts, setAside: new Set(), notices: this.books.notices.splice(0) };
  }

  private applyEach(records: readonly Readable[], lastSequence: number, newKeys: number): Applied {
    const events: FeedEvent[] = [];
    const ends: number[] = [];
    const gifts: Applied['gifts'] = [];
    const setAside = new Set<number>();
    for (const [index, entry] of records.entries()) {
      try {
        this.database.attempt(() => {
          if (!('record' in entry)) throw entry.error;
          this.applyOne(entry.record);
          flushBooks(this.books);
        });
        const told = this.books.events.takeTold();
        events.push(...told.events);
        gifts.push(...told.gifts);
      } catch (error) {
        if (!isBadRecord(error)) throw error;
        forgetBooks(this.books);
        this.keepAside(entry.text, lastSequence, error);
        setAside.add(index);
      }
      ends.push(events.length);
    }
    this.finish(lastSequence, newKeys);
    this.setAsideTotal += setAside.size;
    return {
      events,
      ends,
      gifts: settleGifts(events, gifts),
      setAside,
      notices: this.books.notices.splice(0),
    };
  }

  private applyOne(record: LedgerRecord): void {
    const { books } = this;
    switch (record.kind) {
      case 'notification': {
        const { lastId } = books.events;
        routeNotification(books, record);
        // A follow that a poll has recorded makes no event of its own.
        if (books.events.lastId > lastId) this.runs.note(record, books.events.lastId);
        return;
      }
      case 'sweepPage':
        applySweepPage(books, record);
        return;
      case 'sweepEnd':
        applySweepEnd(books, record);
        return;
      case 'removals':
        applyRemovals(books, record);
        return;
      case 'read':
        books.events.markRead(record.upTo);
        return;
      case 'prune':
        applyPrune(books, record);
        return;
    }
  }

  private finish(lastSequence: number, newKeys: number): void {
    flushBooks(this.books);
    this.runs.flush(this.database);
    this.ids.persist(this.database, newKeys);
    this.database.prepare('UPDATE applied SET sequence = ?1').run(lastSequence);
    this.sequence = lastSequence;
  }

  private keepAside(text: string, sequence: number, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.database
      .prepare('INSERT INTO set_aside (sequence, at, error, record) VALUES (?1, ?2, ?3, ?4)')
      .run(sequence, formatInstant(this.now()), message, text);
  }

  private forget(mark: ReturnType<MessageIds['mark']>): void {
    forgetBooks(this.books);
    this.runs.forget();
    this.ids.restore(mark);
    this.sequence = this.database.integer('SELECT sequence FROM applied');
  }
}

/** Gifts of events that are told in the same answer go into those events. */
function settleGifts(events: readonly FeedEvent[], gifts: Applied['gifts']): Applied['gifts'] {
  if (gifts.length === 0) return gifts;
  const byId = new Map(events.map(event => [event.id, event]));
  return gifts.filter(({ id, giftEventId }) => {
    const event = byId.get(id);
    if (event) event.giftEventId = giftEventId;
    return !event;
  });
}

/** Whether the record itself is to blame, and not the database or the machine. */
function isBadRecord(error: unknown): boolean {
  if (error instanceof SqliteError) return CODES_OF_BAD_RECORDS.includes(error.code & 255);
  return error instanceof Error && !(error instanceof WebAssembly.RuntimeError);
}
