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
  readonly type: EventType;
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

const FOLLOWER_SCOPES = ['moderator:read:followers'] as const;
const SUBSCRIPTION_SCOPES = ['channel:read:subscriptions'] as const;
const MODERATOR_SCOPES = ['moderation:read'] as const;
const VIP_SCOPES = ['channel:read:vips', 'channel:manage:vips'] as const;

const ofBroadcaster = { broadcaster_user_id: 'channel' } as const;

/** The table that subscribing, showing and recording all read; adding a type begins here. */
export const CATALOGUE: Readonly<Record<EventType, CatalogueEntry>> = {
  'channel.follow': {
    type: 'channel.follow',
    version: '2',
    family: 'followers',
    feedFamily: 'follows',
    description: 'New Follower',
    scope: 'moderator:read:followers',
    sufficientScopes: FOLLOWER_SCOPES,
    isOwnerOnly: false,
    condition: { broadcaster_user_id: 'channel', moderator_user_id: 'user' },
  },
  'channel.subscribe': {
    type: 'channel.subscribe',
    version: '1',
    family: 'subscriptions',
    feedFamily: 'subs',
    description: 'New Subscription',
    scope: 'channel:read:subscriptions',
    sufficientScopes: SUBSCRIPTION_SCOPES,
    isOwnerOnly: true,
    condition: ofBroadcaster,
  },
  'channel.subscription.end': {
    type: 'channel.subscription.end',
    version: '1',
    family: 'subscriptions',
    feedFamily: 'subs',
    description: 'Subscription Expired',
    scope: 'channel:read:subscriptions',
    sufficientScopes: SUBSCRIPTION_SCOPES,
    isOwnerOnly: true,
    condition: ofBroadcaster,
  },
  'channel.subscription.gift': {
    type: 'channel.subscription.gift',
    version: '1',
    family: 'subscriptions',
    feedFamily: 'gifts',
    description: 'Gifted Subscription',
    scope: 'channel:read:subscriptions',
    sufficientScopes: SUBSCRIPTION_SCOPES,
    isOwnerOnly: true,
    condition: ofBroadcaster,
  },
  'channel.moderator.add': {
    type: 'channel.moderator.add',
    version: '1',
    family: 'moderators',
    feedFamily: 'mods',
    description: 'Moderator Added',
    scope: 'moderation:read',
    sufficientScopes: MODERATOR_SCOPES,
    isOwnerOnly: true,
    condition: ofBroadcaster,
  },
  'channel.moderator.remove': {
    type: 'channel.moderator.remove',
    version: '1',
    family: 'moderators',
    feedFamily: 'mods',
    description: 'Moderator Removed',
    scope: 'moderation:read',
    sufficientScopes: MODERATOR_SCOPES,
    isOwnerOnly: true,
    condition: ofBroadcaster,
  },
  'channel.vip.add': {
    type: 'channel.vip.add',
    version: '1',
    family: 'vips',
    feedFamily: 'vips',
    description: 'VIP Added',
    scope: 'channel:read:vips',
    sufficientScopes: VIP_SCOPES,
    isOwnerOnly: true,
    condition: ofBroadcaster,
  },
  'channel.vip.remove': {
    type: 'channel.vip.remove',
    version: '1',
    family: 'vips',
    feedFamily: 'vips',
    description: 'VIP Removed',
    scope: 'channel:read:vips',
    sufficientScopes: VIP_SCOPES,
    isOwnerOnly: true,
    condition: ofBroadcaster,
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
