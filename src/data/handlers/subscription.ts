import type { Books } from '../books';
import { formatInstant } from '../instants';
import { POLL_LAG_MS, readViewer, requireTier, requireViewer, toNewEvent, type Incoming } from './incoming';

/** A gift and the subscriptions that it gave are at most this far apart (by `message_timestamp`). */
export const GIFT_WINDOW_MS = 600_000;
/** More than any gift that Twitch sells; a larger `total` is damage or mischief. */
const MOST_GIFTS = 10_000;

export interface OpenSubscription {
  id: number;
  tier: string;
  isGift: boolean;
  gifterId: string | null;
  startDate: string | null;
  source: string;
}

/** The subscription that a viewer has now. */
export function openSubscription(
  books: Books,
  viewerId: string,
  channelId: string,
): OpenSubscription | undefined {
  return books.database
    .prepare(
      `SELECT id, tier, is_gift, gifter_id, start_date, source FROM viewer_subscriptions
       WHERE viewer_id = ?1 AND channel_id = ?2 AND end_date IS NULL ORDER BY id DESC LIMIT 1`,
    )
    .first([viewerId, channelId], row => ({
      id: row.integer(0),
      tier: row.text(1),
      isGift: row.integer(2) === 1,
      gifterId: row.textOrNull(3),
      startDate: row.textOrNull(4),
      source: row.text(5),
    }));
}

/** `channel.subscribe`: new, renewed or changed; a gifted one fills the oldest gift that still waits. */
export function handleSubscribe(books: Books, incoming: Incoming): void {
  const viewer = requireViewer(incoming.event);
  const tier = requireTier(incoming.event);
  const isGift = incoming.event['is_gift'] === true;
  const known = books.viewers.upsert(viewer, incoming.sentAt);
  const eventId = books.events.insert({ ...toNewEvent(incoming, viewer), tier, isGift });
  books.viewers.linkEvent(known, eventId);
  const { channelId, sentAt, sentAtMs } = incoming;
  const open = known.isNew ? undefined : openSubscription(books, viewer.id, channelId);
  const pending = isGift ? oldestPendingGift(books, channelId, tier, sentAtMs) : undefined;
  if (pending) {
    if (open) endRow(books, open.id, sentAt);
    fillGift(books, pending, { viewerId: viewer.id, startDate: sentAt, eventId });
    books.events.tellGift(eventId, pending.giftEventId);
  } else if (open) {
    renew(books, open, { tier, isGift, startDate: sentAt, eventId });
  } else {
    insertSubscription(books, {
      viewerId: viewer.id,
      channelId,
      tier,
      isGift,
      gifterId: null,
      startDate: sentAt,
      source: 'eventsub',
      eventId,
    });
  }
  if (!open) {
    books.tallies.stock(channelId, 'subscribers', 1);
    books.tallies.flow(channelId, 'subscriptionsBegun', sentAtMs, 1);
  }
}

/** `channel.subscription.end`: closes the open row; where none is known, a closed one says what was. */
export function handleSubscriptionEnd(books: Books, incoming: Incoming): void {
  const viewer = requireViewer(incoming.event);
  const tier = requireTier(incoming.event);
  const isGift = incoming.event['is_gift'] === true;
  const known = books.viewers.upsert(viewer, incoming.sentAt);
  const eventId = books.events.insert({ ...toNewEvent(incoming, viewer), tier, isGift });
  books.viewers.linkEvent(known, eventId);
  const { channelId, sentAt, sentAtMs } = incoming;
  books.tallies.flow(channelId, 'subscriptionsEnded', sentAtMs, 1);
  const open = known.isNew ? undefined : openSubscription(books, viewer.id, channelId);
  if (open) {
    const lagMs = open.source === 'eventsub' ? 0 : POLL_LAG_MS;
    if (open.startDate === null || sentAt >= formatInstant(Date.parse(open.startDate) - lagMs)) {
      endRow(books, open.id, sentAt);
      books.tallies.stock(channelId, 'subscribers', -1);
      return;
    }
  }
  const id = insertSubscription(books, {
    viewerId: viewer.id,
    channelId,
    tier,
    isGift,
    gifterId: null,
    startDate: null,
    source: 'eventsub',
    eventId,
  });
  endRow(books, id, sentAt);
}

/** `channel.subscription.gift`: claims those that already came in, and lets the rest wait for theirs. */
export function handleGift(books: Books, incoming: Incoming): void {
  const { event, channelId, sentAt, sentAtMs } = incoming;
  const gifter = readViewer(event);
  const tier = requireTier(event);
  const given = event['total'];
  const total = typeof given === 'number' && given >= 0 ? Math.floor(given) : 1;
  const known = gifter ? books.viewers.upsert(gifter, sentAt) : null;
  const eventId = books.events.insert({
    ...toNewEvent(incoming, gifter),
    tier,
    isGift: true,
    total,
    isAnonymous: event['is_anonymous'] === true || gifter === null,
  });
  if (known) books.viewers.linkEvent(known, eventId);
  if (total > MOST_GIFTS)
    books.notices.push(`A gift of ${total} subscriptions: only ${MOST_GIFTS} are followed.`);
  const gifterId = gifter?.id ?? null;
  const rows = Math.min(total, MOST_GIFTS);
  const claimed = claimArrived(books, { channelId, tier, sentAtMs, gifterId, eventId, most: rows });
  const link = books.database.prepare('INSERT INTO gift_rows (subscription, gift_event) VALUES (?1, ?2)');
  for (let i = claimed; i < rows; i++) {
    const id = insertSubscription(books, {
      viewerId: null,
      channelId,
      tier,
      isGift: true,
      gifterId,
      startDate: sentAt,
      source: 'eventsub',
      eventId,
    });
    link.run(id, eventId);
  }
}

