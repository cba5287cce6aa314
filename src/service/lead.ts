import type { Socket } from 'node:net';
import type { Credentials, EventSubService, Logger, ServicePushes } from '../shared/service';
import type { Settings } from '../shared/settings';
import { createCredentialRelay, type CredentialVault } from './credentials-relay';
import { createLeaderService } from './event-sub-service';
import type { LeaderServiceOptions } from './leader-contract';
import { createWindowHub } from './window-hub';

export interface LeadOptions extends Omit<LeaderServiceOptions, 'credentials'> {
  /** What a follower has to say first. */
  token: string;
  extensionVersion: string;
  vault: CredentialVault;
  /** How long windows that followed another leader have to come and show their tokens. */
  graceMs: number;
  focusedAtMs: number;
  observer: ServicePushes;
  onFocusedLast: (isOwn: boolean) => void;
  /** A window of a newer version wants the lead. */
  onYield: (version: string) => void;
  logger: Logger;
}

/** What the leading window runs for itself and for the others. */
export interface Lead {
  readonly service: EventSubService;
  /** Another window connected. */
  accept(socket: Socket): void;
  setSettings(settings: Settings): void;
  setFocused(atMs: number): void;
  /** See `LeaderService.dispose`. */
  dispose(isAbandoned: boolean): Promise<void>;
}

/** Puts together the service and the other windows' links to it. */
export function takeLead(options: LeadOptions): Lead {
  const { vault, logger, observer } = options;
  const adopt = (credentials: Credentials): void => {
    const known = vault.peek(credentials.issuer);
    // A window that was away may hold an older set: it is given ours.
    if (known && known.generation > credentials.generation) {
      hub
        .storeEverywhere(known)
        .catch((error: unknown) => logger.warn('Tokens could not be handed on.', error));
    } else if (!known || known.generation < credentials.generation) {
      vault
        .store(credentials)
        .catch((error: unknown) => logger.warn('Tokens of another window could not be kept.', error));
      service.adopt(credentials);
    }
  };
  const service = createLeaderService({
    ...options,
    credentials: createCredentialRelay({
      vault,
      peers: {
        storeEverywhere: credentials => hub.storeEverywhere(credentials),
        loadEverywhere: issuer => hub.loadEverywhere(issuer),
      },
      graceMs: options.graceMs,
      logger,
    }),
  });
  const hub = createWindowHub({
    ...options,
    service,
    onCredentials: adopt,
    onSettings: settings => service.setSettings(settings),
  });
  const listeners = [service.observe(observer), service.observe(hub)];
  void service.getStatus().then(status => {
    observer.statusChanged(status);
    hub.statusChanged(status);
  });

  return {
    service,
    accept: socket => hub.accept(socket),
    setSettings: settings => service.setSettings(settings),
    setFocused: atMs => hub.setOwnFocus(atMs),
    dispose: async isAbandoned => {
      await service.dispose(isAbandoned);
      for (const listener of listeners) listener.dispose();
      hub.dispose();
    },
  };
}
