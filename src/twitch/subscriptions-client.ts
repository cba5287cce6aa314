import type { Logger } from '../shared/service';
import type { HttpRequest, HttpResponse, Send } from './http-send';
import { createdSchema, errorSchema, listSchema, subscriptionSchema } from './subscriptions.external';
import type { ManagerIdentity } from './twitch-ports';

/** A subscription as the server lists it. */
export interface ListedSubscription {
  id: string;
  status: string;
  type: string;
  condition: Readonly<Record<string, unknown>>;
  cost: number;
  createdAt: string;
  method: string;
  sessionId: string | null;
  connectedAt: string | null;
  isDisconnected: boolean;
}

/** Why a call brought nothing; `message` is the server's own where it gave one. */
export type CallFailure =
  /** Nobody is signed in. */
  | { kind: 'noToken' }
  /** 401, also after the token has been renewed. */
  | { kind: 'unauthorized'; message: string }
  /** The session that was named is gone. */
  | { kind: 'sessionGone'; message: string }
  /** 409 or 429: something of the kind exists already, or too much of it. */
  | { kind: 'conflict'; status: number; message: string }
  /** Any other answer that will not change by asking again. */
  | { kind: 'refused'; status: number; message: string }
  /** 5xx, the rate limit, or no answer at all. */
  | { kind: 'transient'; status: number; message: string };

export type CallResult<T> = { kind: 'ok'; value: T } | CallFailure;

/** What to create. */
export interface NewSubscription {
  type: string;
  version: string;
  condition: Readonly<Record<string, string>>;
  sessionId: string;
}

/** The subscriptions endpoint with the token of the moment; a 401 renews it once. Nothing here rejects. */
export interface SubscriptionsClient {
  create(wanted: NewSubscription, signal: AbortSignal): Promise<CallResult<ListedSubscription | null>>;
  /** Every subscription of this client id with the signed-in user in its condition, as all of ours have; all pages. */
  list(signal: AbortSignal): Promise<CallResult<ListedSubscription[]>>;
  /** A subscription that is not there (404) counts as deleted. */
  remove(id: string, signal: AbortSignal): Promise<CallResult<null>>;
}

/** Leaves room for a second try within the 10 s that Twitch gives for the first subscription. */
const CALL_TIMEOUT_MS = 4500;

/** A longer answer is an error; a page holds at most some hundred subscriptions. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** More pages than this are no list but a loop. */
const MAX_PAGES = 200;

/** Servers without accounts take any client id, but want one. */
const PLACEHOLDER = 'eventsub-live';

type Call = Pick<HttpRequest, 'method' | 'url' | 'signal'> & { body?: unknown };

