import { ServiceError, type AccountStatus, type Logger, type TokenSet } from '../../shared/service';
import { createAlarm, pause, type Alarm } from '../alarm';
import type { Clock } from '../clock';
import type { ValidatedToken } from '../twitch-ports';
import type { AccountNotice } from './account';
import type { OAuthClient } from './oauth-client';
import type { TokenKeeper } from './token-keeper';
import { expiryOf, isRenewable, renewTokens, type RenewalOutcome } from './token-renewal';

export interface TokenWatchOptions {
  oauth: OAuthClient | null;
  keeper: TokenKeeper;
  clock: Clock;
  logger: Logger;
  random: () => number;
  onChange: (status: AccountStatus) => void;
  onNotice: (notice: AccountNotice) => void;
}

/** Twitch wants each session's token validated at least hourly. */
const CHECK_EVERY_MS = 60 * 60_000;
const CHECK_AGAIN_MS = 5 * 60_000;
const FIRST_CHECK_AGAIN_MS = 2000;
const LONGEST_CHECK_AGAIN_MS = 60_000;
/** How long before its end an access token is renewed; a tenth of what is left where that is less. */
const RENEW_AHEAD_MS = 5 * 60_000;
/** An access token so young is not renewed again only because a server refused it. */
const YOUNG_MS = 60_000;
const EXPIRED_MARGIN_MS = 5000;
/** How long a caller waits for a renewal before it goes on with the old token, or hears that there is none. */
const TOKEN_PATIENCE_MS = 20_000;
const RENEWAL_PATIENCE_MS = 60_000;

