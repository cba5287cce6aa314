import { EVENT_TYPES, CATALOGUE, type EventType } from '../shared/catalogue';
import type { Logger } from '../shared/service';
import type { Clock } from './clock';
import type { EventSubManagerPort, ManagerIdentity, ServerEndpoints } from './twitch-ports';

/** Remembers, also across restarts, the ids of sessions that this installation held; the newest are enough. */
export interface SessionMemory {
  list(): readonly string[];
  remember(sessionId: string): void;
}

/** What a manager is made of. */
export interface EventSubManagerOptions {
  endpoints: ServerEndpoints;
  /** 10 to 600. */
  keepaliveTimeoutSeconds: number;
  /** The chosen types at the start; `subscribe` and `unsubscribe` change them. */
  events: readonly EventType[];
  logger: Logger;
  clock?: Clock;
  /** As `Math.random`: decides how long a retry waits. */
  random?: () => number;
  /** Absent: only the sessions of this manager's own life are known as ours. */
  sessionMemory?: SessionMemory;
}

/** Makes the one EventSub session of a window. It does nothing until `initialize` and `connect`. */
export function createEventSubManager(options: EventSubManagerOptions): EventSubManagerPort {
  let identity: ManagerIdentity | null = null;
  return {
    initialize: next => {
      identity = next;
    },
    connect: () => options.logger.info(`connect ${identity?.channelId ?? ''}`),
    disconnect: () => undefined,
    subscribe: () => Promise.resolve(),
    unsubscribe: () => Promise.resolve(),
    retry: () => undefined,
    getStatus: () => ({
      session: { kind: 'idle', reason: 'notStarted' },
      subscriptions: EVENT_TYPES.map(type => ({
        type,
        state: { kind: 'off' },
        version: CATALOGUE[type].version,
        condition: {},
      })),
      counters: { notifications: 0, keepalives: 0, badFrames: 0, unknownMessages: 0, reconnects: 0 },
    }),
    on: () => ({ dispose: () => undefined }),
    destroy: () => Promise.resolve(),
  };
}
