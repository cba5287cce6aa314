import type { SweepRow } from '../../shared/data-service';
import type { Viewer } from '../../shared/events';
import type { Books } from '../books';
import { followRows, latestOf, recordFollow, recordUnfollow, SAME_FOLLOW_MS } from '../handlers/follow';
import { grantRole, openRole, revokeRole, type RoleType } from '../handlers/role';
import { formatInstant, parseInstant } from '../instants';
import type { LedgerRecord, SweepIdentity } from '../records';
import type { KnownViewer } from '../viewer-book';
import { currentIds, hasSocketChange, LEFT_ALONE_MS } from './current';
import { toPollEvent } from './poll-events';
import { applySubscriptionRow, closePendingGifts, removeSubscription } from './sweep-subscriptions';

type PageRecord = Extract<LedgerRecord, { kind: 'sweepPage' }>;
type EndRecord = Extract<LedgerRecord, { kind: 'sweepEnd' }>;
type RemovalsRecord = Extract<LedgerRecord, { kind: 'removals' }>;

/** One sweep's record as its rows are applied. */
export interface SweepContext {
  books: Books;
  sweep: SweepIdentity;
  atMs: number;
  source: 'poll' | 'baseline';
  /** What the socket told since then is left alone (ISO). */
  leaveSince: string;
}

/** Compares a page of a list with the database and records what is new. */
export function applySweepPage(books: Books, record: PageRecord): void {
  const { sweep, atMs } = record;
  const context = toContext(books, sweep, atMs);
  books.events.setChannel(sweep.channelId);
  for (const row of record.rows) {
    if (row.userId === '' || (sweep.list === 'subscriptions' && row.userId === sweep.channelId)) continue;
    const viewer: Viewer = {
      id: row.userId,
      login: row.userLogin,
      displayName: row.userName || row.userLogin,
    };
    const known = books.viewers.upsert(viewer, formatInstant(atMs), 'listed');
    const isLeftAlone =
      !known.isNew && hasSocketChange(books, sweep.list, viewer.id, sweep.channelId, context.leaveSince);
    if (isLeftAlone) continue;
    switch (sweep.list) {
      case 'followers':
        applyFollower(context, known, viewer, row);
        break;
      case 'moderators':
        applyRole(context, known, viewer, 'moderator');
        break;
      case 'vips':
        applyRole(context, known, viewer, 'vip');
        break;
      case 'subscriptions':
        applySubscriptionRow(context, known, viewer, row);
        break;
    }
  }
  if (sweep.isBaseline) {
    marks(books, sweep);
    books.database
      .prepare(
        `UPDATE sweep_marks SET baseline_cursor = ?3, baseline_done = baseline_done + ?4
         WHERE channel_id = ?1 AND kind = ?2`,
      )
      .run(sweep.channelId, sweep.list, record.cursor, record.rows.length);
  }
}

/** Notes that a sweep completed, and carries out what two whole sweeps agreed on. */
export function applySweepEnd(books: Books, record: EndRecord): void {
  const { sweep, atMs } = record;
  marks(books, sweep);
  books.database
    .prepare('UPDATE sweep_marks SET last_completed_start_at = ?3 WHERE channel_id = ?1 AND kind = ?2')
    .run(sweep.channelId, sweep.list, sweep.startedAt);
  if (!record.isWhole) return;
  const offset = record.total === null ? 0 : record.total - record.listed;
  books.database
    .prepare(
      `UPDATE sweep_marks SET last_whole_at = ?3, total_offset = ?4, has_baseline = 1, baseline_cursor = NULL
       WHERE channel_id = ?1 AND kind = ?2`,
    )
    .run(sweep.channelId, sweep.list, formatInstant(atMs), offset);
  const context = toContext(books, sweep, atMs);
  for (const viewerId of record.removed) removeOne(context, viewerId);
  books.database
    .prepare('DELETE FROM sweep_suspects WHERE channel_id = ?1 AND kind = ?2')
    .run(sweep.channelId, sweep.list);
  const remember = books.database.prepare('INSERT OR IGNORE INTO sweep_suspects VALUES (?1, ?2, ?3)');
  for (const viewerId of record.suspects) remember.run(sweep.channelId, sweep.list, viewerId);
  if (sweep.list === 'subscriptions') closePendingGifts(context);
}

/** Records removals that Helix confirmed. */
export function applyRemovals(books: Books, record: RemovalsRecord): void {
  const context = toContext(books, record.sweep, record.atMs);
  for (const viewerId of record.viewerIds) removeOne(context, viewerId);
}

/** The ids that are current in the database, were not listed, and were not changed by the socket just now. */
export function findMissing(books: Books, sweep: SweepIdentity, listed: ReadonlySet<string>): string[] {
  const since = formatInstant(parseInstant(sweep.startedAt) - LEFT_ALONE_MS);
  const missing: string[] = [];
  for (const id of currentIds(books, sweep.list, sweep.channelId)) {
    if (listed.has(id) || hasSocketChange(books, sweep.list, id, sweep.channelId, since)) continue;
    missing.push(id);
  }
  return missing;
}

