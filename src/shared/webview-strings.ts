import { STATE_STRINGS } from './state-strings';

/** The words of the app's own; those for states come from `STATE_STRINGS`. */
const APP_STRINGS = {
  filterAll: 'All',
  filterFollows: 'Follows',
  filterSubs: 'Subs',
  filterGifts: 'Gifts',
  filterMods: 'Mods',
  filterVips: 'VIPs',
  filterLabel: 'Show only',
  searchPlaceholder: 'Search all events',
  searchClear: 'Clear the search',
  searchRunning: 'Searching, back to {0}',
  searchMore: 'Search further back',
  searchNothing: 'Nothing found for “{0}”.',
  today: 'Today',
  yesterday: 'Yesterday',
  lastMessageAgo: 'last message {0} ago',

  someone: 'Someone',
  anonymousGiver: 'An anonymous giver',
  sentenceFollowed: '{0} followed',
  sentenceUnfollowed: '{0} unfollowed',
  sentenceSubscribed: '{0} subscribed · {1}',
  sentenceSubscribedGift: '{0} was given a sub · {1}',
  sentenceSubscriptionEnded: '{0}’s subscription ended · {1}',
  sentenceGiftedOne: '{0} gifted {1} sub · {2}',
  sentenceGiftedOther: '{0} gifted {1} subs · {2}',
  sentenceModeratorAdded: '{0} is now a moderator',
  sentenceModeratorRemoved: '{0} is no longer a moderator',
  sentenceVipAdded: '{0} is now a VIP',
  sentenceVipRemoved: '{0} is no longer a VIP',
  sentenceUnknown: '{0}: {1}',
  tier: 'Tier {0}',
  tierPrime: 'Prime',
  stillUnknownOne: '{0} still unknown',
  stillUnknownOther: '{0} still unknown',
  unknown: 'unknown',

  markRecovered: 'recovered',
  markSimulated: 'simulated',
  markUnsaved: 'not saved',
  markUnread: 'unread',
  newEventsOne: '{0} new',
  newEventsOther: '{0} new',
  markAllRead: 'Mark all as read',
  hiddenOnStream: 'Hidden in streamer mode',
  someoneLeft: 'Someone left',

  detailsTime: 'Happened',
  detailsReceived: 'Received',
  detailsId: 'Message id',
  detailsSource: 'Source',
  detailsSourceLive: 'live (EventSub)',
  detailsSourcePoll: 'recovered by polling',
  detailsJson: 'Event JSON',
  detailsCopy: 'Copy JSON',
  detailsCopied: 'Copied',
  detailsHistory: 'History of {0}',
  viewerFirstSeen: 'First seen {0}',
  viewerFollowingSince: 'Following since {0}',
  viewerNotFollowing: 'Not following',
  viewerSubscribed: 'Subscribed · {0}',
  viewerSubscribedGift: 'Subscribed · {0} · a gift',
  viewerSubscribedGiftBy: 'Subscribed · {0} · a gift from {1}',
  roleModerator: 'Moderator',
  roleVip: 'VIP',
  historyFollow: 'followed',
  historyUnfollow: 'unfollowed',
  historySubscriptionBegun: 'subscribed',
  historySubscriptionEnded: 'subscription ended',
  historyModeratorGranted: 'became a moderator',
  historyModeratorRevoked: 'was a moderator until then',
  historyVipGranted: 'became a VIP',
  historyVipRevoked: 'was a VIP until then',
  historyBaseline: 'known from the first list',

  emptyTitle: 'No events yet',
  emptyLive: 'The connection is live. What happens on the channel appears here.',
  emptyWaiting: 'The connection is down. What happens is found by polling and appears here.',
  emptyFiltered: 'No event of this kind yet.',
  emptySimulate: 'Simulate an event',
  signedOutTitle: 'Not signed in',
  signedOutText: 'Sign in to see what happens on your channel, or try it with a simulated one.',
  signIn: 'Sign in with Twitch',
  signInAgain: 'Sign in again',
  trySimulator: 'Try it with the simulator',
  disconnectedText: 'Live events are off. Polling goes on.',
  loading: 'Loading',
  errorTitle: 'This could not be loaded',
  retry: 'Retry',
  showLog: 'Show log',
  openSettings: 'Open settings',
  reloadWindow: 'Reload window',
  revealDatabase: 'Reveal database',
  connect: 'Connect',
  disconnect: 'Disconnect',
  refresh: 'Refresh',
  subscribe: 'Subscribe',
  unsubscribe: 'Unsubscribe',
  openDashboard: 'Open dashboard',
  exportEvents: 'Export events',
  setAsideOne: '{0} record could not be understood and was set aside.',
  setAsideOther: '{0} records could not be understood and were set aside.',

  dashboardTitle: 'EventSub',
  dashboardSubscriptions: 'Subscriptions',
  dashboardPolling: 'Polling',
  dashboardEvents: 'Events',
  numberFollowers: 'Followers',
  numberSubscribers: 'Subscribers',
  numberModerators: 'Moderators',
  numberVips: 'VIPs',
  chartTitle: 'Over time',
  chartRange7days: '7 days',
  chartRange30days: '30 days',
  chartRangeYear: 'A year',
  chartRangeAll: 'All',
  chartFollows: 'Follows',
  chartUnfollows: 'Unfollows',
  chartSubscriptionsBegun: 'Subs begun',
  chartSubscriptionsEnded: 'Subs ended',
  chartSummary: '{0}: {1} follows, {2} unfollows, {3} subscriptions begun, {4} ended.',
  chartEmpty: 'Nothing happened in this time yet.',
  announceOne: 'New event: {0}',
  announceMany: '{0} new events',

  burstPeopleOne: '{0} person',
  burstPeopleOther: '{0} people',
  burstManyPeople: 'Many people',
  burstFollowed: '{0} followed {1}',
  burstUnfollowed: '{0} unfollowed {1}',
  burstSubscribed: '{0} subscribed {1}',
  burstEnded: '{0}’s subscriptions ended {1}',
  burstWithinMinute: 'within a minute',
  burstWithinMinutes: 'within {0} minutes',
  namesMore: 'Show {0} more',
  namesRest: 'Show the rest',
  newEventsHidden: 'New',
  searchPlaceholderCount: 'Search {0} events',
  searchStarting: 'Searching',
  searchStop: 'Stop searching',
  searchStopped: 'Searched back to {0}',
  detailsMore: 'Details',
  dismiss: 'Dismiss',
  sessionOnChannel: '{0} on {1}',
  aliveShort: '{0} of {1}',
  aliveSubscriptions: '{0} of {1} subscriptions',
  connectedFor: 'connected {0}',
  nextPoll: 'next poll {0}',
  pollShortMissed: '{0} missed',
  pollShortRecoveredOne: '{0} recovered',
  pollShortRecoveredOther: '{0} recovered',
  pollShortBaseline: 'first list',
  pollShortFailed: 'failed',
  pollPaceWhenDown: 'While the connection is down these run every {0} and every {1}.',
  subscriptionNeedsPermission: 'needs permission',
  subscriptionRefusedShort: 'refused',
  subscriptionRevokedShort: 'revoked',
  chartStep: 'From',
  changeTodayLabel: 'Today: {0} more, {1} fewer',
} as const;

