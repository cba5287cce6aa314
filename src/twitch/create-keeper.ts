import type { Logger } from '../shared/service';
import type { Send } from './http-send';
import type { KeeperOptions } from './keeper-ports';
import { createSubscriptionCreator } from './subscription-attempt';
import type { SessionKnowledge } from './subscription-conflict';
import { SubscriptionKeeper } from './subscription-keeper';
import { createSubscriptionsClient } from './subscriptions-client';

/** Makes a keeper that works on one subscriptions URL. Whoever makes it disposes it. */
export function createKeeper(
  options: Omit<KeeperOptions, 'client' | 'creator'> & {
    url: string;
    send: Send;
    logger: Logger;
    /** Asked at each conflict. */
    sessions: () => SessionKnowledge;
  },
): SubscriptionKeeper {
  const { url, send, logger, sessions, identity } = options;
  const client = createSubscriptionsClient({ url, send, identity, logger });
  const creator = createSubscriptionCreator({ client, sessions, logger });
  return new SubscriptionKeeper({ ...options, client, creator });
}
