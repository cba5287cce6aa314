import type { Logger, TokenSet } from '../../shared/service';
import { pause } from '../alarm';
import type { Clock } from '../clock';
import type { ValidatedToken } from '../twitch-ports';
import { grantedScopes, type OAuthClient, type Renewal, type Validation } from './oauth-client';
import type { TokenKeeper } from './token-keeper';

/** What became of a renewal; the tokens themselves are in the keeper. */
export type RenewalOutcome =
  /** There is a newer access token: from the server, or another window had one. */
  | { kind: 'renewed' }
  /** The access token is good for longer than was thought; nothing was spent. */
  | { kind: 'stillValid'; token: ValidatedToken }
  /** The server says that the sign-in is over. */
  | { kind: 'invalid'; message: string }
  /** No new token, and the refresh token must not be used again; `isAccessValid`: the old access token still works. */
  | { kind: 'spent'; why: 'unclear' | 'refused'; message: string; isAccessValid: boolean }
  /** It was cancelled, or there is nothing to renew with. */
  | { kind: 'nothing' };

export interface RenewalParts {
  oauth: OAuthClient;
  keeper: TokenKeeper;
  clock: Clock;
  logger: Logger;
  random: () => number;
  signal: AbortSignal;
  /** Whether a token that the server calls valid must be renewed nonetheless. */
  shouldRenew: (token: ValidatedToken) => boolean;
  /** Called when the new set could not be stored and is used all the same. */
  onNotSaved: () => void;
}

const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 30_000;
const STORE_ATTEMPTS = 3;
const STORE_BACKOFF_MS = 500;

/** Whether a set can be renewed: it has a refresh token that was never sent. */
export function isRenewable(tokens: TokenSet | null): boolean {
  return tokens !== null && tokens.refreshToken !== null && tokens.refreshSpentAt === undefined;
}

/**
 * Renews the tokens once (TWITCH.md 2.2). It goes on trying as long as it is certain that the refresh token was not
 * spent, and sends no refresh token a second time that might have been.
 */
export async function renewTokens(parts: RenewalParts): Promise<RenewalOutcome> {
  const { keeper, clock, logger, random, signal } = parts;
  for (let attempt = 0; ; attempt++) {
    if (attempt > 0) {
      const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
      await pause(clock, ceiling * (0.5 + random() / 2), signal);
    }
    const tokens = keeper.tokens;
    if (signal.aborted || !tokens || !isRenewable(tokens)) return { kind: 'nothing' };
    // Asked first: after sleep the network is often not there yet, and a refresh must not be tried into the void.
    const validation = await parts.oauth.validate(tokens.accessToken, signal);
    if (validation.kind === 'noAnswer') {
      logger.debug(`The renewal waits: ${validation.message}`);
      continue;
    }
    if (validation.kind === 'valid' && !parts.shouldRenew(validation.token)) {
      return { kind: 'stillValid', token: validation.token };
    }
    const outcome = await keeper.exclusively(() => spend(parts, tokens, validation));
    if (outcome) return outcome;
  }
}

/** One attempt, while nothing else may change the tokens. Null: try again later. */
async function spend(
  parts: RenewalParts,
  tokens: TokenSet,
  validation: Validation,
): Promise<RenewalOutcome | null> {
  const { keeper, clock, logger, oauth, signal } = parts;
  const { refreshToken } = tokens;
  if (signal.aborted || refreshToken === null) return { kind: 'nothing' };
  try {
    if ((await keeper.reload()) || keeper.tokens?.accessToken !== tokens.accessToken) {
      logger.info('Another window had newer tokens; they are used.');
      return keeper.tokens ? { kind: 'renewed' } : { kind: 'nothing' };
    }
    await keeper.replace({ ...tokens, refreshSpentAt: new Date(clock.now()).toISOString() });
  } catch (error: unknown) {
    logger.warn('Tokens cannot be stored, so the renewal waits.', describe(error));
    return null;
  }
  const renewal = await oauth.renew(tokens.clientId, refreshToken);
  if (renewal.kind === 'renewed') {
    await keep(parts, toTokenSet(tokens, renewal, clock.now()));
    logger.info('The access token was renewed.');
    return { kind: 'renewed' };
  }
  return judgeFailure(parts, tokens, renewal, validation);
}

async function judgeFailure(
  parts: RenewalParts,
  tokens: TokenSet,
  renewal: Exclude<Renewal, { kind: 'renewed' }>,
  validation: Validation,
): Promise<RenewalOutcome | null> {
  const { keeper, logger } = parts;
  if (renewal.kind === 'notSpent') {
    logger.debug(`The renewal waits: ${renewal.message}`);
    await keep(parts, tokens);
    return null;
  }
  if (renewal.kind === 'invalid') return { kind: 'invalid', message: renewal.message };
  const why = renewal.kind;
  if (why === 'unclear') {
    // Another window may have stored what the lost answer held, or a new sign-in.
    const hasNewer = await keeper.reload().catch((error: unknown) => {
      logger.warn('The stored tokens cannot be read.', describe(error));
      return false;
    });
    if (hasNewer) return keeper.tokens ? { kind: 'renewed' } : { kind: 'nothing' };
  }
  logger.warn(`The renewal failed (${why}): ${renewal.message}`);
  return { kind: 'spent', why, message: renewal.message, isAccessValid: validation.kind === 'valid' };
}

/** Stores a set, trying again for a moment; if that cannot be done it is used unsaved, which beats losing it. */
async function keep(parts: RenewalParts, tokens: TokenSet): Promise<void> {
  const { keeper, clock, logger } = parts;
  for (let attempt = 1; ; attempt++) {
    try {
      await keeper.replace(tokens);
      return;
    } catch (error: unknown) {
      logger.error('The renewed tokens cannot be stored.', describe(error));
      if (attempt === STORE_ATTEMPTS) break;
    }
    // Not cancellable: what is held here exists nowhere else.
    await pause(clock, STORE_BACKOFF_MS * attempt, new AbortController().signal);
  }
  keeper.replaceUnsaved(tokens);
  parts.onNotSaved();
}

function toTokenSet(old: TokenSet, renewal: Extract<Renewal, { kind: 'renewed' }>, nowMs: number): TokenSet {
  const { tokens } = renewal;
  const scopes = grantedScopes(tokens);
  return {
    clientId: old.clientId,
    accessToken: tokens.access_token,
    // Some servers say with an empty text that there is none.
    refreshToken: tokens.refresh_token || null,
    userId: old.userId,
    login: old.login,
    scopes: scopes.length > 0 ? scopes : old.scopes,
    expiresAt: expiryOf(tokens.expires_in, nowMs),
  };
}

/** The ISO instant at which something ends that lasts `seconds` from now; null where that is not known. */
export function expiryOf(seconds: number | null | undefined, nowMs: number): string | null {
  if (seconds === null || seconds === undefined || !(seconds > 0)) return null;
  return new Date(nowMs + Math.min(seconds, 10 * 365 * 86_400) * 1000).toISOString();
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