export interface PendingGift {
  id: number;
  giftEventId: number;
}

/** Gives a waiting gift its recipient. */
export function fillGift(
  books: Books,
  gift: PendingGift,
  recipient: { viewerId: string; startDate: string; eventId: number | null },
): void {
  books.database
    .prepare('UPDATE viewer_subscriptions SET viewer_id = ?2, start_date = ?3 WHERE id = ?1')
    .run(gift.id, recipient.viewerId, recipient.startDate);
  books.database
    .prepare('UPDATE gift_rows SET subscribe_event = ?2 WHERE subscription = ?1')
    .run(gift.id, recipient.eventId);
}

function oldestPendingGift(
  books: Books,
  channelId: string,
  tier: string,
  aroundMs: number,
): PendingGift | undefined {
  return books.database
    .prepare(
      `SELECT s.id, g.gift_event FROM viewer_subscriptions s JOIN gift_rows g ON g.subscription = s.id
       WHERE s.is_gift = 1 AND s.channel_id = ?1 AND s.tier = ?2 AND s.start_date BETWEEN ?3 AND ?4
       AND s.viewer_id IS NULL AND s.end_date IS NULL ORDER BY s.start_date, s.id LIMIT 1`,
    )
    .first(
      [channelId, tier, formatInstant(aroundMs - GIFT_WINDOW_MS), formatInstant(aroundMs + GIFT_WINDOW_MS)],
      row => ({ id: row.integer(0), giftEventId: row.integer(1) }),
    );
}

/** Gifted subscriptions that came before their gift. Answers how many there were. */
function claimArrived(
  books: Books,
  gift: {
    channelId: string;
    tier: string;
    sentAtMs: number;
    gifterId: string | null;
    eventId: number;
    most: number;
  },
): number {
  const { channelId, tier, sentAtMs, gifterId, eventId, most } = gift;
  const rows = books.database
    .prepare(
      `SELECT s.id, s.event_id FROM viewer_subscriptions s
       WHERE s.is_gift = 1 AND s.channel_id = ?1 AND s.tier = ?2 AND s.start_date BETWEEN ?3 AND ?4
       AND s.viewer_id IS NOT NULL AND s.source = 'eventsub' AND (s.gifter_id IS NULL OR s.gifter_id = ?5)
       AND NOT EXISTS (SELECT 1 FROM gift_rows g WHERE g.subscription = s.id)
       ORDER BY s.start_date, s.id LIMIT ?6`,
    )
    .all(
      [
        channelId,
        tier,
        formatInstant(sentAtMs - GIFT_WINDOW_MS),
        formatInstant(sentAtMs + GIFT_WINDOW_MS),
        gifterId,
        most,
      ],
      row => ({ id: row.integer(0), subscribeEventId: row.integerOrNull(1) }),
    );
  for (const { id, subscribeEventId } of rows) {
    books.database.prepare('UPDATE viewer_subscriptions SET gifter_id = ?2 WHERE id = ?1').run(id, gifterId);
    books.database
      .prepare('INSERT INTO gift_rows (subscription, gift_event, subscribe_event) VALUES (?1, ?2, ?3)')
      .run(id, eventId, subscribeEventId);
    if (subscribeEventId !== null) books.events.tellGift(subscribeEventId, eventId);
  }
  return rows.length;
}

export interface NewSubscription {
  viewerId: string | null;
  channelId: string;
  tier: string;
  isGift: boolean;
  gifterId: string | null;
  startDate: string | null;
  source: string;
  eventId: number | null;
}

export function insertSubscription(books: Books, row: NewSubscription): number {
  books.database
    .prepare(
      `INSERT INTO viewer_subscriptions
       (viewer_id, channel_id, tier, is_gift, gifter_id, start_date, source, event_id)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
    )
    .run(
      row.viewerId,
      row.channelId,
      row.tier,
      row.isGift ? 1 : 0,
      row.gifterId,
      row.startDate,
      row.source,
      row.eventId,
    );
  return books.database.lastRow();
}

export function endRow(books: Books, id: number, endDate: string): void {
  books.database.prepare('UPDATE viewer_subscriptions SET end_date = ?2 WHERE id = ?1').run(id, endDate);
}

/** A renewal or a change of tier. One that comes late changes nothing that is newer. */
function renew(
  books: Books,
  open: OpenSubscription,
  now: { tier: string; isGift: boolean; startDate: string; eventId: number },
): void {
  const isLate = open.startDate !== null && now.startDate < open.startDate;
  if (isLate && open.source === 'eventsub') return;
  if (isLate) {
    // A poll knew only that the subscription was there; now we know since when.
    books.database
      .prepare(
        "UPDATE viewer_subscriptions SET start_date = ?2, source = 'eventsub', event_id = ?3 WHERE id = ?1",
      )
      .run(open.id, now.startDate, now.eventId);
    return;
  }
  books.database
    .prepare(
      `UPDATE viewer_subscriptions SET tier = ?2, is_gift = ?3, start_date = ?4, event_id = ?5,
       source = 'eventsub', gifter_id = CASE WHEN ?3 = 1 AND is_gift = 1 THEN gifter_id END WHERE id = ?1`,
    )
    .run(open.id, now.tier, now.isGift ? 1 : 0, now.startDate, now.eventId);
  if (!now.isGift) books.database.prepare('DELETE FROM gift_rows WHERE subscription = ?1').run(open.id);
}
