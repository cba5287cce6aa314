import { STATE_STRINGS } from './state-strings';

/**
 * Everything that the webview says, in English; `{0}` stands for the first argument, and keys ending in
 * `One`/`Other` are plural forms. The host sends them translated. A new one also goes into `l10n/`, or a test fails.
 */
export const WEBVIEW_STRINGS = {
  ...STATE_STRINGS,

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
  sentenceFollowBurst: '{0} people followed within a minute',
  sentenceFollowBurstLonger: '{0} people followed within {1} minutes',
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
  streamerModeOn: 'Streamer mode is on',

  detailsTime: 'Happened',
  detailsReceived: 'Received',
  detailsType: 'Type',
  detailsId: 'Message id',
  detailsSource: 'Source',
  detailsSourceLive: 'live (EventSub)',
  detailsSourcePoll: 'recovered by polling',
  detailsJson: 'Event JSON',
  detailsCopy: 'Copy JSON',
  detailsCopied: 'Copied',
  detailsHistory: 'History of {0}',
  detailsRecipients: 'Recipients',
  detailsOpen: 'Open details',
  detailsClose: 'Close details',
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
  dashboardConnection: 'Connection',
  dashboardSession: 'Session',
  dashboardSessionAge: 'Connected for {0}',
  dashboardServer: 'Server',
  dashboardChannel: 'Channel',
  dashboardAccount: 'Account',
  dashboardSubscriptions: 'Subscriptions',
  dashboardPolling: 'Polling',
  dashboardEvents: 'Events',
  dashboardStored: 'Stored events',
  dashboardCounters: 'Since the start',
  counterNotifications: 'events received',
  counterCopies: 'copies dropped',
  counterLate: 'late events',
  counterReconnects: 'reconnects',
  counterBadFrames: 'frames not understood',
  numberFollowers: 'Followers',
  numberSubscribers: 'Subscribers',
  numberModerators: 'Moderators',
  numberVips: 'VIPs',
  changeToday: '{0} today',
  noChangeToday: 'no change today',
  chartTitle: 'Over time',
  chartRange7days: '7 days',
  chartRange30days: '30 days',
  chartRangeYear: 'A year',
  chartRangeAll: 'All',
  chartFollows: 'Follows',
  chartUnfollows: 'Unfollows',
  chartSubscriptionsBegun: 'Subscriptions begun',
  chartSubscriptionsEnded: 'Subscriptions ended',
  chartSummary: '{0}: {1} follows, {2} unfollows, {3} subscriptions begun, {4} ended.',
  chartEmpty: 'Nothing happened in this time yet.',
  announceOne: 'New event: {0}',
  announceMany: '{0} new events',
} as const;

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
