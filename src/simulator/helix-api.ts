import type { SweepKind } from '../shared/data-service';
import type { ListPosition, ListRow } from './channel-list';
import type { ChannelState } from './channel-state';
import type { FaultRegister, ListEffect } from './faults';
import { findParameterProblem, type Caller, type HelixGate } from './helix-gate';
import { refuse, type Answer, type Endpoint, type SimulatorRequest } from './http-front';
import { cursorFor, readListQuery, type ListQuery } from './list-query';
import type { SimulatedUser } from './people';
import { formatSeconds } from './simulator-clock';

export interface HelixDeps {
  gate: HelixGate;
  channel: ChannelState;
  faults: FaultRegister;
  /** How far the server's clock is off. */
  clockOffMs: () => number;
}

interface Page {
  rows: readonly ListRow[];
  total: number;
  pagination: { cursor?: string };
}

interface ListSpec {
  list: SweepKind;
  path: string;
  scopes: readonly string[];
  single: readonly string[];
  many: readonly string[];
  toBody: (page: Page, broadcaster: SimulatedUser) => object;
}

const POINTS: Readonly<Record<string, number>> = { '1000': 1, '2000': 2, '3000': 6 };

/** The four lists that the product reconciles with, and `/users` (TWITCH.md 1.7). */
export class HelixApi {
  readonly #deps: HelixDeps;

  constructor(deps: HelixDeps) {
    this.#deps = deps;
  }

  endpoints(): Endpoint[] {
    const users: Endpoint = {
      method: 'GET',
      path: '/helix/users',
      route: 'users',
      errors: 'helix',
      handle: this.#deps.gate.guard((request, caller) => this.#getUsers(request, caller)),
    };
    const lists = this.#specs().map((spec): Endpoint => ({
      method: 'GET',
      path: spec.path,
      route: spec.list,
      errors: 'helix',
      handle: this.#deps.gate.guard((request, caller) => this.#getList(spec, request, caller)),
    }));
    return [users, ...lists];
  }

  #specs(): ListSpec[] {
    const roles = {
      single: ['broadcaster_id', 'first', 'after'],
      many: ['user_id'],
      toBody: ({ rows, pagination }: Page): object => ({
        data: rows.map(({ user }) => toUserFields(user)),
        pagination,
      }),
    };
    return [
      {
        list: 'followers',
        path: '/helix/channels/followers',
        scopes: ['moderator:read:followers'],
        single: ['broadcaster_id', 'user_id', 'first', 'after'],
        many: [],
        toBody: ({ rows, total, pagination }) => ({
          total,
          data: rows.map(row => ({
            ...toUserFields(row.user),
            followed_at: formatSeconds(row.followedAtMs + this.#deps.clockOffMs()),
          })),
          pagination,
        }),
      },
      {
        ...roles,
        list: 'moderators',
        path: '/helix/moderation/moderators',
        scopes: ['moderation:read', 'channel:manage:moderators'],
      },
      {
        ...roles,
        list: 'vips',
        path: '/helix/channels/vips',
        scopes: ['channel:read:vips', 'channel:manage:vips'],
      },
      {
        list: 'subscriptions',
        path: '/helix/subscriptions',
        scopes: ['channel:read:subscriptions'],
        single: ['broadcaster_id', 'first', 'after', 'before'],
        many: ['user_id'],
        toBody: ({ rows, total, pagination }, broadcaster) => ({
          data: rows.map(row => toSubscription(row, broadcaster)),
          pagination,
          total,
          points: this.#countPoints(),
        }),
      },
    ];
  }

  #getList(spec: ListSpec, request: SimulatorRequest, caller: Caller): Answer {
    const query = readListQuery(spec, request.query);
    if ('kind' in query) return query;
    const hasScope = spec.scopes.some(scope => caller.scopes.includes(scope));
    const isOwner = query.broadcasterId === caller.user.id;
    const broadcaster = this.#deps.channel.people.get(query.broadcasterId);
    if (spec.list === 'followers') {
      const isModerator = this.#deps.channel.list('moderators').get(caller.user.id) !== null;
      const mayRead = hasScope && (isOwner || isModerator);
      if (!broadcaster) return refuse(400, 'The ID in broadcaster_id is not valid');
      // Without the right to read, only the total is told; this is not an error (TWITCH.md 1.7, trap 1).
      if (!mayRead) return ok({ total: this.#total(spec.list, query), data: [], pagination: {} });
    } else {
      if (!hasScope) return refuse(401, `Missing scope: ${spec.scopes.join(' or ')}`);
      if (!isOwner || !broadcaster) {
        return refuse(
          401,
          "The ID in broadcaster_id must match the user ID found in the request's OAuth token",
        );
      }
    }
    return ok(spec.toBody(this.#readPage(spec.list, query), broadcaster));
  }

  #readPage(list: SweepKind, query: ListQuery): Page {
    const effects = this.#deps.faults.listEffects(list);
    const total = this.#total(list, query);
    if (effects.some(effect => effect.kind === 'emptyWithTotal')) return { rows: [], total, pagination: {} };
    const rows = this.#rowsOf(list, query, effects);
    const isShort = effects.some(effect => effect.kind === 'shortPages') && rows.length > query.first;
    const size = Math.max(1, query.first - (isShort ? 1 : 0));
    if (query.before) {
      const { sequence } = query.before;
      const index = rows.findIndex(row => row.sequence === sequence);
      const end = index === -1 ? rows.length : index;
      const start = Math.max(0, end - size);
      const page = rows.slice(start, end);
      return { rows: page, total, pagination: cursorFor(list, page[0], start > 0) };
    }
    const shift = effects.find(effect => effect.kind === 'shift')?.rows ?? 0;
    const behind = query.after ? this.#indexAfter(list, rows, query.after) + shift : 0;
    const start = Math.max(0, behind);
    const page = rows.slice(start, start + size);
    return { rows: page, total, pagination: cursorFor(list, page.at(-1), start + size < rows.length) };
  }

  #indexAfter(list: SweepKind, rows: readonly ListRow[], position: ListPosition): number {
    const listed = this.#deps.channel.listed(list);
    if (rows === listed.sorted()) return listed.indexAfter(position);
    const index = rows.findIndex(row => listed.isAfter(row, position));
    return index === -1 ? rows.length : index;
  }

  /** The rows that the query is about, in order. */
  #rowsOf(list: SweepKind, query: ListQuery, effects: readonly ListEffect[]): readonly ListRow[] {
    const { channel } = this.#deps;
    if (query.broadcasterId !== channel.channel.id) return [];
    const listed = channel.listed(list);
    if (query.userIds.length > 0) {
      return query.userIds.map(id => listed.get(id)).filter(row => row !== null);
    }
    const omitted = effects.flatMap(effect => (effect.kind === 'omits' ? effect.userIds : []));
    const withOwner = effects.some(effect => effect.kind === 'broadcasterSubscribed');
    const rows = listed.sorted();
    if (omitted.length === 0 && !withOwner) return rows;
    const kept = rows.filter(({ user }) => !omitted.includes(user.id));
    return withOwner ? [ownSubscription(channel.channel), ...kept] : kept;
  }

  #total(list: SweepKind, query: ListQuery): number {
    const { channel, faults } = this.#deps;
    if (query.broadcasterId !== channel.channel.id) return 0;
    const extra = faults
      .listEffects(list)
      .reduce((sum, effect) => sum + (effect.kind === 'totalTooHigh' ? effect.by : 0), 0);
    return channel.listed(list).size + extra;
  }

  #countPoints(): number {
    return this.#deps.channel
      .listed('subscriptions')
      .sorted()
      .reduce((sum, row) => sum + (POINTS[row.tier] ?? 0), 0);
  }

  #getUsers(request: SimulatorRequest, caller: Caller): Answer {
    const { query } = request;
    const problem = findParameterProblem(query, [], ['id', 'login']);
    if (problem !== null) return refuse(400, problem);
    const { people } = this.#deps.channel;
    const found = [
      ...query.getAll('id').map(id => people.get(id)),
      ...query.getAll('login').map(login => people.findByLogin(login)),
    ].filter(user => user !== null);
    const users = query.size === 0 ? [caller.user] : [...new Set(found)];
    return ok({ data: users.map(toUserDetails) });
  }
}

