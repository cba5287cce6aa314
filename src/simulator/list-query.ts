import type { SweepKind } from '../shared/data-service';
import type { ListPosition, ListRow } from './channel-list';
import { findParameterProblem } from './helix-gate';
import { refuse, type Answer } from './http-front';

/** What a request for a list asks for. */
export interface ListQuery {
  broadcasterId: string;
  userIds: string[];
  first: number;
  after: ListPosition | null;
  before: ListPosition | null;
}

/** Reads the query of a list; every problem is a 400 in Twitch's words. */
export function readListQuery(
  spec: { list: SweepKind; single: readonly string[]; many: readonly string[] },
  query: URLSearchParams,
): ListQuery | (Answer & { kind: 'error' }) {
  const problem = findParameterProblem(query, spec.single, spec.many);
  if (problem !== null) return refuse(400, problem);
  const broadcasterId = query.get('broadcaster_id');
  if (broadcasterId === null) return refuse(400, 'Missing required parameter "broadcaster_id"');
  if (!/^\d+$/.test(broadcasterId)) return refuse(400, 'The ID in broadcaster_id is not valid');
  const first = query.get('first') ?? '20';
  if (!/^\d+$/.test(first) || Number(first) < 1 || Number(first) > 100) {
    return refuse(400, 'The parameter "first" was malformed: the value must be between 1 and 100');
  }
  const userIds = query.getAll('user_id');
  const hasCursor = query.has('after') || query.has('before');
  if (spec.list === 'subscriptions' && userIds.length > 0 && hasCursor) {
    return refuse(400, 'The parameters "user_id" and "after" or "before" are mutually exclusive');
  }
  if (query.has('after') && query.has('before')) {
    return refuse(400, 'Only one of "after" and "before" may be specified');
  }
  const after = readCursor(spec.list, query.get('after'));
  const before = readCursor(spec.list, query.get('before'));
  if (after === 'invalid' || before === 'invalid') return refuse(400, 'The pagination cursor is not valid');
  return { broadcasterId, userIds, first: Number(first), after, before };
}

/** The cursor behind a page's outermost row; none where nothing follows. */
export function cursorFor(list: SweepKind, row: ListRow | undefined, hasMore: boolean): { cursor?: string } {
  if (!row || !hasMore) return {};
  const { followedAtMs, sequence } = row;
  return { cursor: Buffer.from(`${list}:${followedAtMs}:${sequence}`).toString('base64url') };
}

function readCursor(list: SweepKind, cursor: string | null): ListPosition | null | 'invalid' {
  if (cursor === null) return null;
  const match = /^(\w+):(\d+):(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match?.[1] !== list) return 'invalid';
  return { followedAtMs: Number(match[2]), sequence: Number(match[3]) };
}
