import type * as z from 'zod/mini';
import type { SweepKind } from '../shared/data-service';
import type { Viewer } from '../shared/events';
import type { Disposable, Logger } from '../shared/service';
import { pause } from './alarm';
import { SYSTEM_CLOCK, type Clock } from './clock';
import { HelixError } from './helix-error';
import { HELIX_LISTS, parsePage, type HelixPage } from './helix-lists';
import { RateLimiter, type RateBucket } from './helix-rate';
import { helixErrorSchema, usersSchema } from './helix.external';
import { createHttpTransport, HttpError, type HttpResponse, type Send } from './http-send';
import type { AccessTokenSource, ServerEndpoints } from './twitch-ports';

/** What a Helix client is made of. */
export interface HelixOptions {
  endpoints: ServerEndpoints;
  /** The client id that the access token of the moment belongs to. */
  clientId: () => string;
  tokens: AccessTokenSource;
  logger: Logger;
  clock?: Clock;
  /** As `Math.random`: decides how long a retry waits. */
  random?: () => number;
  /** In the place of the network, for tests. */
  send?: Send;
}

/** Which part of a list is asked for. */
export interface PageQuery {
  channelId: string;
  /** The cursor of the page before; absent or null: the first page. */
  after?: string | null;
  /** Asks for these people only: one in the followers' list, else up to 100. */
  userIds?: readonly string[];
  signal: AbortSignal;
}

/** Twitch's Helix API as far as we need it. Rejections are `HelixError`s. */
export interface HelixClient extends Disposable {
  readPage(list: SweepKind, query: PageQuery): Promise<HelixPage>;
  /** A user by login or by id; null if there is none. */
  findUser(who: { login: string } | { id: string }, signal: AbortSignal): Promise<Viewer | null>;
  /** Null until the first answer. */
  getRateBucket(): RateBucket | null;
  /** The server's own time in milliseconds since 1970, from its `Date` headers; null until the first answer. */
  getServerTime(): number | null;
}

/** Makes a client of one server; `dispose` ends its connections and whatever is under way. */
export function createHelixClient(options: HelixOptions): HelixClient {
  return new HelixRequests(options);
}

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 2 * 1024 * 1024;
const PAGE_SIZE = 100;
/** Tries of one request that meets 5xx or a broken network, the first included. */
const MAX_TRIES = 4;
const MAX_RATE_LIMITED = 4;
const FIRST_BACKOFF_MS = 500;
/** A token that was refused is renewed once; the renewed one being refused as well is final. */
const MAX_RENEWALS = 1;

class HelixRequests implements HelixClient {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #send: Send;
  readonly #transport: Disposable;
  readonly #rate: RateLimiter;
  readonly #life = new AbortController();

