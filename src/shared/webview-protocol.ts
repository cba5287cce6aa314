import type { EventType } from './catalogue';
import type {
  EventCursor,
  EventDetails,
  EventFilter,
  EventPage,
  Statistics,
  StatisticsRange,
  ViewerDetails,
} from './events';
import type { EventsRecorded, ServiceStatus, Snapshot } from './service';
import type { WebviewStrings } from './webview-strings';

/** Where the app is shown. The host writes it to `<body data-surface>`, so it is known before any message. */
export type Surface = 'feed' | 'dashboard';

/**
 * The editor's commands that a webview may ask for; nothing else can be run from there.
 * `tryTheSimulator`, `openSettings`, `openNotificationSettings` and `reloadWindow` are the host's own words.
 */
export const WEBVIEW_COMMANDS = [
  'eventsub.signInWithToken',
  'eventsub.openDashboard',
  'eventsub.showMenu',
  'eventsub.showLog',
  'eventsub.simulateEvent',
  'eventsub.exportEvents',
  'eventsub.revealDatabase',
  'eventsub.toggleStreamerMode',
  'tryTheSimulator',
  'openSettings',
  'openNotificationSettings',
  'reloadWindow',
] as const;
export type WebviewCommand = (typeof WEBVIEW_COMMANDS)[number];

/** What a webview needs besides data; sent as the answer to `ready` and again, whole, at every change. */
export interface WebviewSettings {
  streamerMode: boolean;
  /** A BCP 47 tag for `Intl`, e.g. `de` or `en-GB`. */
  locale: string;
  strings: WebviewStrings;
  /** How often followers and the other lists are polled while the connection is down (ms). */
  fallbackPolls: { followersMs: number; othersMs: number };
}

/**
 * What a webview may call. Every argument is checked by the host with zod; rejections are `ServiceError`s
 * whose message may be shown. Progress and questions of long work are shown by the host.
 */
export interface WebviewCalls {
  /** The first call. A webview asks for its snapshot beside it, without waiting for the answer. */
  ready(surface: Surface): Promise<WebviewSettings>;
  /** `limit` at most 500. Pushes after it go on at `sequence`. */
  getSnapshot(filter: EventFilter, limit: number): Promise<Snapshot>;
  queryEvents(
    filter: EventFilter,
    cursor: EventCursor | null,
    limit: number,
    searchId: string | null,
  ): Promise<EventPage>;
  cancelSearch(searchId: string): Promise<void>;
  getEvent(id: number): Promise<EventDetails | null>;
  getViewer(id: string): Promise<ViewerDetails | null>;
  getStatistics(range: StatisticsRange): Promise<Statistics>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Resolves when the polls were asked to run; the host shows how far they are. */
  refresh(): Promise<void>;
  /** Takes effect at once and is remembered in `eventsub.events`. */
  subscribe(type: EventType): Promise<void>;
  unsubscribe(type: EventType): Promise<void>;
  retry(type: EventType | null): Promise<void>;
  /** Opens the host's own sign-in dialogue; resolves when it was shown. */
  signIn(): Promise<void>;
  markRead(upTo: number): Promise<void>;
  /** Puts text (at most 1 MB) on the clipboard. */
  copy(text: string): Promise<void>;
  runCommand(command: WebviewCommand): Promise<void>;
}

/** The names that a webview may call; a test holds it equal to `WebviewCalls`. */
export const WEBVIEW_CALLS = [
  'ready',
  'getSnapshot',
  'queryEvents',
  'cancelSearch',
  'getEvent',
  'getViewer',
  'getStatistics',
  'connect',
  'disconnect',
  'refresh',
  'subscribe',
  'unsubscribe',
  'retry',
  'signIn',
  'markRead',
  'copy',
  'runCommand',
] as const satisfies readonly (keyof WebviewCalls)[];

/** What the host tells a webview; only visible ones hear of it. */
export interface HostPushes {
  statusChanged(status: ServiceStatus): void;
  eventsRecorded(batch: EventsRecorded): void;
  settingsChanged(settings: WebviewSettings): void;
  /** A notification was clicked: show this event's row, opened. May come before the first snapshot. */
  reveal(eventId: number): void;
  /** Put the cursor into the search field (the view's title action). */
  focusSearch(): void;
  /**
   * Hidden webviews hear nothing but this. On `true` everything that was known may be stale: ask for a snapshot.
   */
  visibilityChanged(isVisible: boolean): void;
}

/** The names that the host may call. */
export const HOST_PUSHES = [
  'statusChanged',
  'eventsRecorded',
  'settingsChanged',
  'reveal',
  'focusSearch',
  'visibilityChanged',
] as const satisfies readonly (keyof HostPushes)[];

/** How long a webview's call may take (ms): longer than the host's own limits, so that those speak first. */
export const WEBVIEW_CALL_TIMEOUT_MS = 60_000;
