import {
  ServiceError,
  type AccountStatus,
  type CredentialStore,
  type Credentials,
  type Logger,
  type TokenSet,
} from '../shared/service';
import { createAccount, type Account } from '../twitch/auth/account';
import { createOAuthClient } from '../twitch/auth/oauth-client';
import { SYSTEM_CLOCK } from '../twitch/clock';
import { createHttpTransport } from '../twitch/http-send';
import type { ServerEndpoints } from '../twitch/twitch-ports';
import type { NoticeList } from './problem-list';

export interface AccountPartOptions {
  endpoints: ServerEndpoints;
  store: CredentialStore;
  logger: Logger;
  notices: NoticeList;
  onChange: () => void;
}

/** The account of one server with its notices. */
export interface AccountPart {
  readonly account: Account;
  /** Runs a sign-in; the tokens that it takes the place of are given back where they belonged to another person. */
  replacing(signIn: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const NOTICE_PREFIX = 'account.';
const SETTLE_MS = 3_000;
const REVOKE_MS = 5_000;

/** Makes the account of a server; `account.start()` is the caller's. */
export function openAccount(options: AccountPartOptions): AccountPart {
  const { endpoints, store, logger, notices } = options;
  const account = createAccount({
    endpoints,
    store,
    logger,
    onChange: status => {
      if (status.kind === 'signedIn') notices.clearAll(NOTICE_PREFIX);
      options.onChange();
    },
    onNotice: notice => {
      logger.warn(notice.message);
      notices.set({
        id: `${NOTICE_PREFIX}${notice.id}`,
        severity: 'warning',
        message: '{0}',
        args: [notice.message],
        action: notice.id === 'renewalRefused' ? 'signIn' : 'showLog',
      });
    },
  });

  const giveBack = async (tokens: TokenSet): Promise<void> => {
    if (endpoints.authUrl === null) return;
    const transport = createHttpTransport({ clock: SYSTEM_CLOCK, isKeptAlive: false });
    const isRevoked = await createOAuthClient(endpoints.authUrl, transport.send)
      .revoke(tokens.clientId, tokens.accessToken, AbortSignal.timeout(REVOKE_MS))
      .finally(() => transport.dispose());
    if (!isRevoked) logger.info('The server did not confirm that it took the earlier account’s token back.');
  };

  return {
    account,
    replacing: async signIn => {
      const before = account.getTokens();
      await signIn();
      const after = account.getTokens();
      // A pasted token is the person's own to keep; one that was issued to us is of no use to anyone else.
      if (before && before.refreshToken !== null && after && after.userId !== before.userId) {
        await giveBack(before);
      }
    },
    close: async () => {
      account.dispose();
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>(resolve => {
        timer = setTimeout(resolve, SETTLE_MS);
      });
      await Promise.race([account.settled(), patience]);
      clearTimeout(timer);
      notices.clearAll(NOTICE_PREFIX);
    },
  };
}

/** Keeps tokens for as long as this window leads: the simulator's are worth nothing afterwards. */
export function createMemoryStore(): CredentialStore {
  const kept = new Map<string, Credentials>();
  return {
    load: issuer => Promise.resolve(kept.get(issuer) ?? null),
    store: credentials => {
      kept.set(credentials.issuer, credentials);
      return Promise.resolve();
    },
  };
}

/** The account's scopes as the manager wants them; null where the server cannot say. */
export function scopesOf(status: AccountStatus, endpoints: ServerEndpoints): readonly string[] | null {
  if (endpoints.authUrl === null) return null;
  return status.kind === 'signedIn' || status.kind === 'unverified' ? status.scopes : null;
}

/** The client id to sign in with. Throws `noClientId`. */
export function requireClientId(clientId: string): string {
  if (clientId !== '') return clientId;
  throw new ServiceError(
    'noClientId',
    'Set eventsub.clientId first: the client id of an app registered at Twitch.',
  );
}
