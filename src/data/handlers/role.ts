import type { Books } from '../books';
import { formatInstant } from '../instants';
import type { FlowKind, StockKind } from '../tallies';
import type { HistorySource } from './follow';
import { POLL_LAG_MS, requireViewer, toNewEvent, type Incoming } from './incoming';

export type RoleType = 'moderator' | 'vip';

const COUNTED: Readonly<Record<RoleType, { stock: StockKind; added: FlowKind; removed: FlowKind }>> = {
  moderator: { stock: 'moderators', added: 'moderatorsAdded', removed: 'moderatorsRemoved' },
  vip: { stock: 'vips', added: 'vipsAdded', removed: 'vipsRemoved' },
};

/** `channel.moderator.add` and `channel.vip.add`. */
export function handleRoleAdded(books: Books, incoming: Incoming, role: RoleType): void {
  const viewer = requireViewer(incoming.event);
  const known = books.viewers.upsert(viewer, incoming.sentAt);
  const eventId = books.events.insert(toNewEvent(incoming, viewer));
  books.viewers.linkEvent(known, eventId);
  grantRole(books, role, {
    viewerId: viewer.id,
    channelId: incoming.channelId,
    at: incoming.sentAt,
    atMs: incoming.sentAtMs,
    source: 'eventsub',
    eventId,
  });
}

/** `channel.moderator.remove` and `channel.vip.remove`. */
export function handleRoleRemoved(books: Books, incoming: Incoming, role: RoleType): void {
  const viewer = requireViewer(incoming.event);
  const known = books.viewers.upsert(viewer, incoming.sentAt);
  const eventId = books.events.insert(toNewEvent(incoming, viewer));
  books.viewers.linkEvent(known, eventId);
  revokeRole(books, role, {
    viewerId: viewer.id,
    channelId: incoming.channelId,
    at: incoming.sentAt,
    atMs: incoming.sentAtMs,
    source: 'eventsub',
    eventId,
  });
}

export interface RoleFact {
  viewerId: string;
  channelId: string;
  at: string;
  atMs: number;
  source: HistorySource;
  eventId: number | null;
}

interface OpenRole {
  id: number;
  grantedAt: string | null;
  isFromSocket: boolean;
}

/** The open row of a role, if the viewer has it now. */
export function openRole(
  books: Books,
  role: RoleType,
  viewerId: string,
  channelId: string,
): OpenRole | undefined {
  return books.database
    .prepare(
      `SELECT id, granted_at, source FROM viewer_roles WHERE viewer_id = ?1 AND channel_id = ?2
       AND role_type = ?3 AND revoked_at IS NULL ORDER BY id DESC LIMIT 1`,
    )
    .first([viewerId, channelId, role], row => ({
      id: row.integer(0),
      grantedAt: row.textOrNull(1),
      isFromSocket: row.text(2) === 'eventsub',
    }));
}

/** Opens a role; nothing if it is held already, or if a removal that is known came after it. */
export function grantRole(books: Books, role: RoleType, fact: RoleFact): void {
  if (openRole(books, role, fact.viewerId, fact.channelId)) return;
  const later = books.database
    .prepare(
      `SELECT id, granted_at FROM viewer_roles WHERE viewer_id = ?1 AND channel_id = ?2 AND role_type = ?3
       AND revoked_at > ?4 ORDER BY revoked_at LIMIT 1`,
    )
    .first([fact.viewerId, fact.channelId, role, fact.at], row => ({
      id: row.integer(0),
      grantedAt: row.textOrNull(1),
    }));
  // Who held it before the first list did not get it today.
  if (fact.source !== 'baseline') books.tallies.flow(fact.channelId, COUNTED[role].added, fact.atMs, 1);
  if (later) {
    // It came late: what is recorded as its end is the end of this grant.
    if (later.grantedAt === null) {
      books.database.prepare('UPDATE viewer_roles SET granted_at = ?2 WHERE id = ?1').run(later.id, fact.at);
    }
    return;
  }
  insertRole(books, role, fact, fact.at, null);
  books.tallies.stock(fact.channelId, COUNTED[role].stock, 1);
}

/** Closes a role; where no grant is known, a closed row says that it was held until then. */
export function revokeRole(books: Books, role: RoleType, fact: RoleFact): void {
  const open = openRole(books, role, fact.viewerId, fact.channelId);
  books.tallies.flow(fact.channelId, COUNTED[role].removed, fact.atMs, 1);
  if (open && isEndOf(open, fact)) {
    books.database.prepare('UPDATE viewer_roles SET revoked_at = ?2 WHERE id = ?1').run(open.id, fact.at);
    books.tallies.stock(fact.channelId, COUNTED[role].stock, -1);
    return;
  }
  insertRole(books, role, fact, null, fact.at);
}

/** A poll's list lags, so what it began may have ended a little before. */
function isEndOf(open: OpenRole, fact: RoleFact): boolean {
  if (open.grantedAt === null) return true;
  return open.grantedAt <= (open.isFromSocket ? fact.at : formatInstant(fact.atMs + POLL_LAG_MS));
}

function insertRole(
  books: Books,
  role: RoleType,
  fact: RoleFact,
  grantedAt: string | null,
  revokedAt: string | null,
): void {
  books.database
    .prepare(
      `INSERT INTO viewer_roles (viewer_id, channel_id, role_type, granted_at, revoked_at, source, event_id)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
    )
    .run(fact.viewerId, fact.channelId, role, grantedAt, revokedAt, fact.source, fact.eventId);
}
