import { WEBVIEW_STRINGS } from '../shared/webview-strings';

/** The words of status bar, tree, menu and notifications, in English, beside those of the webview. */
export const HOST_STRINGS = {
  ...WEBVIEW_STRINGS,

  barSignIn: 'EventSub: sign in',
  barPolling: 'Polling',
  barDisconnected: 'Disconnected',
  barPollingRetry: 'Polling, retry in {0}',
  barRetry: 'Retry in {0}',
  barLiveUnread: 'Live {0}',
  barNotSaved: '{0}, not saved',
  barAccessible: 'EventSub: {0}',
  tipServer: 'Server: {0}',
  tipChannel: 'Channel: {0}',
  tipSubscriptions: 'Subscriptions: {0}',
  tipAge: 'Connected for {0}, since {1}',
  tipLastMessage: 'Last message at {0}',
  tipNextPoll: 'Next poll: {0}, {1}',
  tipUnreadOne: '{0} unread event',
  tipUnreadOther: '{0} unread events',
  tipStarting: 'Starting',
  tipFollower: 'Another window holds the connection; this one shows the same.',
  tipVersion: 'Version {0}',
  tipCost: 'Cost {0}',
  tipSince: 'Since {0}',
  tipCondition: '{0}: {1}',
  tipToday: 'Today: {0}',

  menuTitle: 'EventSub',
  menuMarkAllRead: 'Mark all as read',
  menuSimulate: 'Simulate an event…',
  menuStreamerOn: 'Turn streamer mode on',
  menuStreamerOff: 'Turn streamer mode off',
  menuSettings: 'Settings',
  menuLog: 'Show log',
  menuSignOut: 'Sign out',
  menuSignedInAs: 'signed in as {0}',
  menuTwitch: 'Switch back to Twitch',
  menuConnectHint: 'live events are off',
  menuDisconnectHint: 'polling goes on',

  noticeManyEvents: '{0} new events: {1}',
  noticePart: '{0} × {1}',
  noticeShow: 'Show',

  problemRange: '{0}: {1} is outside {2} to {3}; {4} is used.',
  problemChoice: '{0}: {1} is not one of {2}.',
  problemType: '{0}: {1} is not of the kind that is needed ({2}).',
  problemMissing: '{0}: {1} is missing.',
  problemNotAUrl: '{0}: {1} is not a URL.',
  problemScheme: '{0}: {1} has a scheme that cannot be used there.',
  problemPlain:
    '{0}: {1} is not encrypted; that is allowed only to this computer (127.0.0.1, ::1, localhost).',
  problemCredentials: '{0}: {1} holds a user name or a password; those do not belong in a URL.',
} as const;

export type HostStringKey = keyof typeof HOST_STRINGS;
export type HostStrings = Readonly<Record<HostStringKey, string>>;

/** Translates a whole table once, with `vscode.l10n.t` or, in a test, as it stands. */
export function translateTable<Key extends string>(
  table: Readonly<Record<Key, string>>,
  translate: (english: string) => string,
): Record<Key, string> {
  const result = {} as Record<Key, string>;
  for (const key of Object.keys(table) as Key[]) result[key] = translate(table[key]);
  return result;
}

/**
 * The locale for dates, numbers and plurals: the system's where it is a variant of the editor's language
 * (`en-GB` for `en`), else the editor's.
 */
export function chooseLocale(editorLanguage: string, systemLocale: string): string {
  const language = editorLanguage.split('-')[0]?.toLowerCase();
  if (systemLocale.split('-')[0]?.toLowerCase() === language && !editorLanguage.includes('-'))
    return systemLocale;
  try {
    return Intl.getCanonicalLocales(editorLanguage)[0] ?? 'en';
  } catch (error: unknown) {
    if (error instanceof RangeError) return 'en';
    throw error;
  }
}
