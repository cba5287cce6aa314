import type { Database } from './database';
import { parseInstant } from './instants';
import type { NotificationRecord } from './records';

/** Equal events from two subscriptions are one if they were sent within this time of each other. */
const SAME_EVENT_MS = 10_000;
/** How long what came is remembered for that, by this machine's clock, and how much of it at most. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 20_000;
const LEAST_TRIMMED = 64;

interface Arrival {
  subscriptionId: string;
  sentAtMs: number;
  receivedAtMs: number;
  eventJson: string;
  /** Subscriptions that have sent their copy of it already; each may send one. */
  copiedBy: string[] | null;
}

/**
 * Finds the second copy of an event when two subscriptions are alive for its type (two windows' overlap, an
 * orphan of a session that died): the same type and event JSON from another `subscription.id`. Copies are
 * paired one to one, so that two equal gifts on one subscription remain two.
 */
export class CopyFinder {
  private readonly types = new Map<string, ArrivalsOfType>();

  /** Whether this is a copy of one that came before; if not, it is remembered. */
  isCopy(record: NotificationRecord): boolean {
    const arrivals = this.ofType(record.type);
    arrivals.forgetOld(record.receivedAtMs);
    const sentAtMs = sentAtOf(record);
    const original = arrivals.findOriginal(record, sentAtMs);
    if (original) {
      (original.copiedBy ??= []).push(record.subscriptionId);
      return true;
    }
    arrivals.add(toArrival(record, sentAtMs));
    return false;
  }

  /** Remembers what the journal says came. */
  remember(record: NotificationRecord): void {
    this.ofType(record.type).add(toArrival(record, sentAtOf(record)));
  }

  /** Takes over what the database says of the last minute; the events are read when there is need. */
  load(database: Database): void {
    database
      .prepare(
        `SELECT first_event, last_event, event_type, subscription_id, first_sent_at, received_at FROM arrivals
         ORDER BY first_event`,
      )
      .each([], row => {
        this.ofType(row.text(2)).addStored(database, {
          first: row.integer(0),
          last: row.integer(1),
          type: row.text(2),
          subscriptionId: row.text(3),
          firstSentAtMs: row.integer(4),
          receivedAtMs: row.integer(5),
        });
      });
  }

  private ofType(type: string): ArrivalsOfType {
    const known = this.types.get(type);
    if (known) return known;
    const fresh = new ArrivalsOfType();
    this.types.set(type, fresh);
    return fresh;
  }
}

/** What came of one type within the last minute, oldest first. */
class ArrivalsOfType {
  private arrivals: Arrival[] = [];
  /** How many came from each subscription: with one alone there is nothing to compare. */
  private readonly counts = new Map<string, number>();

  private stored: { database: Database; run: StoredRun }[] = [];
  private trimAt = LEAST_TRIMMED;
  /** By the event's JSON; made only once there is something to compare. */
  private index: Map<string, Arrival[]> | null = null;

  add(arrival: Arrival): void {
    this.arrivals.push(arrival);
    this.count(arrival.subscriptionId);
    if (this.index) addTo(this.index, arrival);
  }

  addStored(database: Database, run: StoredRun): void {
    this.stored.push({ database, run });
    this.count(run.subscriptionId);
  }

  /** The event of another subscription that this is a copy of. */
  findOriginal(record: NotificationRecord, sentAtMs: number): Arrival | undefined {
    const { subscriptionId, eventJson } = record;
    const others = this.counts.size - (this.counts.has(subscriptionId) ? 1 : 0);
    if (others === 0) return undefined;
    this.readStored();
    if (!this.index) {
      this.index = new Map();
      for (const arrival of this.arrivals) addTo(this.index, arrival);
    }
    return this.index
      .get(eventJson)
      ?.find(
        arrival =>
          arrival.subscriptionId !== subscriptionId &&
          Math.abs(arrival.sentAtMs - sentAtMs) <= SAME_EVENT_MS &&
          arrival.copiedBy?.includes(subscriptionId) !== true,
      );
  }

