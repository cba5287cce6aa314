import { randomBytes } from 'node:crypto';
import type { TokenSet } from '../shared/service';
import type { SimulatedUser } from './people';

/** What an access token allows. `user` is null for an app's own token. */
export interface Grant {
  accessToken: string;
  clientId: string;
  user: SimulatedUser | null;
  scopes: string[];
  expiresAtMs: number;
}

interface RefreshToken {
  clientId: string;
  user: SimulatedUser;
  scopes: string[];
  expiresAtMs: number;
  isSpent: boolean;
}

/** A new pair of tokens, in the form in which the token endpoint answers. */
export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
  scopes: string[];
  expiresInSeconds: number;
}

const REFRESH_LIFE_MS = 30 * 24 * 3_600_000;
const APP_TOKEN_SECONDS = 5_184_000;

/** Every token that was issued, and what became of it (TWITCH.md 2.1 to 2.3). */
export class TokenStore {
  readonly #now: () => number;
  readonly #lifeSeconds: number;
  /** Called when a person's connection to an app ends, or loses a scope. */
  readonly #onRevoked: (clientId: string, userId: string, scope: string | null) => void;
  readonly #grants = new Map<string, Grant>();
  readonly #refreshTokens = new Map<string, RefreshToken>();

  constructor(options: {
    now: () => number;
    accessTokenSeconds: number;
    onRevoked: (clientId: string, userId: string, scope: string | null) => void;
  }) {
    this.#now = options.now;
    this.#lifeSeconds = options.accessTokenSeconds;
    this.#onRevoked = options.onRevoked;
  }

  issue(clientId: string, user: SimulatedUser, scopes: readonly string[]): IssuedTokens {
    const accessToken = newToken(30);
    const refreshToken = newToken(50);
    const expiresAtMs = this.#now() + this.#lifeSeconds * 1000;
    this.#grants.set(accessToken, { accessToken, clientId, user, scopes: [...scopes], expiresAtMs });
    this.#refreshTokens.set(refreshToken, {
      clientId,
      user,
      scopes: [...scopes],
      expiresAtMs: this.#now() + REFRESH_LIFE_MS,
      isSpent: false,
    });
    return { accessToken, refreshToken, scopes: [...scopes], expiresInSeconds: this.#lifeSeconds };
  }

  issueAppToken(clientId: string): string {
    const accessToken = newToken(30);
    const expiresAtMs = this.#now() + APP_TOKEN_SECONDS * 1000;
    this.#grants.set(accessToken, { accessToken, clientId, user: null, scopes: [], expiresAtMs });
    return accessToken;
  }

  /** Null: unknown, expired or revoked. */
  find(accessToken: string): Grant | null {
    const grant = this.#grants.get(accessToken);
    return grant && grant.expiresAtMs > this.#now() ? grant : null;
  }

  /**
   * Spends a refresh token; null: it is not valid. A token that was spent before ends the whole connection
   * between the person and the app (twitchdev/issues#903).
   */
  refresh(clientId: string, refreshToken: string): IssuedTokens | null {
    const known = this.#refreshTokens.get(refreshToken);
    if (known?.clientId !== clientId) return null;
    if (known.isSpent) {
      this.disconnect(clientId, known.user.id);
      return null;
    }
    if (known.expiresAtMs <= this.#now()) return null;
    known.isSpent = true;
    return this.issue(clientId, known.user, known.scopes);
  }

  /** False: there is no such token of this client. */
  revoke(clientId: string, token: string): boolean {
    if (this.#grants.get(token)?.clientId === clientId) return this.#grants.delete(token);
    if (this.#refreshTokens.get(token)?.clientId === clientId) return this.#refreshTokens.delete(token);
    return false;
  }

  /** Ends every token of one person for one app, and their subscriptions. */
  disconnect(clientId: string, userId: string): void {
    const isOurs = (token: { clientId: string; user: SimulatedUser | null }): boolean =>
      token.clientId === clientId && token.user?.id === userId;
    for (const [key, grant] of this.#grants) if (isOurs(grant)) this.#grants.delete(key);
    for (const [key, token] of this.#refreshTokens) if (isOurs(token)) this.#refreshTokens.delete(key);
    this.#onRevoked(clientId, userId, null);
  }

  disconnectEveryone(): void {
    for (const { clientId, user } of [...this.#grants.values(), ...this.#refreshTokens.values()]) {
      if (user) this.disconnect(clientId, user.id);
    }
  }

  /** Makes the access tokens (or all) invalid as if their time had come. */
  invalidate(which: 'access' | 'all'): void {
    this.#grants.clear();
    if (which === 'all') this.#refreshTokens.clear();
  }

  /** Takes a scope away from every token. */
  withdrawScope(scope: string): void {
    const hit = new Map<string, [clientId: string, userId: string]>();
    for (const token of [...this.#grants.values(), ...this.#refreshTokens.values()]) {
      if (!token.user || !token.scopes.includes(scope)) continue;
      token.scopes = token.scopes.filter(other => other !== scope);
      hit.set(`${token.clientId} ${token.user.id}`, [token.clientId, token.user.id]);
    }
    for (const [clientId, userId] of hit.values()) this.#onRevoked(clientId, userId, scope);
  }
}

/** The product's form of a pair of tokens. `nowMs` is this machine's clock. */
export function toTokenSet(
  clientId: string,
  user: SimulatedUser,
  tokens: IssuedTokens,
  nowMs: number,
): TokenSet {
  return {
    clientId,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    userId: user.id,
    login: user.login,
    scopes: tokens.scopes,
    expiresAt: new Date(nowMs + tokens.expiresInSeconds * 1000).toISOString(),
  };
}

function newToken(length: number): string {
  return randomBytes(length).toString('base64url').toLowerCase().replaceAll(/[-_]/g, '0').slice(0, length);
}
