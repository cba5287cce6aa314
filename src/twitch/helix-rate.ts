import type { Clock } from './clock';

/** The rate bucket as its headers told it. */
export interface RateBucket {
  /** Points that flow in a minute. */
  limit: number;
  /** Points that should be there now. */
  remaining: number;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const MINUTE_MS = 60_000;
/** Twitch's bucket is full again after a minute; a header that says more is wrong, or the clock is. */
const LONGEST_WAIT_MS = 65_000;
const SHORTEST_WAIT_MS = 1000;
/** The part of the bucket that is left for others with the same token, and for what has to be quick. */
const RESERVE = 0.1;

/**
 * Follows Twitch's token bucket from the `Ratelimit-*` headers. Times are measured by the server's own `Date` header
 * and the monotonic clock, so that a wrong wall clock makes nobody wait.
 */
export class RateLimiter {
  #limit: number | null = null;
  #remaining = 0;
  #at = 0;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #serverTime: { ms: number; at: number } | null = null;

  constructor(private readonly clock: Clock) {}

  /** What is in the bucket now; null until the server has told. */
  get bucket(): RateBucket | null {
    if (this.#limit === null) return null;
    const flowed = ((this.clock.monotonic() - this.#at) / MINUTE_MS) * this.#limit;
    return { limit: this.#limit, remaining: Math.min(this.#limit, this.#remaining + flowed) };
  }

  /** The server's time in milliseconds since 1970; null until it has told. */
  get serverTime(): number | null {
    return this.#serverTime && this.#serverTime.ms + (this.clock.monotonic() - this.#serverTime.at);
  }

  /** Takes a point for a request that is about to be sent, or says how many milliseconds to wait before asking again. */
  take(): { waitMs: number } {
    const blockedMs = this.#blockedUntil - this.clock.monotonic();
    if (blockedMs > 0) return { waitMs: blockedMs };
    const { bucket } = this;
    if (!bucket) return { waitMs: 0 };
    const needed = Math.min(bucket.limit, Math.max(1, Math.floor(bucket.limit * RESERVE)) + 1);
    if (bucket.limit > 1 && bucket.remaining < needed) {
      const waitMs = ((needed - bucket.remaining) / bucket.limit) * MINUTE_MS;
      return { waitMs: Math.min(LONGEST_WAIT_MS, Math.max(10, waitMs)) };
    }
    this.#remaining = bucket.remaining - 1;
    this.#at = this.clock.monotonic();
    return { waitMs: 0 };
  }

  /** Learns from an answer; a 429 blocks everything until the bucket is said to be full. */
  learn(status: number, headers: Headers): void {
    const now = this.clock.monotonic();
    const date = Date.parse(readHeader(headers, 'date') ?? '');
    // The header is cut to whole seconds; half a second is the better guess.
    if (Number.isFinite(date)) this.#serverTime = { ms: date + 500, at: now };
    const limit = readNumber(headers, 'ratelimit-limit');
    const remaining = readNumber(headers, 'ratelimit-remaining');
    if (limit !== null && limit > 0 && remaining !== null && remaining >= 0) {
      this.#limit = limit;
      this.#remaining = Math.min(limit, remaining);
      this.#at = now;
    }
    if (status === 429) this.#blockedUntil = now + this.#resetDelay(headers);
  }

  #resetDelay(headers: Headers): number {
    const reset = readNumber(headers, 'ratelimit-reset');
    const retryAfter = readNumber(headers, 'retry-after');
    const serverNow = this.serverTime ?? this.clock.now();
    const delayMs = reset !== null ? reset * 1000 - serverNow : (retryAfter ?? 10) * 1000;
    return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, delayMs));
  }
}

function readHeader(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function readNumber(headers: Headers, name: string): number | null {
  const text = readHeader(headers, name);
  if (text === null || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
