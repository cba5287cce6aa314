import { CATALOGUE } from '../shared/catalogue';

/** What Twitch demands for one subscription type ("Subscription Types"). */
export interface SubscriptionType {
  version: string;
  conditionKeys: readonly string[];
  /** Any one of these is enough; empty: no authorization is needed, and strangers' channels cost. */
  sufficientScopes: readonly string[];
  isOwnerOnly: boolean;
}

const open = (version: string): SubscriptionType => ({
  version,
  conditionKeys: ['broadcaster_user_id'],
  sufficientScopes: [],
  isOwnerOnly: false,
});

/** The catalogue's eight, and three that need no authorization, so that cost can be seen. */
export const SUBSCRIPTION_TYPES: ReadonlyMap<string, SubscriptionType> = new Map([
  ...Object.entries(CATALOGUE).map(([type, entry]): [string, SubscriptionType] => [
    type,
    {
      version: entry.version,
      conditionKeys: Object.keys(entry.condition),
      sufficientScopes: entry.sufficientScopes,
      isOwnerOnly: entry.isOwnerOnly,
    },
  ]),
  ['channel.update', open('2')],
  ['stream.online', open('1')],
  ['stream.offline', open('1')],
]);
