import { CATALOGUE, isEventType, type EventType, type FeedFamily } from './catalogue';

/**
 * What an event in the database can be: Twitch's types, `unfollow` (found by polling; EventSub has no such
 * type), or the type of a server that sends something outside the catalogue.
 */
export type RecordedType = EventType | 'unfollow' | (string & {});

/** A person as Twitch names them; names are untrusted text. */
export interface Viewer {
  id: string;
  login: string;
  displayName: string;
}

export type EventSource = 'eventsub' | 'poll';

/** One row of `events` as the feed shows it. Instants are UTC ISO 8601 with milliseconds. */
export interface FeedEvent {
  /** `events.id`: grows with each recorded event and is never used again. */
  id: number;
  type: RecordedType;
  /** Null where the giver is anonymous or the event has no person. */
  viewer: Viewer | null;
  channelId: string;
  occurredAt: string;
  receivedAt: string;
  source: EventSource;
  /** `1000`, `2000`, `3000` for subscriptions and gifts. */
  tier: string | null;
  isGift: boolean;
  /** How many a gift event gave. */
  total: number | null;
  /** A gifted subscription: the `events.id` of the gift that it belongs to, once that is known. */
  giftEventId: number | null;
  isAnonymous: boolean;
}

/** A place in the feed: everything older than it comes next. Opaque to views. */
export interface EventCursor {
  occurredAt: string;
  id: number;
}

export interface EventFilter {
  /** Absent: all. */
  families?: FeedFamily[];
  viewerId?: string;
  /** Looked for in names, type descriptions and the event's text; case is ignored. */
  text?: string;
  /** ISO instants; `from` included, `to` not. */
  from?: string;
  to?: string;
}

/** One page, newest first. */
export interface EventPage {
  events: FeedEvent[];
  /** Null at the end. */
  next: EventCursor | null;
  /** Present only for a text search that stopped at its time budget before it had looked everywhere. */
  searchedBackTo?: string;
}

/** What an opened row shows. */
export interface EventDetails {
  event: FeedEvent;
  messageId: string;
  /** The event's JSON as it came. */
  data: unknown;
  /** A gift's recipients as far as known; `null` stands for one still unknown. */
  recipients: (Viewer | null)[];
  viewer: ViewerDetails | null;
}

export interface ViewerDetails {
  viewer: Viewer;
  firstSeenAt: string;
  lastSeenAt: string;
  isFollowing: boolean;
  followedAt: string | null;
  subscription: { tier: string; isGift: boolean; startDate: string; gifter: Viewer | null } | null;
  roles: ('moderator' | 'vip')[];
  /** What happened to this person, newest first, at most 50. */
  history: ViewerHistoryEntry[];
}

export interface ViewerHistoryEntry {
  at: string;
  what:
    | 'follow'
    | 'unfollow'
    | 'subscriptionBegun'
    | 'subscriptionEnded'
    | 'moderatorGranted'
    | 'moderatorRevoked'
    | 'vipGranted'
    | 'vipRevoked';
  source: EventSource | 'baseline';
  tier: string | null;
}

export const STATISTICS_RANGES = ['7days', '30days', 'year', 'all'] as const;
export type StatisticsRange = (typeof STATISTICS_RANGES)[number];

export interface Statistics {
  range: StatisticsRange;
  now: { followers: number; subscribers: number; moderators: number; vips: number };
  /** What came and went since local midnight. */
  today: Record<'followers' | 'subscribers' | 'moderators' | 'vips', { added: number; removed: number }>;
  /** Equal steps from the range's start to now; a step without events is there with zeros. */
  buckets: StatisticsBucket[];
  bucketUnit: 'hour' | 'day' | 'week' | 'month';
  /** All rows of `events`. */
  eventCount: number;
}

export interface StatisticsBucket {
  /** ISO instant of the local start of the step. */
  start: string;
  follows: number;
  unfollows: number;
  subscriptionsBegun: number;
  subscriptionsEnded: number;
}

/** The chip under which a recorded type is shown; types outside the catalogue only under "All". */
export function feedFamilyOf(type: RecordedType): FeedFamily | null {
  if (isEventType(type)) return CATALOGUE[type].feedFamily;
  return type === 'unfollow' ? 'follows' : null;
}

/** The English description of a recorded type; a type that we do not know is its own description. */
export function describeType(type: RecordedType): string {
  if (isEventType(type)) return CATALOGUE[type].description;
  return type === 'unfollow' ? 'Unfollowed' : type;
}
