import {
  ServiceError,
  type AccountStatus,
  type CredentialStore,
  type Credentials,
  type JobStatus,
  type Logger,
  type TokenSet,
} from '../../shared/service';
import { pause } from '../alarm';
import { SYSTEM_CLOCK, type Clock } from '../clock';
import { createHttpTransport, type Send } from '../http-send';
import type { AccountPort, ServerEndpoints } from '../twitch-ports';
import { runDeviceSignIn } from './device-sign-in';
import { createOAuthClient, type OAuthClient } from './oauth-client';
import { TokenKeeper } from './token-keeper';
import { checkDeviceTokens, checkPastedToken, cleanPastedToken } from './token-sign-in';
import { TokenWatch } from './token-watch';

/** Something about the account that a person should be told, once per `id`. */
export interface AccountNotice {
  id: 'renewalUnclear' | 'renewalRefused' | 'notSaved';
  message: string;
}

/** What an account is made of. */
export interface AccountOptions {
  endpoints: ServerEndpoints;
  /** `store` resolves only when the set is kept here and, in the leading window, in every other window. */
  store: CredentialStore;
  logger: Logger;
  clock?: Clock;
  /** As `Math.random`: decides how long a retry waits. */
  random?: () => number;
  /** Called with the complete status after each change. */
  onChange: (status: AccountStatus) => void;
  /** Called when something went wrong that does not (yet) end the sign-in. */
  onNotice?: (notice: AccountNotice) => void;
  /** In the place of the network, for tests. */
  send?: Send;
}

/** The account of one server; see `AccountPort`. */
export interface Account extends AccountPort {
  getStatus(): AccountStatus;
  /** Asks the server now whether the token is valid and what it grants, e.g. after Helix missed a scope. */
  validateNow(): Promise<void>;
  /** Resolves when no change of the tokens is half way; await it before the process ends. */
  settled(): Promise<void>;
}

/** Makes the account of one server. It does nothing until `start`. */
export function createAccount(options: AccountOptions): Account {
  return new ServerAccount(options);
}

/** How long a sign-out may wait for the server to take a token back. */
const REVOKE_PATIENCE_MS = 3000;

