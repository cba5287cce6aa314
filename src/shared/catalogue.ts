/** The eight EventSub types that we follow, in the order in which they are shown. */
export const EVENT_TYPES = [
  'channel.follow',
  'channel.subscribe',
  'channel.subscription.end',
  'channel.subscription.gift',
  'channel.moderator.add',
  'channel.moderator.remove',
  'channel.vip.add',
  'channel.vip.remove',
] as const;

/** One of the EventSub subscription types in our catalogue. */
export type EventType = (typeof EVENT_TYPES)[number];

/** What the subscriptions tree groups the types by. */
export const FAMILIES = ['followers', 'subscriptions', 'moderators', 'vips'] as const;
export type Family = (typeof FAMILIES)[number];

/** What the feed can be narrowed to: the chips above it. */
export const FEED_FAMILIES = ['follows', 'subs', 'gifts', 'mods', 'vips'] as const;
export type FeedFamily = (typeof FEED_FAMILIES)[number];

/** The scopes that we ever ask for; all of them only read (Twitch, "Scopes"). */
export type Scope =
  'moderator:read:followers' | 'channel:read:subscriptions' | 'moderation:read' | 'channel:read:vips';

/** Everything that is fixed about one event type (Twitch, "Subscription Types"). */
export interface CatalogueEntry {
  /** The version that is subscribed to. */
  readonly version: string;
  readonly family: Family;
  readonly feedFamily: FeedFamily;
  /** The English description that people see; translations use it as the key. */
  readonly description: string;
  /** The scope that is asked for. */
  readonly scope: Scope;
  /** Any one of these lets the subscription through. */
  readonly sufficientScopes: readonly string[];
  /** Whether only the broadcaster's own token may subscribe; a moderator's is refused. */
  readonly isOwnerOnly: boolean;
  /** The keys of the condition, each filled with the channel's id or the signed-in user's. */
  readonly condition: Readonly<Record<string, 'channel' | 'user'>>;
}

/** What the types have in common of which only the broadcaster hears. */
const forOwner = {
  version: '1',
  isOwnerOnly: true,
  condition: { broadcaster_user_id: 'channel' },
} as const;

const ofSubscriptions = {
  ...forOwner,
  family: 'subscriptions',
  scope: 'channel:read:subscriptions',
  sufficientScopes: ['channel:read:subscriptions'],
} as const;

const ofModerators = {
  ...forOwner,
  family: 'moderators',
  feedFamily: 'mods',
  scope: 'moderation:read',
  sufficientScopes: ['moderation:read'],
} as const;

const ofVips = {
  ...forOwner,
  family: 'vips',
  feedFamily: 'vips',
  scope: 'channel:read:vips',
  sufficientScopes: ['channel:read:vips', 'channel:manage:vips'],
} as const;

/** The table that subscribing, showing and recording all read; adding a type begins here. */
export const CATALOGUE: Readonly<Record<EventType, CatalogueEntry>> = {
  'channel.follow': {
    version: '2',
    family: 'followers',
    feedFamily: 'follows',
    description: 'New Follower',
    scope: 'moderator:read:followers',
    sufficientScopes: ['moderator:read:followers'],
    isOwnerOnly: false,
    condition: { broadcaster_user_id: 'channel', moderator_user_id: 'user' },
  },
  'channel.subscribe': {
    ...ofSubscriptions,
    feedFamily: 'subs',
    description: 'New Subscription',
  },
  'channel.subscription.end': {
    ...ofSubscriptions,
    feedFamily: 'subs',
    description: 'Subscription Expired',
  },
  'channel.subscription.gift': {
    ...ofSubscriptions,
    feedFamily: 'gifts',
    description: 'Gifted Subscription',
  },
  'channel.moderator.add': {
    ...ofModerators,
    description: 'Moderator Added',
  },
  'channel.moderator.remove': {
    ...ofModerators,
    description: 'Moderator Removed',
  },
  'channel.vip.add': {
    ...ofVips,
    description: 'VIP Added',
  },
  'channel.vip.remove': {
    ...ofVips,
    description: 'VIP Removed',
  },
};

/** Whether a string names one of the catalogue's types. */
export function isEventType(value: string): value is EventType {
  return Object.hasOwn(CATALOGUE, value);
}

/** The condition to subscribe with, as Twitch's create call takes it. */
export function buildCondition(
  type: EventType,
  ids: { channelId: string; userId: string },
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(CATALOGUE[type].condition).map(([key, whose]) => [
      key,
      whose === 'channel' ? ids.channelId : ids.userId,
    ]),
  );
}

/** The scopes that the chosen types and their polling need, without repeats, in catalogue order. */
export function scopesFor(types: readonly EventType[]): Scope[] {
  return [...new Set(EVENT_TYPES.filter(type => types.includes(type)).map(type => CATALOGUE[type].scope))];
}