  constructor(private readonly options: HelixOptions) {
    this.#root = (options.endpoints.helixUrl ?? '').replace(/\/+$/, '');
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#random = options.random ?? Math.random;
    const transport = createHttpTransport({ clock: this.#clock, isKeptAlive: true });
    this.#transport = transport;
    this.#send = options.send ?? transport.send;
    this.#rate = new RateLimiter(this.#clock);
  }

  async readPage(list: SweepKind, query: PageQuery): Promise<HelixPage> {
    const { path } = HELIX_LISTS[list];
    const search = new URLSearchParams({ broadcaster_id: query.channelId, first: String(PAGE_SIZE) });
    for (const userId of query.userIds ?? []) search.append('user_id', userId);
    if (query.after) search.set('after', query.after);
    const page = parsePage(list, await this.#get(path, search, query.signal));
    if (!page)
      throw new HelixError('malformed', `The answer for ${path} is not of the form that Twitch documents.`);
    return page;
  }

  async findUser(who: { login: string } | { id: string }, signal: AbortSignal): Promise<Viewer | null> {
    const json = await this.#get('users', new URLSearchParams({ ...who }), signal);
    const parsed = usersSchema.safeParse(json);
    if (!parsed.success)
      throw new HelixError('malformed', 'The answer for users is not of the documented form.');
    const user = parsed.data.data[0];
    return user ? { id: user.id, login: user.login, displayName: user.display_name ?? user.login } : null;
  }

  getRateBucket(): RateBucket | null {
    return this.#rate.bucket;
  }

  getServerTime(): number | null {
    return this.#rate.serverTime;
  }

  dispose(): void {
    this.#life.abort();
    this.#transport.dispose();
  }

  /** One GET with everything that makes it hold: token, rate bucket, retries. Answers the parsed JSON. */
  async #get(path: string, search: URLSearchParams, callerSignal: AbortSignal): Promise<unknown> {
    if (this.#root === '') throw new HelixError('notFound', 'This server has no Helix API.');
    const over = new AbortController();
    const end = (): void => over.abort();
    const signals = [callerSignal, this.#life.signal];
    for (const signal of signals) signal.addEventListener('abort', end, { once: true });
    if (signals.some(signal => signal.aborted)) end();
    try {
      return await this.#persist(path, search, over.signal);
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', end);
    }
  }

  async #persist(path: string, search: URLSearchParams, signal: AbortSignal): Promise<unknown> {
    const { tokens, logger } = this.options;
    let token = await this.#awaitToken(tokens.getAccessToken(), signal);
    if (token === null) throw new HelixError('signedOut', 'Nobody is signed in, or the sign-in has ended.');
    let renewals = 0;
    let rateLimited = 0;
    for (let tries = 1; ;) {
      await this.#awaitPoint(signal);
      const response = await this.#attempt(path, search, token, signal);
      if (response instanceof HttpError || response.status >= 500) {
        if (tries++ >= MAX_TRIES) throw toFailure(path, response);
        logger.debug(`Helix ${path} is tried again: ${describe(response)}`);
        const ceiling = FIRST_BACKOFF_MS * 2 ** (tries - 1);
        await this.#wait(ceiling * (0.5 + this.#random() / 2), signal);
        continue;
      }
      if (response.status === 429) {
        if (++rateLimited > MAX_RATE_LIMITED) throw toFailure(path, response);
        logger.info('The Helix rate limit is reached; waiting for the bucket to fill.');
        continue;
      }
      if (response.status === 401 && missingScope(response) === null && renewals < MAX_RENEWALS) {
        renewals++;
        token = await this.#awaitToken(tokens.renewAccessToken(token), signal);
        if (token === null) throw toFailure(path, response);
        continue;
      }
      if (response.status !== 200) throw toFailure(path, response);
      return parseJson(path, response.body);
    }
  }

  async #attempt(
    path: string,
    search: URLSearchParams,
    token: string,
    signal: AbortSignal,
  ): Promise<HttpResponse | HttpError> {
    try {
      const response = await this.#send({
        method: 'GET',
        url: `${this.#root}/${path}?${search.toString()}`,
        headers: {
          Authorization: `Bearer ${token}`,
          'Client-Id': this.options.clientId(),
          Accept: 'application/json',
        },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        signal,
      });
      this.#rate.learn(response.status, response.headers);
      return response;
    } catch (error: unknown) {
      if (!(error instanceof HttpError)) throw error;
      if (error.kind === 'cancelled' || signal.aborted) throw cancelled();
      if (error.kind === 'tooLarge') throw new HelixError('malformed', error.message);
      return error;
    }
  }

  /** Waits for a token, but not beyond the signal. */
  async #awaitToken(pending: Promise<string | null>, signal: AbortSignal): Promise<string | null> {
    let onAbort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(cancelled());
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([pending, aborted]);
    } catch (error: unknown) {
      if (error instanceof HelixError) throw error;
      throw new HelixError(
        'network',
        error instanceof Error ? error.message : 'There is no access token yet.',
      );
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #awaitPoint(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { waitMs } = this.#rate.take();
      if (waitMs <= 0) return;
      await this.#wait(waitMs, signal);
    }
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!(await pause(this.#clock, ms, signal))) throw cancelled();
  }
}

function cancelled(): HelixError {
  return new HelixError('cancelled', 'The request was cancelled.');
}

/** The scope that a refusal names, '' if it names none, null if it is about something else. */
function missingScope(response: HttpResponse): string | null {
  if (response.status !== 401 && response.status !== 403) return null;
  const message = readMessage(response.body);
  if (!/scope/i.test(message)) return null;
  return /[a-z]+:[a-z]+(?::[a-z_]+)*/.exec(message)?.[0] ?? '';
}

function toFailure(path: string, response: HttpResponse | HttpError): HelixError {
  if (response instanceof HttpError) return new HelixError('network', response.message);
  const { status } = response;
  const scope = missingScope(response);
  const said = readMessage(response.body);
  const message = `${path}: ${status}${said === '' ? '' : ` ${said}`}`;
  if (scope !== null) return new HelixError('missingScope', message, status, scope === '' ? null : scope);
  if (status >= 500) return new HelixError('server', message, status);
  switch (status) {
    case 400:
      return new HelixError('badRequest', message, status);
    case 401:
      return new HelixError('unauthorized', message, status);
    case 403:
      return new HelixError('forbidden', message, status);
    case 404:
      return new HelixError('notFound', message, status);
    case 429:
      return new HelixError('rateLimited', message, status);
    default:
      return new HelixError('malformed', message, status);
  }
}

function describe(response: HttpResponse | HttpError): string {
  return response instanceof HttpError ? response.message : String(response.status);
}

function readMessage(body: string): string {
  const parsed = tryParse(helixErrorSchema, body);
  return (parsed?.message ?? parsed?.error ?? '').slice(0, 200);
}

function parseJson(path: string, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error: unknown) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HelixError('malformed', `The answer for ${path} is not JSON.`);
  }
}

function tryParse<T>(schema: z.ZodMiniType<T>, body: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