/**
 * Everything that the webview says, in English; `{0}` stands for the first argument, and keys ending in
 * `One`/`Other` are plural forms. The host sends them translated. A new one also goes into `l10n/`, or a test fails.
 * Made by a call that a bundler may leave out: the webview needs the functions below, not the words.
 */
export const WEBVIEW_STRINGS = /* @__PURE__ */ (() => ({ ...STATE_STRINGS, ...APP_STRINGS }))();

export type WebviewStringKey = keyof typeof WEBVIEW_STRINGS;

/** One translated text for every key. */
export type WebviewStrings = Readonly<Record<WebviewStringKey, string>>;

/** Fills `{0}`, `{1}` … with the arguments; what is missing stays as it stands. */
export function fill(template: string, ...args: (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}

/** Chooses the plural form by the locale's rule (one or other) and fills it in. */
export function fillPlural<Key extends string>(
  strings: Readonly<Record<`${Key}One` | `${Key}Other`, string>>,
  key: Key,
  count: number,
  locale: string,
  ...args: (string | number)[]
): string {
  const form = pluralRules(locale).select(count) === 'one' ? 'One' : 'Other';
  return fill(strings[`${key}${form}`], ...args);
}

let rulesCache: { locale: string; rules: Intl.PluralRules } | null = null;

function pluralRules(locale: string): Intl.PluralRules {
  if (rulesCache?.locale !== locale) rulesCache = { locale, rules: new Intl.PluralRules(locale) };
  return rulesCache.rules;
}