class ServerAccount implements Account {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #issuer: string;
  readonly #keeper: TokenKeeper;
  /** Null where the server has no OAuth: tokens are taken as they are. */
  readonly #oauth: OAuthClient | null;
  readonly #watch: TokenWatch;
  /** The check that was begun last, and the one that waits for its end. */
  readonly #checks: { last: Promise<void>; next: Promise<void> | null } = {
    last: Promise.resolve(),
    next: null,
  };
  /** Ends sign-ins that are under way. */
  #signIns = new AbortController();

  constructor(options: AccountOptions) {
    const { endpoints, logger, clock = SYSTEM_CLOCK, random = Math.random } = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#issuer = endpoints.issuer;
    this.#keeper = new TokenKeeper(endpoints.issuer, options.store);
    const send = options.send ?? createHttpTransport({ clock, isKeptAlive: false }).send;
    this.#oauth = endpoints.authUrl === null ? null : createOAuthClient(endpoints.authUrl, send);
    this.#watch = new TokenWatch({
      oauth: this.#oauth,
      keeper: this.#keeper,
      clock,
      logger,
      random,
      onChange: options.onChange,
      onNotice: options.onNotice ?? (() => undefined),
    });
  }

  getStatus(): AccountStatus {
    return this.#watch.status;
  }

  getCredentials(): Credentials | null {
    return this.#keeper.current;
  }

  getTokens(): TokenSet | null {
    return this.#keeper.tokens;
  }

  async start(): Promise<void> {
    try {
      await this.#keeper.exclusively(() => this.#keeper.reload());
    } catch (error: unknown) {
      this.#logger.error('The stored sign-in cannot be read.', describe(error));
    }
    await this.#watch.begin();
  }

  async adopt(credentials: Credentials): Promise<void> {
    const isNewer = await this.#keeper.exclusively(() => this.#keeper.adopt(credentials));
    if (!isNewer) return;
    this.#logger.info(`Tokens of generation ${credentials.generation} came from another window.`);
    this.#watch.cancelRenewal();
    await this.#watch.begin();
  }

  getAccessToken(): Promise<string | null> {
    return this.#watch.getAccessToken();
  }

  renewAccessToken(refused: string): Promise<string | null> {
    return this.#watch.renewAccessToken(refused);
  }

  validateNow(): Promise<void> {
    // What is asked for while a check is under way may be newer than its answer: one more serves them all.
    const begin = (): Promise<void> => {
      this.#checks.next = null;
      return (this.#checks.last = this.#watch.check());
    };
    return (this.#checks.next ??= this.#checks.last.then(begin, begin));
  }

  async signInWithDevice(options: {
    clientId: string;
    scopes: readonly string[];
    report: (state: JobStatus['state']) => void;
    signal: AbortSignal;
  }): Promise<void> {
    const oauth = this.#oauth;
    if (!oauth) {
      throw new ServiceError('notAvailable', 'This server offers no sign-in; use an access token instead.');
    }
    const clientId = options.clientId.trim();
    if (clientId === '') throw new ServiceError('noClientId', 'A client id is needed before signing in.');
    const signal = AbortSignal.any([options.signal, this.#signIns.signal]);
    const answer = await runDeviceSignIn({
      oauth,
      clock: this.#clock,
      logger: this.#logger,
      issuer: this.#issuer,
      clientId,
      scopes: options.scopes,
      report: options.report,
      signal,
    });
    try {
      const now = (): number => this.#clock.now();
      await this.#commit(await checkDeviceTokens(oauth, clientId, answer, now, signal), signal);
    } catch (error: unknown) {
      void this.#revoke(clientId, answer.access_token);
      throw error;
    }
  }

  async signInWithToken(
    clientId: string,
    accessToken: string,
    owner?: { userId: string; login: string },
  ): Promise<void> {
    const token = cleanPastedToken(accessToken);
    const id = clientId.trim();
    const { signal } = this.#signIns;
    if (this.#oauth) {
      const set = await checkPastedToken(this.#oauth, id, token, () => this.#clock.now(), signal);
      await this.#commit(set, signal);
      return;
    }
    if (id === '') throw new ServiceError('noClientId', 'A client id is needed before signing in.');
    if (!owner || owner.userId === '') {
      throw new ServiceError(
        'badRequest',
        'This server cannot say whom the token belongs to: set eventsub.channel to the id of the user.',
      );
    }
    await this.#commit(
      {
        clientId: id,
        accessToken: token,
        refreshToken: null,
        userId: owner.userId,
        login: owner.login,
        scopes: [],
        expiresAt: null,
      },
      signal,
    );
  }

  async signOut(): Promise<void> {
    this.#signIns.abort();
    this.#signIns = new AbortController();
    this.#watch.cancelRenewal();
    const tokens = await this.#keeper.exclusively(async () => {
      const before = this.#keeper.tokens;
      try {
        await this.#keeper.replace(null);
      } catch (error: unknown) {
        this.#logger.error('The tokens cannot be deleted from the store.', describe(error));
        this.#keeper.replaceUnsaved(null);
      }
      return before;
    });
    await this.#watch.begin();
    if (tokens) await this.#revoke(tokens.clientId, tokens.accessToken);
  }

  async settled(): Promise<void> {
    await this.#keeper.settled();
  }

  dispose(): void {
    this.#signIns.abort();
    this.#watch.dispose();
  }

  /** Stores a new sign-in and begins to watch over it; undoes it if it was cancelled meanwhile. */
  async #commit(tokens: TokenSet, signal: AbortSignal): Promise<void> {
    this.#watch.cancelRenewal();
    await this.#keeper.exclusively(async () => {
      throwIfCancelled(signal);
      const before = this.#keeper.tokens;
      try {
        await this.#keeper.reload();
        await this.#keeper.replace(tokens);
      } catch (error: unknown) {
        throw new ServiceError('storage', `The sign-in could not be stored: ${describe(error)}`);
      }
      if (!signal.aborted) return;
      await this.#keeper.replace(before);
      throwIfCancelled(signal);
    });
    this.#watch.acceptChecked();
  }

  async #revoke(clientId: string, accessToken: string): Promise<void> {
    if (!this.#oauth) return;
    const over = new AbortController();
    const patience = pause(this.#clock, REVOKE_PATIENCE_MS, over.signal).then(() => false);
    const isRevoked = await Promise.race([this.#oauth.revoke(clientId, accessToken, over.signal), patience]);
    over.abort();
    if (!isRevoked) this.#logger.info('The server did not confirm that it took the token back.');
  }
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new ServiceError('cancelled', 'Sign-in was cancelled.');
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
