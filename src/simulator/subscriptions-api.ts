import { randomUUID } from 'node:crypto';
import type { ChannelState } from './channel-state';
import { findParameterProblem, type Caller, type HelixGate } from './helix-gate';
import { refuse, type Answer, type Endpoint, type SimulatorRequest } from './http-front';
import type { Session } from './session';
import type { SimulatorLimits } from './simulator-contract';
import { formatNanoseconds } from './simulator-clock';
import type { SocketServer } from './socket-server';
import { SUBSCRIPTION_STATUSES, type SubscriptionRecord, type SubscriptionStore } from './subscription-store';
import { SUBSCRIPTION_TYPES, type SubscriptionType } from './subscription-types';

export interface SubscriptionsDeps {
  gate: HelixGate;
  store: SubscriptionStore;
  sockets: SocketServer;
  channel: ChannelState;
  limits: SimulatorLimits;
  serverNow: () => number;
  onCreated: () => void;
}

interface Wanted {
  type: string;
  kind: SubscriptionType;
  condition: Record<string, string>;
  sessionId: string;
}

const PATH = '/helix/eventsub/subscriptions';
const FILTERS = ['status', 'type', 'user_id', 'subscription_id'];
const UNAUTHORIZED = 'subscription missing proper authorization';

/** `POST`, `GET` and `DELETE /helix/eventsub/subscriptions` (TWITCH.md 1.5). */
export class SubscriptionsApi {
  readonly #deps: SubscriptionsDeps;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  endpoints(): Endpoint[] {
    const { gate } = this.#deps;
    const helix = { path: PATH, errors: 'helix' } as const;
    return [
      {
        ...helix,
        method: 'POST',
        route: 'createSubscription',
        handle: gate.guard((request, caller) => this.#create(request, caller)),
      },
      {
        ...helix,
        method: 'GET',
        route: 'listSubscriptions',
        handle: gate.guard((request, caller) => this.#list(request, caller)),
      },
      {
        ...helix,
        method: 'DELETE',
        route: 'deleteSubscription',
        handle: gate.guard((request, caller) => this.#delete(request, caller)),
      },
    ];
  }

  #create(request: SimulatorRequest, caller: Caller): Answer {
    const wanted = this.#readWanted(request);
    if ('status' in wanted) return wanted;
    const session = this.#deps.sockets.session(wanted.sessionId);
    if (!session) {
      return refuse(400, 'websocket transport session does not exist or has already disconnected');
    }
    if (session.ownerId !== null && session.ownerId !== caller.user.id) {
      return refuse(400, 'websocket transport cannot have subscriptions created by different users');
    }
    if (!this.#isAuthorized(wanted, caller)) return refuse(403, UNAUTHORIZED);
    const problem = this.#findLimit(wanted, caller);
    if (problem) return problem;
    const record = this.#add(wanted, caller, session);
    session.ownerId = caller.user.id;
    this.#deps.onCreated();
    return { kind: 'json', status: 202, body: this.#toList([record], this.#owned(caller)) };
  }

  /** Checks the body; every problem is a 400. */
  #readWanted(request: SimulatorRequest): Wanted | (Answer & { kind: 'error' }) {
    if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
      return refuse(400, 'the Content-Type must be application/json');
    }
    const body = parseObject(request.body);
    if (!body) return refuse(400, 'could not parse the request body');
    const { type, version } = body;
    if (typeof type !== 'string' || type === '') return refuse(400, 'missing type');
    const kind = SUBSCRIPTION_TYPES.get(type);
    if (!kind) return refuse(400, 'invalid subscription type');
    if (typeof version !== 'string' || version === '') return refuse(400, 'missing version');
    if (version !== kind.version) return refuse(400, 'invalid subscription type and version');
    const condition = toObject(body['condition']);
    if (!condition) return refuse(400, 'missing condition');
    const transport = toObject(body['transport']);
    const method = transport?.['method'];
    if (typeof method !== 'string') return refuse(400, 'missing transport method');
    if (method === 'webhook' || method === 'conduit') {
      return refuse(400, 'invalid transport and auth combination');
    }
    if (method !== 'websocket') return refuse(400, 'invalid transport method');
    const sessionId = transport?.['session_id'];
    if (typeof sessionId !== 'string' || sessionId === '') return refuse(400, 'missing session_id');
    const problem = this.#findConditionProblem(kind, condition);
    if (problem !== null) return refuse(400, problem);
    return { type, kind, condition: condition as Record<string, string>, sessionId };
  }

  #findConditionProblem(kind: SubscriptionType, condition: Record<string, unknown>): string | null {
    for (const key of Object.keys(condition)) {
      if (!kind.conditionKeys.includes(key)) return `invalid condition: unknown field ${key}`;
    }
    for (const key of kind.conditionKeys) {
      const id = condition[key];
      if (typeof id !== 'string' || id === '') return `invalid condition: missing ${key}`;
      if (!this.#deps.channel.people.get(id)) return `invalid condition: the user in ${key} does not exist`;
    }
    return null;
  }

  #isAuthorized({ kind, condition }: Wanted, caller: Caller): boolean {
    if (kind.sufficientScopes.length === 0) return true;
    if (!kind.sufficientScopes.some(scope => caller.scopes.includes(scope))) return false;
    const broadcasterId = condition['broadcaster_user_id'] ?? '';
    if (kind.isOwnerOnly) return broadcasterId === caller.user.id;
    return (
      condition['moderator_user_id'] === caller.user.id && this.#moderates(caller.user.id, broadcasterId)
    );
  }

