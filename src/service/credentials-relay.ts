import { setTimeout as delay } from 'node:timers/promises';
import type { Credentials, CredentialStore, Logger } from '../shared/service';

/** The other windows, as far as tokens go. */
export interface CredentialPeers {
  storeEverywhere(credentials: Credentials): Promise<void>;
  loadEverywhere(issuer: string): Promise<Credentials[]>;
}

/** Keeps one window's tokens, and knows the newest set that it ever saw. */
export interface CredentialVault extends CredentialStore {
  /** The newest set known without asking; null if there is none yet. */
  peek(issuer: string): Credentials | null;
}

/** Joins a window's own store with its memory: a store that forgets or fails does not bring an older set back. */
export function createCredentialVault(store: CredentialStore): CredentialVault {
  const known = new Map<string, Credentials>();
  const remember = (credentials: Credentials | null): void => {
    if (!credentials) return;
    const current = known.get(credentials.issuer);
    if (!current || credentials.generation > current.generation) known.set(credentials.issuer, credentials);
  };
  return {
    peek: issuer => known.get(issuer) ?? null,
    load: async issuer => {
      remember(await store.load(issuer));
      return known.get(issuer) ?? null;
    },
    store: async credentials => {
      const current = known.get(credentials.issuer);
      if (current && current.generation > credentials.generation) return;
      remember(credentials);
      await store.store(credentials);
    },
  };
}

export interface CredentialRelayOptions {
  vault: CredentialVault;
  peers: CredentialPeers;
  /** How long the other windows have to come and show what they hold, before anything is spent. */
  graceMs: number;
  logger: Logger;
}

/** The leading window's store: what it keeps is kept in every window before it is used. */
export function createCredentialRelay(options: CredentialRelayOptions): CredentialStore {
  const { vault, peers, graceMs, logger } = options;
  const grace = delay(graceMs, undefined, { ref: false });

  return {
    load: async issuer => {
      await grace;
      const own = await vault.load(issuer);
      const others = await peers.loadEverywhere(issuer);
      const newest = others.reduce<Credentials | null>(
        (best, next) => (best && best.generation >= next.generation ? best : next),
        own,
      );
      if (newest && newest !== own) {
        logger.info(`Another window held newer tokens (generation ${newest.generation}).`);
        await vault.store(newest);
      }
      return newest;
    },
    store: async credentials => {
      const stored = await Promise.allSettled([vault.store(credentials), peers.storeEverywhere(credentials)]);
      for (const result of stored) if (result.status === 'rejected') throw result.reason;
    },
  };
}
