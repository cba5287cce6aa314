import type { SessionState } from '../../src/shared/session-state';
import type { WebviewStringKey } from '../../src/shared/webview-strings';

/** What an empty feed says in each state of the session. */
export const SESSION_WORDS: Readonly<Record<SessionState['kind'], WebviewStringKey>> = {
  idle: 'disconnectedText',
  connecting: 'sessionConnecting',
  awaitingWelcome: 'sessionAwaitingWelcome',
  live: 'emptyLive',
  doubting: 'emptyLive',
  handover: 'emptyLive',
  waiting: 'emptyWaiting',
  stopped: 'sessionStopped',
};
