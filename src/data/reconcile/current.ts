import { CATALOGUE, isEventType, type Family } from '../../shared/catalogue';
import type { SweepKind } from '../../shared/data-service';
import type { Books } from '../books';
import type { StockKind } from '../tallies';

/** What the socket changed up to this long before a sweep began is left to the next one. */
export const LEFT_ALONE_MS = 300_000;

export const STOCK_OF: Readonly<Record<SweepKind, StockKind>> = {
  followers: 'followers',
  moderators: 'moderators',
  vips: 'vips',
  subscriptions: 'subscribers',
};

const FAMILY_OF: Readonly<Record<SweepKind, Family>> = {
  followers: 'followers',
  moderators: 'moderators',
  vips: 'vips',
  subscriptions: 'subscriptions',
};

const CURRENT_SQL: Readonly<Record<SweepKind, string>> = {
  followers: `SELECT viewer_id FROM follower_history WHERE channel_id = ?1 AND action = 'follow'
    AND id NOT IN (SELECT follow FROM superseded_follows)`,
  moderators: `SELECT viewer_id FROM viewer_roles WHERE channel_id = ?1 AND role_type = 'moderator'
    AND revoked_at IS NULL`,
  vips: `SELECT viewer_id FROM viewer_roles WHERE channel_id = ?1 AND role_type = 'vip' AND revoked_at IS NULL`,
  subscriptions: `SELECT viewer_id FROM viewer_subscriptions WHERE channel_id = ?1 AND end_date IS NULL
    AND viewer_id IS NOT NULL`,
};

/** The ids that the database holds as current in a channel's list. */
export function* currentIds(books: Books, list: SweepKind, channelId: string): Generator<string> {
  yield* books.database.prepare(CURRENT_SQL[list]).all([channelId], row => row.text(0));
}

/** Whether the socket told of this viewer's place in the list after an instant (ISO, by this machine's clock). */
export function hasSocketChange(
  books: Books,
  list: SweepKind,
  viewerId: string,
  channelId: string,
  since: string,
): boolean {
  const viewer = books.viewers.find(viewerId);
  if (!viewer) return false;
  const read = books.database.prepare(
    'SELECT received_at, source, event_type, channel_id FROM events WHERE id = ?1',
  );
  for (const id of books.viewers.chain('event', viewer.row)) {
    const event = read.first([id], row => ({
      receivedAt: row.text(0),
      isFromSocket: row.text(1) === 'eventsub',
      type: row.text(2),
      channelId: row.text(3),
    }));
    if (!event || event.receivedAt < since) return false;
    if (!event.isFromSocket || event.channelId !== channelId || !isEventType(event.type)) continue;
    const entry = CATALOGUE[event.type];
    // A gift is the giver's event and says nothing about their own subscription.
    if (entry.family === FAMILY_OF[list] && event.type !== 'channel.subscription.gift') return true;
  }
  return false;
}
