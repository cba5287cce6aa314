import { CATALOGUE, type EventType } from '../shared/catalogue';
import type { NotificationInput, SweepRecorder } from '../shared/data-service';
import type { Logger, PollKind } from '../shared/service';
import type { SessionCounters, SessionState } from '../shared/session-state';
import type { Settings } from '../shared/settings';
import { createEventSubManager, type SessionMemory } from '../twitch/eventsub-manager';
import type { HelixClient } from '../twitch/helix-client';
import { createPoller } from '../twitch/poller';
import type { ManagerIdentity, PollerOptions, ServerEndpoints } from '../twitch/twitch-ports';
import type { StatusBoard } from './status-board';

export interface NetworkOptions {
  identity: ManagerIdentity;
  endpoints: ServerEndpoints;
  settings: Settings;
  helix: HelixClient | null;
  recorder: SweepRecorder;
  sessionMemory: SessionMemory;
  board: StatusBoard;
  logger: Logger;
  onEvent: (notification: NotificationInput) => void;
  /** A poll met the lack of a scope, or a subscription was revoked: the token should be asked about. */
  onScopeDoubt: () => void;
}

/** Everything that speaks to one server in one person's name for one channel: the socket and the polls. */
export interface NetworkPart {
  connect(): void;
  /** Closes the socket; polling takes over at once. */
  disconnect(): void;
  retry(type: EventType | null): void;
  /** Takes over what may change while it runs: types, intervals. Resolves when the server has answered. */
  applySettings(settings: Settings): Promise<void>;
  /** The token's scopes are others than before. */
  setScopes(scopes: readonly string[] | null): void;
  pollAll(signal: AbortSignal, report: (done: number, total: number) => void): Promise<{ recovered: number }>;
  /** Ends the socket, the polls and what is under way. */
  close(): Promise<void>;
}

/** Opens nothing yet but the polls; `connect` opens the socket. */
export function openNetwork(options: NetworkOptions): NetworkPart {
  const { endpoints, board, logger } = options;
  let identity = options.identity;
  let chosen: readonly EventType[] = options.settings.events;
  const base = board.parts.counters;

  const manager = createEventSubManager({
    endpoints,
    keepaliveTimeoutSeconds: options.settings.keepaliveTimeoutSeconds,
    events: chosen,
    logger,
    sessionMemory: options.sessionMemory,
  });
  const poller = createPoller({
    helix: options.helix,
    recorder: options.recorder,
    channelId: identity.channelId,
    userId: identity.userId,
    scopes: () => identity.grantedScopes,
    options: pollerOptions(options.settings),
    logger,
    onScopeDoubt: options.onScopeDoubt,
  });

  let pace: string | null = null;
  const tellPoller = (session: SessionState): void => {
    const next = paceOf(session);
    if (next === pace) return;
    pace = next;
    if (next !== 'atRest') poller.setLive(next === 'live', { isByHand: next === 'gone' });
  };
  const showManager = (): void => {
    const { session, subscriptions, counters } = manager.getStatus();
    board.set({ session, subscriptions, counters: addCounters(board.parts.counters, base, counters) });
    tellPoller(session);
  };
  const listeners = [
    manager.on('status', showManager),
    manager.on('event', options.onEvent),
    manager.on('error', error => {
      logger.warn(`EventSub: ${error.kind}: ${error.message}`);
      // A permission that was withdrawn shows in the token's scopes, and the end of a sign-in in the token.
      if (error.kind === 'revoked') options.onScopeDoubt();
    }),
    manager.on('gapClosed', () => poller.catchUp()),
    poller.on('status', polls => board.set({ polls })),
  ];
  manager.initialize(identity);
  showManager();
  board.set({ polls: poller.getStatus() });
  poller.start();

  return {
    connect: () => manager.connect(),
    disconnect: () => {
      manager.disconnect();
      showManager();
    },
    retry: type => manager.retry(type),
    applySettings: async settings => {
      poller.setOptions(pollerOptions(settings));
      const added = settings.events.filter(type => !chosen.includes(type));
      const removed = chosen.filter(type => !settings.events.includes(type));
      chosen = settings.events;
      await Promise.all([
        ...added.map(type => manager.subscribe(type)),
        ...removed.map(type => manager.unsubscribe(type)),
      ]);
    },
    setScopes: scopes => {
      if (JSON.stringify(scopes) === JSON.stringify(identity.grantedScopes)) return;
      identity = { ...identity, grantedScopes: scopes };
      manager.initialize(identity);
      poller.scopesChanged();
    },
    pollAll: (signal, report) => poller.runAll(signal, report),
    close: async () => {
      // First: the socket's end must not set the polls going again.
      for (const listener of listeners) listener.dispose();
      await Promise.all([manager.destroy(), poller.stop()]);
    },
  };
}

/** `gone` will not come back by itself, so polling takes over without the grace that `down` has. */
function paceOf(session: SessionState): 'live' | 'down' | 'gone' | 'atRest' {
  switch (session.kind) {
    case 'live':
    case 'doubting':
    case 'handover':
      return 'live';
    case 'connecting':
    case 'awaitingWelcome':
    case 'waiting':
      return 'down';
    case 'stopped':
      return 'gone';
    case 'idle':
      return session.reason === 'notStarted' ? 'atRest' : 'gone';
  }
}

/** Which lists are worth polling for the chosen types. */
function pollKindsFor(events: readonly EventType[]): PollKind[] {
  const families = new Set(events.map(type => CATALOGUE[type].family));
  const kinds: PollKind[] = [];
  if (families.has('followers')) kinds.push('followers');
  if (families.has('moderators') || families.has('vips')) kinds.push('roles');
  if (families.has('subscriptions')) kinds.push('subscriptions');
  return kinds;
}

function pollerOptions(settings: Settings): PollerOptions {
  return {
    kinds: pollKindsFor(settings.events),
    followersMs: settings.pollingFollowersSeconds * 1000,
    rolesMs: settings.pollingRolesMinutes * 60_000,
    reconcileMs: settings.pollingReconcileHours * 3_600_000,
  };
}

/** The manager counts from its own beginning; people see the sum over all managers of this window. */
function addCounters(
  now: SessionCounters,
  base: SessionCounters,
  own: Omit<SessionCounters, 'copies' | 'late'>,
): SessionCounters {
  return {
    ...now,
    notifications: base.notifications + own.notifications,
    keepalives: base.keepalives + own.keepalives,
    badFrames: base.badFrames + own.badFrames,
    unknownMessages: base.unknownMessages + own.unknownMessages,
    reconnects: base.reconnects + own.reconnects,
  };
}