function ok(body: object): Answer {
  return { kind: 'json', status: 200, body };
}

function toUserFields(user: SimulatedUser): Record<string, string> {
  return { user_id: user.id, user_name: user.displayName, user_login: user.login };
}

function toUserDetails(user: SimulatedUser): Record<string, unknown> {
  return {
    id: user.id,
    login: user.login,
    display_name: user.displayName,
    type: '',
    broadcaster_type: '',
    description: '',
    profile_image_url: '',
    offline_image_url: '',
    view_count: 0,
    created_at: '2020-01-01T00:00:00Z',
  };
}

/** `gifter_*` are empty strings where nobody is known to have given it. */
function toSubscription(row: ListRow, broadcaster: SimulatedUser | null): Record<string, unknown> {
  return {
    broadcaster_id: broadcaster?.id,
    broadcaster_login: broadcaster?.login,
    broadcaster_name: broadcaster?.displayName,
    gifter_id: row.gifter?.id ?? '',
    gifter_login: row.gifter?.login ?? '',
    gifter_name: row.gifter?.displayName ?? '',
    is_gift: row.isGift,
    tier: row.tier,
    plan_name: `Channel Subscription (${broadcaster?.login ?? ''})`,
    ...toUserFields(row.user),
  };
}

function ownSubscription(user: SimulatedUser): ListRow {
  return { user, sequence: 0, followedAtMs: 0, tier: '3000', isGift: false, gifter: null };
}