function toContext(books: Books, sweep: SweepIdentity, atMs: number): SweepContext {
  return {
    books,
    sweep,
    atMs,
    source: sweep.isBaseline ? 'baseline' : 'poll',
    leaveSince: formatInstant(parseInstant(sweep.startedAt) - LEFT_ALONE_MS),
  };
}

function marks(books: Books, sweep: SweepIdentity): void {
  books.database
    .prepare('INSERT OR IGNORE INTO sweep_marks (channel_id, kind) VALUES (?1, ?2)')
    .run(sweep.channelId, sweep.list);
}

function applyFollower(context: SweepContext, known: KnownViewer, viewer: Viewer, row: SweepRow): void {
  const { books, sweep } = context;
  const startedMs = parseInstant(sweep.startedAt);
  const listedMs = parseInstant(row.followedAt ?? '');
  const followedMs = Number.isNaN(listedMs) ? startedMs : listedMs;
  const rows = known.isNew ? [] : followRows(books, known, sweep.channelId);
  const current = latestOf(rows);
  if (current?.action === 'follow' && followedMs < current.occurredAtMs + SAME_FOLLOW_MS) return;
  // Listed again with its old date after a removal: what is new is that it counts again.
  const occurredAtMs =
    current?.action === 'unfollow' && followedMs <= current.occurredAtMs
      ? Math.max(startedMs, current.occurredAtMs + 1)
      : followedMs;
  const eventId =
    context.source === 'baseline'
      ? null
      : books.events.insert(
          toPollEvent(sweep, context.atMs, {
            type: 'channel.follow',
            viewer,
            occurredAtMs,
            fields: { followed_at: row.followedAt ?? formatInstant(followedMs) },
          }),
        );
  recordFollow(books, known, {
    channelId: sweep.channelId,
    occurredAt: formatInstant(occurredAtMs),
    occurredAtMs,
    source: context.source,
    eventId,
  });
}

function applyRole(context: SweepContext, known: KnownViewer, viewer: Viewer, role: RoleType): void {
  const { books, sweep } = context;
  if (openRole(books, role, viewer.id, sweep.channelId)) return;
  const occurredAtMs = parseInstant(sweep.startedAt);
  const eventId = insertPollEvent(context, known, viewer, `channel.${role}.add`, occurredAtMs);
  grantRole(books, role, {
    viewerId: viewer.id,
    channelId: sweep.channelId,
    at: formatInstant(occurredAtMs),
    atMs: occurredAtMs,
    source: context.source,
    eventId,
  });
}

/** Writes and links the event that a poll's find makes; a baseline makes none. */
function insertPollEvent(
  context: SweepContext,
  known: KnownViewer,
  viewer: Viewer,
  type: string,
  occurredAtMs: number,
): number | null {
  if (context.source === 'baseline') return null;
  const { books, sweep, atMs } = context;
  const eventId = books.events.insert(toPollEvent(sweep, atMs, { type, viewer, occurredAtMs }));
  books.viewers.linkEvent(known, eventId);
  return eventId;
}

/** Removes one viewer from a list, unless they are gone already or the socket told of them just now. */
function removeOne(context: SweepContext, viewerId: string): void {
  const { books, sweep, leaveSince } = context;
  const known = books.viewers.find(viewerId);
  const viewer = books.viewers.get(viewerId);
  if (!known || !viewer) return;
  if (hasSocketChange(books, sweep.list, viewerId, sweep.channelId, leaveSince)) return;
  const atMs = parseInstant(sweep.startedAt);
  switch (sweep.list) {
    case 'followers': {
      const current = latestOf(followRows(books, known, sweep.channelId));
      if (current?.action !== 'follow' || current.occurredAtMs > atMs) return;
      const eventId = books.events.insert(
        toPollEvent(sweep, context.atMs, { type: 'unfollow', viewer, occurredAtMs: atMs }),
      );
      const occurredAt = formatInstant(atMs);
      recordUnfollow(books, known, {
        channelId: sweep.channelId,
        occurredAt,
        occurredAtMs: atMs,
        source: 'poll',
        eventId,
      });
      return;
    }
    case 'moderators':
    case 'vips': {
      const role: RoleType = sweep.list === 'vips' ? 'vip' : 'moderator';
      const open = openRole(books, role, viewerId, sweep.channelId);
      const at = formatInstant(atMs);
      if (!open || (open.grantedAt !== null && open.grantedAt > at)) return;
      const eventId = insertPollEvent(
        { ...context, source: 'poll' },
        known,
        viewer,
        `channel.${role}.remove`,
        atMs,
      );
      revokeRole(books, role, { viewerId, channelId: sweep.channelId, at, atMs, source: 'poll', eventId });
      return;
    }
    case 'subscriptions':
      removeSubscription(context, known, viewer);
      return;
  }
}
