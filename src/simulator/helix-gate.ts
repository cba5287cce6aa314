import { refuse, type Answer, type SimulatorRequest } from './http-front';
import type { SimulatedUser } from './people';
import type { Grant, TokenStore } from './token-store';

/** What Helix knows of the caller: a person's token of an app. */
export interface Caller {
  clientId: string;
  user: SimulatedUser;
  scopes: readonly string[];
}

interface Bucket {
  points: number;
  atMs: number;
}

const MINUTE_MS = 60_000;

/**
 * Lets requests with a right token and client id through and counts their points: one bucket for each client
 * and user, refilled evenly (TWITCH.md 1.7, "Rate limit").
 */
export class HelixGate {
  readonly #deps: {
    tokens: TokenStore;
    /** For the bucket itself. */
    now: () => number;
    /** For `Ratelimit-Reset`. */
    serverNow: () => number;
    pointsPerMinute: number;
  };
  readonly #buckets = new Map<string, Bucket>();

  constructor(deps: {
    tokens: TokenStore;
    now: () => number;
    serverNow: () => number;
    pointsPerMinute: number;
  }) {
    this.#deps = deps;
  }

  /** An endpoint's handler that is called only for callers who pass; every answer carries the rate headers. */
  guard(
    handle: (request: SimulatorRequest, caller: Caller) => Answer,
  ): (request: SimulatorRequest) => Answer {
    return request => {
      const grant = this.#authenticate(request);
      if ('kind' in grant) return grant;
      const bucket = this.#takePoint(`${grant.clientId} ${grant.user?.id ?? ''}`);
      const headers = this.#headers(bucket);
      if (!bucket.isGranted) return { ...refuse(429, 'Too Many Requests'), headers };
      // None of our endpoints takes an app's own token (TWITCH.md 1.5, 1.7).
      const answer = grant.user
        ? handle(request, { clientId: grant.clientId, user: grant.user, scopes: grant.scopes })
        : refuseAppToken(request);
      return answer.kind === 'page' ? answer : { ...answer, headers };
    };
  }

  #authenticate(request: SimulatorRequest): Grant | (Answer & { kind: 'error' }) {
    const { authorization } = request.headers;
    const clientId = request.headers['client-id'];
    if (authorization === undefined) return refuse(401, 'OAuth token is missing');
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    const grant = token === undefined ? null : this.#deps.tokens.find(token);
    if (!grant) return refuse(401, 'Invalid OAuth token');
    if (clientId === undefined || clientId === '') return refuse(401, 'Client ID is missing');
    if (clientId !== grant.clientId) return refuse(401, 'Client ID and OAuth token do not match');
    return grant;
  }

  #takePoint(key: string): { points: number; isGranted: boolean } {
    const limit = this.#deps.pointsPerMinute;
    const nowMs = this.#deps.now();
    const bucket = this.#buckets.get(key) ?? { points: limit, atMs: nowMs };
    const refilled = Math.min(limit, bucket.points + ((nowMs - bucket.atMs) * limit) / MINUTE_MS);
    const isGranted = refilled >= 1;
    const points = isGranted ? refilled - 1 : refilled;
    this.#buckets.set(key, { points, atMs: nowMs });
    return { points, isGranted };
  }

  #headers({ points }: { points: number }): Record<string, string> {
    const limit = this.#deps.pointsPerMinute;
    const fullAtMs = this.#deps.serverNow() + ((limit - points) * MINUTE_MS) / limit;
    return {
      'Ratelimit-Limit': String(limit),
      'Ratelimit-Remaining': String(Math.floor(points)),
      'Ratelimit-Reset': String(Math.ceil(fullAtMs / 1000)),
    };
  }
}

function refuseAppToken(request: SimulatorRequest): Answer {
  return request.path.endsWith('/eventsub/subscriptions')
    ? refuse(400, 'invalid transport and auth combination')
    : refuse(401, 'Incorrect user authorization');
}

/**
 * What is wrong with a query's parameters, in Twitch's words; null: nothing. Those of `many` may be given up
 * to 100 times, those of `single` once, others not at all.
 */
export function findParameterProblem(
  query: URLSearchParams,
  single: readonly string[],
  many: readonly string[] = [],
): string | null {
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    if (!single.includes(name) && !many.includes(name)) return `Unknown query parameter "${name}"`;
    if (single.includes(name) && values.length > 1) {
      return `The parameter "${name}" may be specified only once`;
    }
    if (values.length > 100) return `The parameter "${name}" may be specified at most 100 times`;
    if (values.includes('')) return `The parameter "${name}" was malformed: the value must not be empty`;
  }
  return null;
}