  #moderates(userId: string, broadcasterId: string): boolean {
    const { channel } = this.#deps;
    const isModerator = channel.list('moderators').get(userId) !== null;
    return userId === broadcasterId || (broadcasterId === channel.channel.id && isModerator);
  }

  /** 409 and 429: what is enabled already stands against one more. */
  #findLimit(wanted: Wanted, caller: Caller): Answer | null {
    const { limits } = this.#deps;
    const enabled = this.#owned(caller).filter(record => record.status === 'enabled');
    const equal = enabled.filter(
      record => record.type === wanted.type && isSameCondition(record.condition, wanted.condition),
    );
    if (equal.some(record => record.sessionId === wanted.sessionId)) {
      return refuse(409, 'subscription already exists');
    }
    if (equal.length >= limits.equalSubscriptions) {
      return refuse(429, 'maximum subscriptions with type and condition exceeded');
    }
    const sessions = new Set(enabled.map(record => record.sessionId));
    if (!sessions.has(wanted.sessionId) && sessions.size >= limits.connections) {
      return refuse(429, 'number of websocket transports limit exceeded');
    }
    const onSession = enabled.filter(record => record.sessionId === wanted.sessionId).length;
    if (onSession >= limits.subscriptionsPerConnection) {
      return refuse(429, 'maximum subscriptions per websocket transport exceeded');
    }
    const cost = enabled.reduce((sum, record) => sum + record.cost, this.#costOf(wanted, caller));
    return cost > limits.maxTotalCost ? refuse(429, 'maximum total cost exceeded') : null;
  }

  /** Nothing costs where a user in the condition authorized the app. */
  #costOf(wanted: Wanted, caller: Caller): number {
    return Object.values(wanted.condition).includes(caller.user.id) ? 0 : 1;
  }

  #add(wanted: Wanted, caller: Caller, session: Session): SubscriptionRecord {
    const record: SubscriptionRecord = {
      id: randomUUID(),
      sequence: this.#deps.store.nextSequence(),
      clientId: caller.clientId,
      userId: caller.user.id,
      type: wanted.type,
      version: wanted.kind.version,
      condition: wanted.condition,
      cost: this.#costOf(wanted, caller),
      createdAt: formatNanoseconds(this.#deps.serverNow()),
      status: 'enabled',
      sessionId: session.id,
      connectedAt: session.connectedAt,
      disconnectedAt: null,
    };
    this.#deps.store.add(record);
    return record;
  }

  #list(request: SimulatorRequest, caller: Caller): Answer {
    const { query } = request;
    const problem = findParameterProblem(query, [...FILTERS, 'after']);
    if (problem !== null) return refuse(400, problem);
    const filters = FILTERS.filter(name => query.has(name));
    if (filters.length !== 1) {
      return refuse(400, 'exactly one of status, type, user_id and subscription_id must be specified');
    }
    const status = query.get('status');
    if (status !== null && !SUBSCRIPTION_STATUSES.some(known => known === status)) {
      return refuse(400, 'invalid status');
    }
    const after = readCursor(query.get('after'));
    if (after === null) return refuse(400, 'invalid cursor');
    const matching = this.#owned(caller).filter(record => matchesFilter(record, query));
    const rest = matching.filter(record => record.sequence > after);
    const page = rest.slice(0, this.#deps.limits.subscriptionsPage);
    const last = page.at(-1);
    const pagination = last && rest.length > page.length ? { cursor: writeCursor(last.sequence) } : {};
    return { kind: 'json', status: 200, body: { ...this.#toList(page, matching), pagination } };
  }

  #delete(request: SimulatorRequest, caller: Caller): Answer {
    const problem = findParameterProblem(request.query, ['id']);
    if (problem !== null) return refuse(400, problem);
    const id = request.query.get('id');
    if (id === null) return refuse(400, 'missing id');
    const record = this.#owned(caller).find(owned => owned.id === id);
    if (!record) return refuse(404, 'subscription not found');
    this.#deps.store.remove(record);
    return { kind: 'empty', status: 204 };
  }

  #owned(caller: Caller): SubscriptionRecord[] {
    return this.#deps.store.ownedBy(caller.clientId, caller.user.id);
  }

  #toList(records: readonly SubscriptionRecord[], all: readonly SubscriptionRecord[]): object {
    return {
      data: records.map(toListed),
      total: all.length,
      total_cost: all.reduce((sum, { status, cost }) => sum + (status === 'enabled' ? cost : 0), 0),
      max_total_cost: this.#deps.limits.maxTotalCost,
    };
  }
}

function toListed(record: SubscriptionRecord): Record<string, unknown> {
  const { id, status, type, version, condition, createdAt, sessionId, connectedAt, disconnectedAt, cost } =
    record;
  const transport = {
    method: 'websocket',
    session_id: sessionId,
    connected_at: connectedAt,
    ...(disconnectedAt === null ? {} : { disconnected_at: disconnectedAt }),
  };
  return { id, status, type, version, condition, created_at: createdAt, transport, cost };
}

function matchesFilter(record: SubscriptionRecord, query: URLSearchParams): boolean {
  const userId = query.get('user_id');
  return (
    (query.get('status') ?? record.status) === record.status &&
    (query.get('type') ?? record.type) === record.type &&
    (query.get('subscription_id') ?? record.id) === record.id &&
    (userId === null || Object.values(record.condition).includes(userId))
  );
}

function isSameCondition(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => a[key] === b[key]);
}

function writeCursor(sequence: number): string {
  return Buffer.from(`subscriptions:${sequence}`).toString('base64url');
}

/** 0 where none is given; null: it is none of ours. */
function readCursor(cursor: string | null): number | null {
  if (cursor === null) return 0;
  const match = /^subscriptions:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  return match ? Number(match[1]) : null;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    return toObject(JSON.parse(text));
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function toObject(value: unknown): Record<string, unknown> | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : null;
}
