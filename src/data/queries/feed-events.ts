import type { EventSource, FeedEvent } from '../../shared/events';
import type { Database } from '../database';
import type { Row } from '../statement';

const FEED_EVENT_COLUMNS = `e.id, e.event_type, e.viewer_id, v.login, v.display_name, e.channel_id,
  e.occurred_at, e.received_at, e.source,
  (SELECT g.gift_event FROM gift_rows g WHERE g.subscribe_event = e.id) AS gift_event, e.event_data, e.message_id`;

/** Reads the columns above as views see them. */
function readFeedEvent(row: Row): FeedEvent {
  const type = row.text(1);
  const viewerId = row.textOrNull(2);
  const event: FeedEvent = {
    id: row.integer(0),
    type,
    viewer:
      viewerId === null
        ? null
        : { id: viewerId, login: row.textOrNull(3) ?? viewerId, displayName: row.textOrNull(4) ?? viewerId },
    channelId: row.text(5),
    occurredAt: row.text(6),
    receivedAt: row.text(7),
    source: row.text(8) as EventSource,
    tier: null,
    isGift: false,
    total: null,
    giftEventId: row.integerOrNull(9),
    isAnonymous: false,
  };
  if (!type.startsWith('channel.sub')) return event;
  const data = JSON.parse(row.text(10)) as Record<string, unknown>;
  const isGiftEvent = type === 'channel.subscription.gift';
  return {
    ...event,
    tier: typeof data['tier'] === 'string' ? data['tier'] : null,
    isGift: isGiftEvent || data['is_gift'] === true,
    total: isGiftEvent
      ? typeof data['total'] === 'number'
        ? Math.max(0, Math.floor(data['total']))
        : 1
      : null,
    isAnonymous: isGiftEvent && (data['is_anonymous'] === true || viewerId === null),
  };
}

const BY_ID = `SELECT ${FEED_EVENT_COLUMNS} FROM events e LEFT JOIN viewers v ON v.id = e.viewer_id WHERE e.id = ?1`;

/** One event; undefined if it is not there (any more). */
export function feedEventById(database: Database, id: number): FeedEvent | undefined {
  return database.prepare(BY_ID).first([id], readFeedEvent);
}

/** The events of these ids, in their order; those that are gone are left out. */
export function feedEventsById(database: Database, ids: readonly number[]): FeedEvent[] {
  return ids.flatMap(id => feedEventById(database, id) ?? []);
}

/** Everything recorded after an id, by message id: to answer again for what a dead worker had recorded. */
export function feedEventsAfter(database: Database, id: number): Map<string, FeedEvent> {
  const found = new Map<string, FeedEvent>();
  database
    .prepare(
      `SELECT ${FEED_EVENT_COLUMNS} FROM events e LEFT JOIN viewers v ON v.id = e.viewer_id WHERE e.id > ?1`,
    )
    .each([id], row => {
      found.set(row.text(11), readFeedEvent(row));
    });
  return found;
}
