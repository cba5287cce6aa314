import type { SweepRow } from '../../shared/data-service';
import type { Viewer } from '../../shared/events';
import {
  endRow,
  fillGift,
  GIFT_WINDOW_MS,
  insertSubscription,
  openSubscription,
  type OpenSubscription,
} from '../handlers/subscription';
import { formatInstant, parseInstant } from '../instants';
import type { KnownViewer } from '../viewer-book';
import type { SweepContext } from './apply-sweep';
import { toPollEvent } from './poll-events';

/** Compares one row of Helix's list of subscriptions with the database. */
export function applySubscriptionRow(
  context: SweepContext,
  known: KnownViewer,
  viewer: Viewer,
  row: SweepRow,
): void {
  const { books, sweep } = context;
  const gifterId = recordGifter(context, row);
  const open = openSubscription(books, viewer.id, sweep.channelId);
  if (!open) {
    begin(context, known, viewer, row, gifterId);
    return;
  }
  const tier = row.tier ?? open.tier;
  if (tier !== open.tier) {
    const eventId = tell(context, known, viewer, 'channel.subscribe', row);
    books.database
      .prepare('UPDATE viewer_subscriptions SET tier = ?2, event_id = coalesce(?3, event_id) WHERE id = ?1')
      .run(open.id, tier, eventId);
  }
  if (row.isGift === true) {
    if (gifterId !== null) correctGifter(context, open, gifterId, tier);
    if (!open.isGift) {
      books.database.prepare('UPDATE viewer_subscriptions SET is_gift = 1 WHERE id = ?1').run(open.id);
    }
  }
}

/** Ends the subscription of one who is gone from the list. */
export function removeSubscription(context: SweepContext, known: KnownViewer, viewer: Viewer): void {
  const { books, sweep } = context;
  const open = openSubscription(books, viewer.id, sweep.channelId);
  if (!open || (open.startDate !== null && open.startDate > sweep.startedAt)) return;
  tell({ ...context, source: 'poll' }, known, viewer, 'channel.subscription.end', {
    userId: viewer.id,
    userLogin: viewer.login,
    userName: viewer.displayName,
    tier: open.tier,
    isGift: open.isGift,
  });
  const atMs = parseInstant(sweep.startedAt);
  endRow(books, open.id, formatInstant(atMs));
  books.tallies.stock(sweep.channelId, 'subscribers', -1);
  books.tallies.flow(sweep.channelId, 'subscriptionsEnded', atMs, 1);
}

/** Gifts whose recipient a whole list did not show either: they stay unknown. */
export function closePendingGifts(context: SweepContext): void {
  const { books, sweep, leaveSince } = context;
  books.database
    .prepare(
      `UPDATE viewer_subscriptions SET end_date = ?2 WHERE channel_id = ?1 AND end_date IS NULL
       AND viewer_id IS NULL AND start_date < ?3`,
    )
    .run(sweep.channelId, formatInstant(parseInstant(sweep.startedAt)), leaveSince);
}

function recordGifter(context: SweepContext, row: SweepRow): string | null {
  const gifter = row.isGift === true ? row.gifter : null;
  if (!gifter || gifter.userId === '') return null;
  const viewer: Viewer = {
    id: gifter.userId,
    login: gifter.userLogin,
    displayName: gifter.userName || gifter.userLogin,
  };
  context.books.viewers.upsert(viewer, formatInstant(context.atMs), 'listed');
  return gifter.userId;
}

function begin(
  context: SweepContext,
  known: KnownViewer,
  viewer: Viewer,
  row: SweepRow,
  gifterId: string | null,
): void {
  const { books, sweep } = context;
  const tier = row.tier ?? '1000';
  const isGift = row.isGift === true;
  const eventId = tell(context, known, viewer, 'channel.subscribe', row);
  const atMs = parseInstant(sweep.startedAt);
  books.tallies.stock(sweep.channelId, 'subscribers', 1);
  // Since when the baseline's people subscribe is not known, so they did not begin then.
  if (context.source === 'poll') books.tallies.flow(sweep.channelId, 'subscriptionsBegun', atMs, 1);
  const pending = isGift && gifterId !== null ? pendingOf(context, gifterId, tier) : undefined;
  if (pending) {
    fillGift(books, pending, { viewerId: viewer.id, startDate: pending.startDate, eventId });
    confirm(context, pending.id);
    if (eventId !== null) books.events.tellGift(eventId, pending.giftEventId);
    return;
  }
  insertSubscription(books, {
    viewerId: viewer.id,
    channelId: sweep.channelId,
    tier,
    isGift,
    gifterId,
    startDate: formatInstant(atMs),
    source: context.source,
    eventId,
  });
}

function pendingOf(
  context: SweepContext,
  gifterId: string,
  tier: string,
): { id: number; giftEventId: number; startDate: string } | undefined {
  return context.books.database
    .prepare(
      `SELECT s.id, g.gift_event, s.start_date FROM viewer_subscriptions s
       JOIN gift_rows g ON g.subscription = s.id
       WHERE s.is_gift = 1 AND s.channel_id = ?1 AND s.tier = ?2 AND s.gifter_id = ?3
       AND s.viewer_id IS NULL AND s.end_date IS NULL ORDER BY s.start_date, s.id LIMIT 1`,
    )
    .first([context.sweep.channelId, tier, gifterId], row => ({
      id: row.integer(0),
      giftEventId: row.integer(1),
      startDate: row.text(2),
    }));
}

