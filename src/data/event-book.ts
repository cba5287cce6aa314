import type { EventSource, FeedEvent, RecordedType, Viewer } from '../shared/events';
import type { Database } from './database';
import { familyCode } from './feed-families';
import type { Tallies } from './tallies';

/** A row of `events` about to be written. Instants are ISO text; `occurredAtMs` is the same in milliseconds. */
export interface NewEvent {
  messageId: string;
  type: RecordedType;
  json: string;
  viewer: Viewer | null;
  channelId: string;
  occurredAt: string;
  occurredAtMs: number;
  receivedAt: string;
  receivedAtMs: number;
  source: EventSource;
  tier: string | null;
  isGift: boolean;
  total: number | null;
  isAnonymous: boolean;
}

const INSERT_FROM_SOCKET = insertSql('eventsub');
const INSERT_FROM_POLL = insertSql('poll');

/** The source stands in the statement itself: one value less to hand over for each event. */
function insertSql(source: EventSource): string {
  return `INSERT INTO events (id, message_id, event_type, event_data, viewer_id, channel_id, occurred_at,
    received_at, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '${source}')`;
}

/** `events` with the feed's order, and what has to be told of them after the transaction. */
export class EventBook {
  private nextId = 0;
  private unread = 0;
  private isUnreadChanged = false;
  private channelId = '';
  private readUpToKnown = 0;
  private told: FeedEvent[] = [];
  private gifts: { id: number; giftEventId: number }[] = [];

  constructor(
    private readonly database: Database,
    private readonly tallies: Tallies,
  ) {
    this.forget();
  }

  get unreadCount(): number {
    return this.unread;
  }

  /** The id given last. */
  get lastId(): number {
    return this.nextId - 1;
  }

  get readUpTo(): number {
    return this.readUpToKnown;
  }

  /** The channel that was recorded last; statistics are about it. */
  get lastChannelId(): string {
    return this.channelId;
  }

  /** Reads the counters again, after opening and after a transaction was rolled back. */
  forget(): void {
    this.nextId = this.database.integer("SELECT seq FROM sqlite_sequence WHERE name = 'events'") + 1;
    this.unread = this.database.integer("SELECT value FROM marks WHERE name = 'unread'");
    this.readUpToKnown = this.database.integer("SELECT value FROM marks WHERE name = 'readUpTo'");
    this.channelId =
      this.database.prepare("SELECT value FROM marks WHERE name = 'channel'").first([], row => row.text(0)) ??
      '';
    this.isUnreadChanged = false;
    this.told = [];
    this.gifts = [];
  }

  /** Writes the row and answers its id. */
  insert(event: NewEvent): number {
    const id = this.nextId++;
    this.database
      .prepare(event.source === 'eventsub' ? INSERT_FROM_SOCKET : INSERT_FROM_POLL)
      .run(
        id,
        event.messageId,
        event.type,
        event.json,
        event.viewer === null ? null : event.viewer.id,
        event.channelId,
        event.occurredAt,
        event.receivedAt,
      );
    this.database
      .prepare('INSERT INTO feed (family, at, event) VALUES (?1, ?2, ?3)')
      .run(familyCode(event.type), event.occurredAtMs, id);
    this.tallies.stock('', 'events', 1);
    this.tallies.recorded(event.channelId, event.type, event.receivedAtMs);
    this.unread++;
    this.isUnreadChanged = true;
    if (event.channelId !== this.channelId) this.setChannel(event.channelId);
    this.told.push({
      id,
      type: event.type,
      viewer: event.viewer,
      channelId: event.channelId,
      occurredAt: event.occurredAt,
      receivedAt: event.receivedAt,
      source: event.source,
      tier: event.tier,
      isGift: event.isGift,
      total: event.total,
      giftEventId: null,
      isAnonymous: event.isAnonymous,
    });
    return id;
  }

  setChannel(channelId: string): void {
    if (channelId === '' || channelId === this.channelId) return;
    this.channelId = channelId;
    this.setMark('channel', channelId);
  }

  /** A gifted subscription's event has become known as part of a gift. */
  tellGift(subscribeEventId: number, giftEventId: number): void {
    const inBatch = this.told.findLast(event => event.id === subscribeEventId);
    if (inBatch) inBatch.giftEventId = giftEventId;
    else this.gifts.push({ id: subscribeEventId, giftEventId });
  }

  /** Everything up to this id is read. */
  markRead(upTo: number): void {
    const newest = this.nextId - 1;
    const bounded = Math.min(upTo, newest);
    if (bounded <= this.readUpToKnown) return;
    this.readUpToKnown = bounded;
    this.setMark('readUpTo', bounded);
    this.countUnread();
  }

  /** Counts again, after rows were deleted. */
  countUnread(): void {
    this.unread =
      this.database
        .prepare('SELECT count(*) FROM events WHERE id > ?1')
        .first([this.readUpToKnown], row => row.integer(0)) ?? 0;
    this.isUnreadChanged = true;
  }

  /** Writes the counters; called at the end of each transaction. */
  flush(): void {
    if (!this.isUnreadChanged) return;
    this.setMark('unread', this.unread);
    this.isUnreadChanged = false;
  }

  /** How many events wait to be told. */
  get toldCount(): number {
    return this.told.length;
  }

  /** What has been recorded since the last time it was asked. */
  takeTold(): { events: FeedEvent[]; gifts: { id: number; giftEventId: number }[] } {
    const taken = { events: this.told, gifts: this.gifts };
    this.told = [];
    this.gifts = [];
    return taken;
  }

  private setMark(name: string, value: string | number): void {
    this.database
      .prepare('INSERT INTO marks VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value')
      .run(name, value);
  }
}
