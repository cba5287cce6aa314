import type { Books } from '../books';
import { formatInstant, parseInstant } from '../instants';
import type { KnownViewer } from '../viewer-book';
import { readString, requireViewer, toNewEvent, type Incoming } from './incoming';

/** EventSub has nanoseconds, Helix whole seconds: closer than this, two follows of one viewer are one. */
export const SAME_FOLLOW_MS = 2_000;

export type HistorySource = 'eventsub' | 'poll' | 'baseline';

export interface FollowRow {
  id: number;
  action: 'follow' | 'unfollow';
  occurredAt: string;
  occurredAtMs: number;
  /** Whether a poll found it, and it stands in `events` as such. */
  isRecovered: boolean;
}

/** `channel.follow`: a row of `events` and of `follower_history`, unless a poll has recorded this very follow. */
export function handleFollow(books: Books, incoming: Incoming): void {
  const viewer = requireViewer(incoming.event);
  const event = toNewEvent(incoming, viewer);
  const followedAt = readString(incoming.event['followed_at']);
  const followedAtMs = followedAt === null ? Number.NaN : parseInstant(followedAt);
  if (!Number.isNaN(followedAtMs)) {
    event.occurredAtMs = followedAtMs;
    event.occurredAt = formatInstant(followedAtMs);
  }
  const known = books.viewers.upsert(viewer, event.occurredAt);
  const fact: FollowFact = {
    channelId: incoming.channelId,
    occurredAt: event.occurredAt,
    occurredAtMs: event.occurredAtMs,
    source: 'eventsub',
    eventId: null,
  };
  const twin = known.isNew ? undefined : twinOf(followRows(books, known, fact.channelId), fact);
  if (twin?.isRecovered) refine(books, twin, fact);
  else recordFollow(books, known, { ...fact, eventId: books.events.insert(event) });
}

export interface FollowFact {
  channelId: string;
  occurredAt: string;
  occurredAtMs: number;
  source: HistorySource;
  /** A row of `events` that is not linked to the viewer yet, or null if the fact makes no event. */
  eventId: number | null;
}

/** Writes a follow into the history, or makes the twin of it that is there finer; links the event. */
export function recordFollow(books: Books, viewer: KnownViewer, fact: FollowFact): void {
  if (viewer.isNew) {
    const id = insertRow(books, viewer.id, 'follow', fact);
    books.viewers.linkFirst(viewer, fact.eventId, id);
    books.tallies.stock(fact.channelId, 'followers', 1);
    return;
  }
  if (fact.eventId !== null) books.viewers.linkEvent(viewer, fact.eventId);
  const rows = followRows(books, viewer, fact.channelId);
  const twin = twinOf(rows, fact);
  if (twin) {
    refine(books, twin, fact);
    return;
  }
  const current = latestOf(rows);
  const id = insertRow(books, viewer.id, 'follow', fact);
  books.viewers.linkFollow(viewer, id);
  if (current && current.occurredAt > fact.occurredAt) {
    supersede(books, id);
    return;
  }
  if (current) supersede(books, current.id);
  if (current?.action !== 'follow') books.tallies.stock(fact.channelId, 'followers', 1);
}

/** The row that is the same follow. */
function twinOf(rows: readonly FollowRow[], fact: FollowFact): FollowRow | undefined {
  return rows.find(
    row => row.action === 'follow' && Math.abs(row.occurredAtMs - fact.occurredAtMs) < SAME_FOLLOW_MS,
  );
}

/** Writes that a viewer no longer follows; nothing if the history says so already. */
export function recordUnfollow(books: Books, viewer: KnownViewer, fact: FollowFact): void {
  const current = latestOf(followRows(books, viewer, fact.channelId));
  if (fact.eventId !== null) books.viewers.linkEvent(viewer, fact.eventId);
  const id = insertRow(books, viewer.id, 'unfollow', fact);
  books.viewers.linkFollow(viewer, id);
  if (current) supersede(books, current.id);
  if (current?.action === 'follow') books.tallies.stock(fact.channelId, 'followers', -1);
}

/** What the history says of a viewer and a channel, last recorded first. */
export function followRows(books: Books, viewer: KnownViewer, channelId: string): FollowRow[] {
  const statement = books.database.prepare(
    `SELECT action, occurred_at, source = 'poll' AND event_id IS NOT NULL FROM follower_history
     WHERE id = ?1 AND channel_id = ?2`,
  );
  const rows: FollowRow[] = [];
  for (const id of books.viewers.chain('follow', viewer.row)) {
    const found = statement.first([id, channelId], row => ({
      id,
      action: row.text(0) as FollowRow['action'],
      occurredAt: row.text(1),
      occurredAtMs: parseInstant(row.text(1)),
      isRecovered: row.integer(2) === 1,
    }));
    if (found) rows.push(found);
  }
  return rows;
}

/** The row that says what is so now. */
export function latestOf(rows: readonly FollowRow[]): FollowRow | undefined {
  let latest: FollowRow | undefined;
  for (const row of rows) {
    const isLater =
      !latest ||
      row.occurredAt > latest.occurredAt ||
      (row.occurredAt === latest.occurredAt && row.id > latest.id);
    if (isLater) latest = row;
  }
  return latest;
}

function insertRow(books: Books, viewerId: string, action: FollowRow['action'], fact: FollowFact): number {
  const id = books.viewers.takeFollowId();
  books.database
    .prepare(INSERT_SQL[action][fact.source])
    .run(id, viewerId, fact.channelId, fact.occurredAt, fact.eventId);
  books.tallies.flow(fact.channelId, action === 'follow' ? 'follows' : 'unfollows', fact.occurredAtMs, 1);
  return id;
}

function insertSql(action: FollowRow['action'], source: HistorySource): string {
  return `INSERT INTO follower_history (id, viewer_id, channel_id, action, occurred_at, source, event_id)
    VALUES (?1, ?2, ?3, '${action}', ?4, '${source}', ?5)`;
}

function insertSqlBySource(action: FollowRow['action']): Record<HistorySource, string> {
  return {
    eventsub: insertSql(action, 'eventsub'),
    poll: insertSql(action, 'poll'),
    baseline: insertSql(action, 'baseline'),
  };
}

/** What is always the same stands in the statement: fewer values to hand over in a burst. */
const INSERT_SQL = { follow: insertSqlBySource('follow'), unfollow: insertSqlBySource('unfollow') };

/** The finer of two times of one follow is kept, and the event that told of it if there was none. */
function refine(books: Books, twin: FollowRow, fact: FollowFact): void {
  const isFiner = twin.occurredAtMs % 1000 === 0 && fact.occurredAtMs % 1000 !== 0;
  if (isFiner) {
    books.tallies.flow(fact.channelId, 'follows', twin.occurredAtMs, -1);
    books.tallies.flow(fact.channelId, 'follows', fact.occurredAtMs, 1);
  }
  books.database
    .prepare(`UPDATE follower_history SET occurred_at = ?2, event_id = coalesce(event_id, ?3) WHERE id = ?1`)
    .run(twin.id, isFiner ? fact.occurredAt : twin.occurredAt, fact.eventId);
}

function supersede(books: Books, followId: number): void {
  books.database.prepare('INSERT OR IGNORE INTO superseded_follows VALUES (?1)').run(followId);
}