/** Makes a client of one subscriptions URL. */
export function createSubscriptionsClient(options: {
  url: string;
  send: Send;
  identity: () => ManagerIdentity | null;
  logger: Logger;
}): SubscriptionsClient {
  const { url, logger } = options;
  const renewals = new Map<string, Promise<string | null>>();

  const renew = async (identity: ManagerIdentity, refused: string): Promise<string | null> => {
    // Eight types are refused at once; a refresh token can be spent only once.
    const current = await identity.getAccessToken();
    if (current !== null && current !== refused) return current;
    const underWay = renewals.get(refused);
    if (underWay) return underWay;
    const renewal = (identity.renewAccessToken?.(refused) ?? Promise.resolve(null)).finally(() =>
      renewals.delete(refused),
    );
    renewals.set(refused, renewal);
    return renewal;
  };

  const exchange = (
    identity: ManagerIdentity,
    token: string,
    { body, ...request }: Call,
  ): Promise<HttpResponse> =>
    options.send({
      ...request,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: CALL_TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${token || PLACEHOLDER}`,
        'Client-Id': identity.clientId || PLACEHOLDER,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
    });

  /** The answer with a token that was not refused, or why there is none. */
  const call = async (request: Call): Promise<CallResult<HttpResponse>> => {
    try {
      const identity = options.identity();
      const token = (await identity?.getAccessToken()) ?? null;
      if (!identity || token === null) return { kind: 'noToken' };
      let answer = await exchange(identity, token, request);
      if (answer.status === 401) {
        const renewed = await renew(identity, token);
        if (renewed === null) return { kind: 'unauthorized', message: messageOf(answer) };
        answer = await exchange(identity, renewed, request);
      }
      return answer.status >= 200 && answer.status < 300
        ? { kind: 'ok', value: answer }
        : classifyAnswer(answer);
    } catch (error: unknown) {
      const message = error instanceof Error ? error.message : 'The request failed.';
      logger.debug(`subscriptions: ${request.method} failed: ${message}`);
      return { kind: 'transient', status: 0, message };
    }
  };

  return {
    create: async ({ type, version, condition, sessionId }, signal) => {
      const transport = { method: 'websocket', session_id: sessionId };
      const result = await call({
        method: 'POST',
        url,
        body: { type, version, condition, transport },
        signal,
      });
      return result.kind === 'ok' ? readCreated(result.value) : result;
    },
    list: async signal => {
      const found: ListedSubscription[] = [];
      // Twitch takes exactly one filter; this one covers whatever we ever create.
      const userId = options.identity()?.userId || null;
      const filtered = withQuery(url, 'user_id', userId);
      const seen = new Set<string>();
      let cursor: string | null = null;
      for (let page = 0; page < MAX_PAGES; page++) {
        const result = await call({ method: 'GET', url: withQuery(filtered, 'after', cursor), signal });
        if (result.kind !== 'ok') return result;
        const list = listSchema.safeParse(parse(result.value.body));
        if (!list.success)
          return { kind: 'refused', status: result.value.status, message: 'It is not a list.' };
        for (const row of list.data.data) {
          const subscription = subscriptionSchema.safeParse(row);
          if (subscription.success) found.push(toListed(subscription.data));
        }
        const next: string | null = list.data.pagination?.cursor || null;
        if (next === null || seen.has(next)) break;
        seen.add(next);
        cursor = next;
      }
      return { kind: 'ok', value: found };
    },
    remove: async (id, signal) => {
      const result = await call({ method: 'DELETE', url: withQuery(url, 'id', id), signal });
      if (result.kind === 'ok' || (result.kind === 'refused' && result.status === 404)) {
        return { kind: 'ok', value: null };
      }
      return result;
    },
  };
}

/** What a success says. Empty, or JSON without a subscription, is taken for one without an id. */
function readCreated({ status, body }: HttpResponse): CallResult<ListedSubscription | null> {
  if (body.trim() === '') return { kind: 'ok', value: null };
  const json = parse(body);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    // As a proxy answers in the place of the server.
    return { kind: 'transient', status, message: 'The answer is not one of the subscriptions endpoint.' };
  }
  const created = createdSchema.safeParse(json);
  const first = created.success ? created.data.data[0] : undefined;
  if (!first) return { kind: 'ok', value: null };
  if (first.status === 'enabled') return { kind: 'ok', value: toListed(first) };
  return {
    kind: 'refused',
    status,
    message: `It was created with the status ${first.status.slice(0, 100)}.`,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Whoever reads it sees that it is nothing.
    return null;
  }
}

function withQuery(url: string, name: string, value: string | null): string {
  if (value === null) return url;
  const result = new URL(url);
  result.searchParams.set(name, value);
  return result.href;
}

/** What an answer outside 2xx means (TWITCH.md 1.5). */
function classifyAnswer(answer: HttpResponse): CallFailure {
  const { status } = answer;
  const message = messageOf(answer);
  if (status === 401) return { kind: 'unauthorized', message };
  if (status === 400 && isSessionGone(message)) return { kind: 'sessionGone', message };
  // Not the rate limit, except where its own headers say so (twitchdev/issues#958).
  if (status === 429 && answer.headers['ratelimit-remaining'] === '0') {
    return { kind: 'transient', status, message };
  }
  if (status === 409 || status === 429) return { kind: 'conflict', status, message };
  return status >= 500 || status === 408 || status === 425
    ? { kind: 'transient', status, message }
    : { kind: 'refused', status, message };
}

/** Twitch's wording, and that of the `twitch` CLI's mock server. */
function isSessionGone(message: string): boolean {
  return (
    /session does not exist|already disconnected|session.*disconnected/i.test(message) ||
    /non-existent session/i.test(message)
  );
}

function messageOf(answer: HttpResponse): string {
  const parsed = errorSchema.safeParse(parse(answer.body));
  return parsed.success && parsed.data.message !== ''
    ? parsed.data.message.slice(0, 300)
    : `HTTP ${answer.status}`;
}

function toListed(row: ReturnType<typeof subscriptionSchema.parse>): ListedSubscription {
  const { transport } = row;
  return {
    id: row.id,
    status: row.status,
    type: row.type,
    condition: row.condition ?? {},
    cost: row.cost ?? 0,
    createdAt: row.created_at ?? '',
    method: transport?.method ?? 'websocket',
    sessionId: transport?.session_id ?? null,
    connectedAt: transport?.connected_at || null,
    isDisconnected: Boolean(transport?.disconnected_at),
  };
}
