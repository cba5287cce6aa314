import type * as z from 'zod/mini';
import type { SweepKind, SweepRow } from '../shared/data-service';
import { followersSchema, peopleSchema, subscriptionsSchema, type PersonRow } from './helix.external';

/** One page of a list. */
export interface HelixPage {
  rows: SweepRow[];
  /** Leads to the next page; null: this was the last. */
  cursor: string | null;
  /** As the server gave it; null where the list has none. */
  total: number | null;
}

/** Where each list is, and which scopes open it. */
export const HELIX_LISTS: Readonly<Record<SweepKind, { path: string; scopes: readonly string[] }>> = {
  followers: { path: 'channels/followers', scopes: ['moderator:read:followers'] },
  moderators: { path: 'moderation/moderators', scopes: ['moderation:read', 'channel:manage:moderators'] },
  vips: { path: 'channels/vips', scopes: ['channel:read:vips', 'channel:manage:vips'] },
  subscriptions: { path: 'subscriptions', scopes: ['channel:read:subscriptions'] },
};

/** Reads a page of a list from its JSON; null if it is not of that shape. */
export function parsePage(list: SweepKind, json: unknown): HelixPage | null {
  switch (list) {
    case 'followers':
      return toPage(followersSchema.safeParse(json), row => ({
        ...toPerson(row),
        followedAt: row.followed_at,
      }));
    case 'moderators':
    case 'vips':
      return toPage(peopleSchema.safeParse(json), toPerson);
    case 'subscriptions':
      return toPage(subscriptionsSchema.safeParse(json), row => ({
        ...toPerson(row),
        tier: row.tier,
        isGift: row.is_gift ?? false,
        gifter: toGifter(row),
      }));
  }
}

function toPage<Row>(
  parsed: z.core.util.SafeParseResult<{
    data: Row[] | null;
    pagination?: { cursor?: string | null | undefined } | null | undefined;
    total?: number | null | undefined;
  }>,
  toRow: (row: Row) => SweepRow,
): HelixPage | null {
  if (!parsed.success) return null;
  const { data, pagination, total } = parsed.data;
  const cursor = pagination?.cursor ?? '';
  return { rows: (data ?? []).map(toRow), cursor: cursor === '' ? null : cursor, total: total ?? null };
}

function toPerson(row: PersonRow): SweepRow {
  const login = row.user_login ?? '';
  const name = row.user_name ?? '';
  return { userId: row.user_id, userLogin: login || row.user_id, userName: name || login || row.user_id };
}

function toGifter(row: {
  gifter_id?: unknown;
  gifter_login?: unknown;
  gifter_name?: unknown;
}): NonNullable<SweepRow['gifter']> | null {
  const userId = readText(row.gifter_id);
  if (userId === '') return null;
  const userLogin = readText(row.gifter_login) || userId;
  return { userId, userLogin, userName: readText(row.gifter_name) || userLogin };
}

/** A text, however it is wrapped: the `twitch` CLI's mock server sends `{"String": "…", "Valid": true}`. */
function readText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('String' in value)) return '';
  return typeof value.String === 'string' ? value.String : '';
}