/** Helix knows who gave; where our guess differs, the two gifts' places are exchanged. */
function correctGifter(context: SweepContext, open: OpenSubscription, gifterId: string, tier: string): void {
  const { books } = context;
  if (open.gifterId !== gifterId) {
    const other = open.startDate === null ? undefined : exchangeable(context, open, gifterId, tier);
    if (other) exchange(context, open, other);
    else books.database.prepare('DELETE FROM gift_rows WHERE subscription = ?1').run(open.id);
    books.database
      .prepare('UPDATE viewer_subscriptions SET gifter_id = ?2 WHERE id = ?1')
      .run(open.id, gifterId);
  }
  confirm(context, open.id);
}

/** A place in a gift by that gifter that is still free, or whose owner is only guessed. */
function exchangeable(
  context: SweepContext,
  open: OpenSubscription,
  gifterId: string,
  tier: string,
): { id: number; giftEventId: number } | undefined {
  const aroundMs = parseInstant(open.startDate ?? '');
  return context.books.database
    .prepare(
      `SELECT s.id, g.gift_event FROM viewer_subscriptions s JOIN gift_rows g ON g.subscription = s.id
       WHERE s.is_gift = 1 AND s.channel_id = ?1 AND s.tier = ?2 AND s.start_date BETWEEN ?3 AND ?4
       AND s.gifter_id = ?5 AND g.is_confirmed = 0 AND s.id <> ?6
       ORDER BY s.viewer_id IS NOT NULL, s.start_date, s.id LIMIT 1`,
    )
    .first(
      [
        context.sweep.channelId,
        tier,
        formatInstant(aroundMs - GIFT_WINDOW_MS),
        formatInstant(aroundMs + GIFT_WINDOW_MS),
        gifterId,
        open.id,
      ],
      row => ({ id: row.integer(0), giftEventId: row.integer(1) }),
    );
}

function exchange(
  context: SweepContext,
  open: OpenSubscription,
  other: { id: number; giftEventId: number },
): void {
  const { database, events } = context.books;
  const read = database.prepare('SELECT gift_event, subscribe_event FROM gift_rows WHERE subscription = ?1');
  const mine = read.first([open.id], row => ({
    giftEventId: row.integer(0),
    subscribeEventId: row.integerOrNull(1),
  }));
  const theirs = read.first([other.id], row => row.integerOrNull(1)) ?? null;
  const link = database.prepare('UPDATE gift_rows SET gift_event = ?2 WHERE subscription = ?1');
  if (mine) {
    link.run(open.id, other.giftEventId);
    link.run(other.id, mine.giftEventId);
    database
      .prepare('UPDATE viewer_subscriptions SET gifter_id = ?2 WHERE id = ?1')
      .run(other.id, open.gifterId);
    if (mine.subscribeEventId !== null) events.tellGift(mine.subscribeEventId, other.giftEventId);
    if (theirs !== null) events.tellGift(theirs, mine.giftEventId);
    return;
  }
  // Ours stood in no gift: it takes the free place, which is then superfluous; an owned one stays.
  const isFree = database
    .prepare('SELECT 1 FROM viewer_subscriptions WHERE id = ?1 AND viewer_id IS NULL')
    .first([other.id], () => true);
  if (!isFree) return;
  const ownEvent =
    database
      .prepare('SELECT event_id FROM viewer_subscriptions WHERE id = ?1')
      .first([open.id], row => row.integerOrNull(0)) ?? null;
  database.prepare('DELETE FROM viewer_subscriptions WHERE id = ?1').run(other.id);
  database.prepare('DELETE FROM gift_rows WHERE subscription = ?1').run(other.id);
  database
    .prepare('INSERT INTO gift_rows (subscription, gift_event, subscribe_event) VALUES (?1, ?2, ?3)')
    .run(open.id, other.giftEventId, ownEvent);
  if (ownEvent !== null) events.tellGift(ownEvent, other.giftEventId);
}

function confirm(context: SweepContext, subscriptionId: number): void {
  context.books.database
    .prepare('UPDATE gift_rows SET is_confirmed = 1 WHERE subscription = ?1')
    .run(subscriptionId);
}

/** The event that a poll's find makes; a baseline makes none. */
function tell(
  context: SweepContext,
  known: KnownViewer,
  viewer: Viewer,
  type: 'channel.subscribe' | 'channel.subscription.end',
  row: SweepRow,
): number | null {
  if (context.source === 'baseline') return null;
  const { books, sweep, atMs } = context;
  const tier = row.tier ?? '1000';
  const isGift = row.isGift === true;
  const eventId = books.events.insert(
    toPollEvent(sweep, atMs, {
      type,
      viewer,
      occurredAtMs: parseInstant(sweep.startedAt),
      fields: { tier, is_gift: isGift },
      tier,
      isGift,
    }),
  );
  books.viewers.linkEvent(known, eventId);
  return eventId;
}