/** Watches over the tokens of the keeper: validates, renews and tells what the account's status is. */
export class TokenWatch {
  status: AccountStatus = { kind: 'signedOut' };
  readonly #checkAlarm: Alarm;
  readonly #renewAlarm: Alarm;
  readonly #life = new AbortController();
  #renewing: { promise: Promise<void>; stop: AbortController } | null = null;
  #failedChecks = 0;
  /** The access token that a server refused last: it is renewed even if it should be valid for longer. */
  #refused: string | null = null;
  #renewAheadMs = RENEW_AHEAD_MS;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: TokenWatchOptions) {
    this.#checkAlarm = createAlarm(options.clock);
    this.#renewAlarm = createAlarm(options.clock);
  }

  /** Begins again with whatever the keeper has now. Resolves after the first check, however it ends. */
  async begin(): Promise<void> {
    this.#clearAlarms();
    this.#failedChecks = 0;
    const { tokens } = this.options.keeper;
    if (!tokens) this.#setStatus({ kind: 'signedOut' });
    else if (!this.options.oauth) this.#setSignedIn(tokens);
    else {
      const { userId, login, scopes } = tokens;
      this.#setStatus({ kind: 'unverified', userId, login, scopes });
      await this.check();
    }
  }

  /** As `begin`, for a set that the server has just been asked about. */
  acceptChecked(): void {
    const { tokens } = this.options.keeper;
    if (tokens) this.#settle(tokens);
  }

  /** Asks the server about the access token, and acts on the answer. */
  async check(): Promise<void> {
    const { oauth, keeper, logger } = this.options;
    const { tokens } = keeper;
    if (!oauth || !tokens || this.status.kind === 'expired' || this.#isOver()) return;
    const validation = await oauth.validate(tokens.accessToken, this.#life.signal);
    if (this.#isOver() || keeper.tokens?.accessToken !== tokens.accessToken) return;
    switch (validation.kind) {
      case 'valid':
        this.#failedChecks = 0;
        await this.#apply(validation.token, tokens.accessToken);
        return;
      case 'invalid':
        this.#refused = tokens.accessToken;
        if (isRenewable(tokens)) await this.#within(this.#renew(), TOKEN_PATIENCE_MS);
        else this.#expire(this.#reasonFor(tokens, validation.message));
        return;
      case 'noAnswer': {
        logger.debug(`The token could not be checked: ${validation.message}`);
        const backoff = Math.min(LONGEST_CHECK_AGAIN_MS, FIRST_CHECK_AGAIN_MS * 2 ** this.#failedChecks++);
        const delayMs = this.status.kind === 'unverified' ? backoff : CHECK_AGAIN_MS;
        this.#checkAlarm.set(delayMs, () => this.#inBackground(this.check()));
      }
    }
  }

  async getAccessToken(): Promise<string | null> {
    const { keeper, clock } = this.options;
    if (this.#isDead()) return null;
    const expiresAt = keeper.tokens?.expiresAt ?? null;
    const isExpired = expiresAt !== null && Date.parse(expiresAt) - clock.now() < EXPIRED_MARGIN_MS;
    const isKnownBad = this.#refused !== null && this.#refused === keeper.tokens?.accessToken;
    if ((isExpired || isKnownBad) && this.options.oauth && isRenewable(keeper.tokens)) {
      await this.#within(this.#renew(), TOKEN_PATIENCE_MS);
    }
    return this.#isDead() ? null : (keeper.tokens?.accessToken ?? null);
  }

  /** As `AccessTokenSource.renewAccessToken`; rejects with `offline` where no answer came in a minute. */
  async renewAccessToken(refused: string): Promise<string | null> {
    const { keeper, oauth, logger } = this.options;
    const { tokens } = keeper;
    if (!tokens || this.#isDead()) return null;
    if (tokens.accessToken !== refused) return tokens.accessToken;
    if (!oauth) {
      this.#expire('The server refused the access token.');
      return null;
    }
    if (isRenewable(tokens)) {
      this.#refused = refused;
      const isDone = await this.#within(this.#renew(), RENEWAL_PATIENCE_MS);
      if (!isDone) throw new ServiceError('offline', 'The access token could not be renewed yet.');
    } else await this.check();
    const newer = this.#isDead() ? null : keeper.tokens;
    if (newer && newer.accessToken !== refused) return newer.accessToken;
    if (newer) logger.warn('A server refused the access token although it is valid.');
    return null;
  }

  /** Ends a renewal that waits; one whose refresh token is on its way is let finish. */
  cancelRenewal(): void {
    this.#renewing?.stop.abort();
    this.#renewing = null;
  }

  dispose(): void {
    this.#life.abort();
    this.cancelRenewal();
    this.#clearAlarms();
  }

  /** Renews, or joins the renewal that is under way. Never rejects. */
  #renew(): Promise<void> {
    if (this.#renewing) return this.#renewing.promise;
    const stop = new AbortController();
    const renewing = { stop, promise: Promise.resolve() };
    renewing.promise = this.#runRenewal(stop.signal).finally(() => {
      if (this.#renewing === renewing) this.#renewing = null;
    });
    this.#renewing = renewing;
    return renewing.promise;
  }

  async #runRenewal(signal: AbortSignal): Promise<void> {
    const { oauth, keeper, clock, logger, random } = this.options;
    if (!oauth) return;
    const onNotSaved = (): void =>
      this.options.onNotice({
        id: 'notSaved',
        message: 'The renewed sign-in could not be stored: after a restart you may have to sign in again.',
      });
    const shouldRenew = (token: ValidatedToken): boolean => this.#shouldRenew(token);
    try {
      const parts = { oauth, keeper, clock, logger, random, signal, shouldRenew, onNotSaved };
      const outcome = await renewTokens(parts);
      if (!signal.aborted) await this.#conclude(outcome);
    } catch (error: unknown) {
      logger.error('The renewal of the access token failed.', error);
      if (!this.#isOver()) this.#checkAlarm.set(CHECK_AGAIN_MS, () => this.#inBackground(this.check()));
    }
  }

  #shouldRenew(token: ValidatedToken): boolean {
    const { keeper, clock } = this.options;
    if (this.#refused === keeper.tokens?.accessToken) {
      return clock.monotonic() - this.#renewedAt > YOUNG_MS;
    }
    return token.expiresIn !== null && token.expiresIn * 1000 <= this.#renewAheadMs + 30_000;
  }

  async #conclude(outcome: RenewalOutcome): Promise<void> {
    const { keeper, clock, onNotice } = this.options;
    const { tokens } = keeper;
    if (!tokens) return;
    switch (outcome.kind) {
      case 'renewed':
        this.#renewedAt = clock.monotonic();
        this.#settle(tokens);
        return;
      case 'stillValid':
        await this.#apply(outcome.token, tokens.accessToken);
        return;
      case 'invalid':
        this.#expire(outcome.message);
        return;
      case 'spent': {
        const message =
          outcome.why === 'unclear'
            ? `The answer to the renewal of the sign-in was lost (${outcome.message}). It is not tried again, ` +
              'because that could end every sign-in of this app.'
            : `The server refuses to renew the sign-in (${outcome.message}). Is the app's client type Public?`;
        if (!outcome.isAccessValid) {
          this.#expire(message);
          return;
        }
        this.#settle(tokens);
        onNotice({ id: outcome.why === 'unclear' ? 'renewalUnclear' : 'renewalRefused', message });
        return;
      }
      case 'nothing':
        return;
    }
  }

  /** Takes over what the server says of the access token. */
  async #apply(token: ValidatedToken, accessToken: string): Promise<void> {
    const { keeper, clock, logger, onNotice } = this.options;
    if (keeper.tokens && token.clientId !== keeper.tokens.clientId) {
      this.#expire('The access token belongs to another client id.');
      return;
    }
    await keeper.exclusively(async () => {
      const { tokens } = keeper;
      if (tokens?.accessToken !== accessToken) return;
      const { userId, login, scopes } = token;
      const next = { ...tokens, userId, login, scopes, expiresAt: expiryOf(token.expiresIn, clock.now()) };
      if (!isChanged(tokens, next)) return;
      await keeper.replace(next).catch((error: unknown) => {
        logger.warn('What the server says of the token cannot be stored.', error);
        keeper.replaceUnsaved(next);
      });
    });
    const { tokens } = keeper;
    if (tokens?.accessToken !== accessToken || this.#isOver()) return;
    const isFirst = this.status.kind === 'unverified';
    this.#settle(tokens);
    if (isFirst && tokens.refreshSpentAt !== undefined) {
      onNotice({ id: 'renewalUnclear', message: this.#reasonFor(tokens, '') });
    }
  }

  /** The tokens are known to be good: says so, and sets the next check and renewal. */
  #settle(tokens: TokenSet): void {
    if (this.#isOver()) return;
    this.#setSignedIn(tokens);
    if (!this.options.oauth) return;
    this.#checkAlarm.set(CHECK_EVERY_MS, () => this.#inBackground(this.check()));
    this.#renewAlarm.clear();
    if (tokens.expiresAt === null) return;
    const leftMs = Math.max(0, Date.parse(tokens.expiresAt) - this.options.clock.now());
    this.#renewAheadMs = Math.min(RENEW_AHEAD_MS, leftMs / 10);
    if (isRenewable(tokens)) {
      const delayMs = Math.max(1000, leftMs - this.#renewAheadMs);
      this.#renewAlarm.set(delayMs, () => this.#inBackground(this.#renew()));
    } else this.#renewAlarm.set(leftMs + 1000, () => this.#inBackground(this.check()));
  }

  #setSignedIn(tokens: TokenSet): void {
    const { userId, login, scopes } = tokens;
    const canRefresh = this.options.oauth !== null && isRenewable(tokens);
    this.#setStatus({ kind: 'signedIn', userId, login, scopes, canRefresh });
  }

  #expire(reason: string): void {
    if (this.#isOver()) return;
    this.#clearAlarms();
    this.options.logger.warn(`The sign-in has expired. ${reason}`);
    this.#setStatus({ kind: 'expired', login: this.options.keeper.tokens?.login ?? '', reason });
  }

  #reasonFor(tokens: TokenSet, message: string): string {
    if (tokens.refreshSpentAt === undefined) return `The server says that the token is not valid: ${message}`;
    return 'The last renewal of the sign-in was cut off before its answer was stored. Sign in again.';
  }

  #setStatus(status: AccountStatus): void {
    if (this.#isOver() || JSON.stringify(status) === JSON.stringify(this.status)) return;
    this.status = status;
    this.options.onChange(status);
  }

  /** Waits for something that never rejects, but no longer than `patienceMs`. Answers whether it is done. */
  async #within(work: Promise<void>, patienceMs: number): Promise<boolean> {
    const over = new AbortController();
    const timeout = pause(this.options.clock, patienceMs, over.signal).then(hasWaited => !hasWaited);
    const isDone = await Promise.race([work.then(() => true), timeout]);
    over.abort();
    return isDone;
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.options.logger.error('A check of the sign-in failed.', error));
  }

  #isDead(): boolean {
    return this.status.kind === 'expired' || this.status.kind === 'signedOut';
  }

  #isOver(): boolean {
    return this.#life.signal.aborted;
  }

  #clearAlarms(): void {
    this.#checkAlarm.clear();
    this.#renewAlarm.clear();
  }
}

function isChanged(old: TokenSet, next: TokenSet): boolean {
  const drift = Math.abs(Date.parse(old.expiresAt ?? '') - Date.parse(next.expiresAt ?? ''));
  const hasMoved =
    old.expiresAt === null || next.expiresAt === null ? old.expiresAt !== next.expiresAt : drift > 60_000;
  const identity = ({ userId, login, scopes }: TokenSet): string => JSON.stringify([userId, login, scopes]);
  return hasMoved || identity(old) !== identity(next);
}
