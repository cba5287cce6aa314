import type { EventType } from '../shared/catalogue';
import type { BackoffOptions } from './backoff';
import type { Clock } from './clock';
import type { SubscribeOutcome } from './session-types';
import type { SubscriptionCreator } from './subscription-attempt';
import type { SubscriptionsClient } from './subscriptions-client';
import type { ManagerIdentity } from './twitch-ports';

/** What a keeper is made of, and whom it tells. */
export interface KeeperOptions {
  client: SubscriptionsClient;
  creator: SubscriptionCreator;
  identity: () => ManagerIdentity | null;
  chosen: readonly EventType[];
  subscribeWindowMs: number;
  /** For what is tried again while the session lives. */
  backoff: BackoffOptions;
  clock: Clock;
  random: () => number;
  listener: KeeperListener;
}

/** Who hears how the subscriptions fare. */
export interface KeeperListener {
  /** Some type's state is another. */
  changed(): void;
  /** No chosen type is under way any more. Told again whenever that changes. */
  answered(generation: number, outcome: SubscribeOutcome): void;
  /** The first 409 or 429 of a session. */
  conflict(generation: number): void;
  /** A type came alive after the session's first answers: its gap is over. */
  cameLate(type: EventType): void;
  /** Something was refused or taken back that a person should know. */
  report(kind: string, message: string): void;
}
