import type {
  EventDetails,
  EventSource,
  Viewer,
  ViewerDetails,
  ViewerHistoryEntry,
} from '../../shared/events';
import type { Books } from '../books';
import { followRows, latestOf } from '../handlers/follow';
import { openSubscription } from '../handlers/subscription';
import { feedEventById } from './feed-events';

const MOST_HISTORY = 50;

/** What an opened row of the feed shows; null if the event is not there. */
export function getEventDetails(books: Books, id: number): EventDetails | null {
  const { database } = books;
  const event = feedEventById(database, id);
  if (!event) return null;
  const stored = database
    .prepare('SELECT message_id, event_data FROM events WHERE id = ?1')
    .first([id], row => ({ messageId: row.text(0), json: row.text(1) }));
  return {
    event,
    messageId: stored?.messageId ?? '',
    data: parseData(stored?.json ?? 'null'),
    recipients: event.type === 'channel.subscription.gift' ? recipientsOf(books, id) : [],
    viewer: event.viewer ? getViewerDetails(books, event.viewer.id) : null,
  };
}

function parseData(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return json;
    throw error;
  }
}

function recipientsOf(books: Books, giftEventId: number): (Viewer | null)[] {
  return books.database
    .prepare(
      `SELECT s.viewer_id, v.login, v.display_name FROM gift_rows g
       JOIN viewer_subscriptions s ON s.id = g.subscription LEFT JOIN viewers v ON v.id = s.viewer_id
       WHERE g.gift_event = ?1 ORDER BY s.viewer_id IS NULL, s.id`,
    )
    .all([giftEventId], row => {
      const id = row.textOrNull(0);
      return id === null
        ? null
        : { id, login: row.textOrNull(1) ?? id, displayName: row.textOrNull(2) ?? id };
    });
}

/** A person, what they are now, and what happened to them; null for one who was never seen. */
export function getViewerDetails(books: Books, viewerId: string): ViewerDetails | null {
  const { database } = books;
  const viewer = books.viewers.get(viewerId);
  const known = books.viewers.find(viewerId);
  if (!viewer || !known) return null;
  const dates = database
    .prepare('SELECT first_seen_at, last_seen_at FROM viewers WHERE id = ?1')
    .first([viewerId], row => ({ firstSeenAt: row.text(0), lastSeenAt: row.text(1) }));
  const channelId = channelOf(books, viewerId);
  const follow = latestOf(followRows(books, known, channelId));
  const isFollowing = follow?.action === 'follow';
  const open = openSubscription(books, viewerId, channelId);
  const gifter = open?.gifterId ? (books.viewers.get(open.gifterId) ?? null) : null;
  return {
    viewer,
    firstSeenAt: dates?.firstSeenAt ?? '',
    lastSeenAt: dates?.lastSeenAt ?? '',
    isFollowing,
    followedAt: isFollowing ? follow.occurredAt : null,
    subscription: open
      ? { tier: open.tier, isGift: open.isGift, startDate: open.startDate ?? '', gifter }
      : null,
    roles: database
      .prepare(
        `SELECT DISTINCT role_type FROM viewer_roles WHERE viewer_id = ?1 AND channel_id = ?2
         AND revoked_at IS NULL ORDER BY role_type`,
      )
      .all([viewerId, channelId], row => (row.text(0) === 'vip' ? 'vip' : 'moderator')),
    history: historyOf(books, viewerId, known.row),
  };
}

/** The channel that a person's state is shown for: the one recorded last, or where they were seen instead. */
function channelOf(books: Books, viewerId: string): string {
  const last = books.events.lastChannelId;
  const known = books.viewers.find(viewerId);
  if (!known || followRows(books, known, last).length > 0) return last;
  const [newest] = books.viewers.chain('event', known.row);
  if (newest === undefined) return last;
  return (
    books.database
      .prepare('SELECT channel_id FROM events WHERE id = ?1')
      .first([newest], row => row.text(0)) ?? last
  );
}

function historyOf(books: Books, viewerId: string, viewerRow: number): ViewerHistoryEntry[] {
  const entries: ViewerHistoryEntry[] = [];
  const add = (
    at: string | null,
    what: ViewerHistoryEntry['what'],
    source: string,
    tier: string | null,
  ): void => {
    if (at !== null) entries.push({ at, what, source: source as EventSource | 'baseline', tier });
  };
  const follows = books.database.prepare(
    'SELECT occurred_at, action, source FROM follower_history WHERE id = ?1',
  );
  for (const id of books.viewers.chain('follow', viewerRow)) {
    follows.each([id], row => add(row.text(0), row.text(1) as 'follow' | 'unfollow', row.text(2), null));
  }
  books.database
    .prepare('SELECT start_date, end_date, tier, source FROM viewer_subscriptions WHERE viewer_id = ?1')
    .each([viewerId], row => {
      add(row.textOrNull(0), 'subscriptionBegun', row.text(3), row.text(2));
      add(row.textOrNull(1), 'subscriptionEnded', row.text(3), row.text(2));
    });
  books.database
    .prepare('SELECT granted_at, revoked_at, role_type, source FROM viewer_roles WHERE viewer_id = ?1')
    .each([viewerId], row => {
      const role = row.text(2) === 'vip' ? 'vip' : 'moderator';
      add(row.textOrNull(0), `${role}Granted`, row.text(3), null);
      add(row.textOrNull(1), `${role}Revoked`, row.text(3), null);
    });
  return entries.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, MOST_HISTORY);
}