  forgetOld(nowMs: number): void {
    const isRecent = ({ receivedAtMs }: { receivedAtMs: number }): boolean =>
      nowMs - receivedAtMs <= REMEMBERED_MS;
    const oldest = this.arrivals[0] ?? this.stored[0]?.run;
    if (!oldest || this.arrivals.length + this.stored.length < this.trimAt) return;
    const isOld = nowMs - oldest.receivedAtMs > 2 * REMEMBERED_MS;
    if (!isOld && this.arrivals.length < 2 * MOST_REMEMBERED) return;
    const kept = this.arrivals.slice(-MOST_REMEMBERED).filter(isRecent);
    const keptStored = this.stored.filter(({ run }) => isRecent(run));
    this.arrivals = [];
    this.stored = [];
    this.counts.clear();
    this.index = null;
    for (const { database, run } of keptStored) this.addStored(database, run);
    for (const arrival of kept) this.add(arrival);
    // Not again before it has doubled, whatever a clock that jumps makes of "old".
    this.trimAt = Math.max(LEAST_TRIMMED, 2 * (kept.length + keptStored.length));
  }

  private count(subscriptionId: string): void {
    this.counts.set(subscriptionId, (this.counts.get(subscriptionId) ?? 0) + 1);
  }

  private readStored(): void {
    if (this.stored.length === 0) return;
    const newer = this.arrivals;
    this.arrivals = this.stored.flatMap(({ database, run }) => readRun(database, run));
    this.stored = [];
    // They were counted when they came.
    this.arrivals.push(...newer);
    this.index = null;
  }
}

/** Events of one type that came from one subscription, one after the other. */
interface StoredRun {
  first: number;
  last: number;
  type: string;
  subscriptionId: string;
  firstSentAtMs: number;
  /** When its last event came. */
  receivedAtMs: number;
}

function addTo(index: Map<string, Arrival[]>, arrival: Arrival): void {
  const same = index.get(arrival.eventJson);
  if (same) same.push(arrival);
  else index.set(arrival.eventJson, [arrival]);
}

function readRun(database: Database, run: StoredRun): Arrival[] {
  let firstReceivedAtMs: number | null = null;
  return database
    .prepare(
      `SELECT event_data, occurred_at, received_at FROM events WHERE id BETWEEN ?1 AND ?2 AND event_type = ?3
       AND source = 'eventsub'`,
    )
    .all([run.first, run.last, run.type], row => {
      const receivedAtMs = parseInstant(row.text(2));
      firstReceivedAtMs ??= receivedAtMs;
      return {
        subscriptionId: run.subscriptionId,
        // Follows have their own time in occurred_at, so theirs goes by the distance in arrival.
        sentAtMs:
          run.type === 'channel.follow'
            ? run.firstSentAtMs + (receivedAtMs - firstReceivedAtMs)
            : parseInstant(row.text(1)),
        receivedAtMs,
        eventJson: row.text(0),
        copiedBy: null,
      };
    });
}

function toArrival(record: NotificationRecord, sentAtMs: number): Arrival {
  const { subscriptionId, receivedAtMs, eventJson } = record;
  return { subscriptionId, sentAtMs, receivedAtMs, eventJson, copiedBy: null };
}

function sentAtOf(record: NotificationRecord): number {
  const sentAtMs = parseInstant(record.messageTimestamp);
  return Number.isNaN(sentAtMs) ? record.receivedAtMs : sentAtMs;
}

/** Writes which subscription a transaction's notifications came from, and drops what is old. */
export class ArrivalRuns {
  private open: {
    first: number;
    last: number;
    type: string;
    subscriptionId: string;
    firstSentAtMs: number;
    receivedAtMs: number;
  } | null = null;

  note(record: NotificationRecord, eventId: number): void {
    const { open } = this;
    if (open?.type === record.type && open.subscriptionId === record.subscriptionId) {
      open.last = eventId;
      open.receivedAtMs = record.receivedAtMs;
      return;
    }
    this.pending();
    this.open = {
      first: eventId,
      last: eventId,
      type: record.type,
      subscriptionId: record.subscriptionId,
      firstSentAtMs: sentAtOf(record),
      receivedAtMs: record.receivedAtMs,
    };
  }

  private readonly closed: NonNullable<ArrivalRuns['open']>[] = [];

  flush(database: Database): void {
    this.pending();
    if (this.closed.length === 0) return;
    const insert = database.prepare('INSERT INTO arrivals VALUES (?1, ?2, ?3, ?4, ?5, ?6)');
    let newest = 0;
    for (const run of this.closed.splice(0)) {
      insert.run(run.first, run.last, run.type, run.subscriptionId, run.firstSentAtMs, run.receivedAtMs);
      newest = Math.max(newest, run.receivedAtMs);
    }
    database.prepare('DELETE FROM arrivals WHERE received_at < ?1').run(newest - REMEMBERED_MS);
  }

  forget(): void {
    this.open = null;
    this.closed.length = 0;
  }

  private pending(): void {
    if (this.open) this.closed.push(this.open);
    this.open = null;
  }
}
