import type { Viewer } from '../shared/events';
import type { SweepKind, SweepRow } from '../shared/data-service';
import type { Disposable, Logger } from '../shared/service';
import type { Clock } from './clock';
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
}

/** One page of a list. */
export interface HelixPage {
  rows: SweepRow[];
  /** Leads to the next page; null: this was the last. */
  cursor: string | null;
  /** As the server gave it; null where the list has none. */
  total: number | null;
}

/** The rate bucket as its headers told it. */
export interface RateBucket {
  /** Points that flow in a minute. */
  limit: number;
  /** Points that should be there now. */
  remaining: number;
}

/** Twitch's Helix API as far as we need it. Rejections are `HelixError`s. */
export interface HelixClient extends Disposable {
  /** One page of a list of a channel; `userIds` asks for those people only (followers: one, else up to 100). */
  readPage(
    list: SweepKind,
    query: { channelId: string; after?: string | null; userIds?: readonly string[]; signal: AbortSignal },
  ): Promise<HelixPage>;
  /** A user by login or by id; null if there is none. */
  findUser(who: { login: string } | { id: string }, signal: AbortSignal): Promise<Viewer | null>;
  /** Null until the first answer. */
  getRateBucket(): RateBucket | null;
  /** The server's own time in milliseconds since 1970, from its `Date` headers; null until the first answer. */
  getServerTime(): number | null;
}

/** Makes a client of one server; `dispose` ends its connections and whatever is under way. */
export function createHelixClient(options: HelixOptions): HelixClient {
  options.logger.debug('created');
  throw new Error('not there yet');
}
