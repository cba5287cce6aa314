import type { EventType, FeedFamily } from './catalogue';
import type {
  EventCursor,
  EventDetails,
  EventFilter,
  EventPage,
  FeedEvent,
  Statistics,
  StatisticsRange,
  ViewerDetails,
} from './events';
import type { SessionCounters, SessionState, SubscriptionStatus } from './session-state';
import type { ServerKind, Settings, SettingProblem } from './settings';

/** Raised when two windows' messages stop understanding each other. */
export const PROTOCOL_VERSION = 1;

/** Who is signed in at the chosen server. Tokens are never part of it. */
export type AccountStatus =
  | { kind: 'signedOut' }
  | { kind: 'signedIn'; userId: string; login: string; scopes: string[]; canRefresh: boolean }
  /** Signed in, and not checked yet (offline at start). */
  | { kind: 'unverified'; userId: string; login: string; scopes: string[] }
  /** Twitch said that the token is not valid any more; only signing in again helps. */
  | { kind: 'expired'; login: string; reason: string };

export const POLL_KINDS = ['followers', 'roles', 'subscriptions'] as const;
export type PollKind = (typeof POLL_KINDS)[number];

/** One poll's line in the tree and the dashboard. Instants are ISO; durations milliseconds. */
export interface PollStatus {
  kind: PollKind;
  state:
    | {
        kind: 'off';
        why: 'signedOut' | 'noHelix' | 'missingScope' | 'ownerOnly' | 'notChosen';
        scope?: string;
      }
    | { kind: 'scheduled'; nextAt: string }
    | { kind: 'running'; since: string; done: number; total: number | null };
  /** `fallback` while EventSub is not live, `reconcile` while it is. */
  pace: 'fallback' | 'reconcile';
  intervalMs: number;
  /** Scopes that a part of this poll lacks while the rest runs (roles: moderators and VIPs). */
  missingScopes?: string[];
  last:
    | { kind: 'ok'; at: string; recovered: number; isBaseline: boolean }
    | { kind: 'failed'; at: string; message: string }
    | null;
}

/** How safely events are being kept. */
export type StorageStatus =
  | { kind: 'opening' }
  | { kind: 'ok'; sizeBytes: number; eventCount: number }
  /** Events stay in memory until the cause is gone; `unsaved` of them so far. */
  | { kind: 'notSaving'; reason: string; unsaved: number; since: string }
  /** The database cannot be used at all, and was left as it is. */
  | { kind: 'failed'; reason: string; newerVersion: boolean };

/** A thing that the person should know, once, with a way out. */
export interface Problem {
  /** The same cause has the same id, so that it is told once. */
  id: string;
  severity: 'error' | 'warning' | 'info';
  /** English; the key for translation, `{0}`-style arguments filled from `args`. */
  message: string;
  args: string[];
  action: 'signIn' | 'retry' | 'showLog' | 'openSettings' | 'reloadWindow' | 'revealDatabase' | null;
}

/** Everything that a view needs to draw itself, complete at every push. */
export interface ServiceStatus {
  /** Grows by one with each change; belongs to `epoch`. */
  revision: number;
  /** Changes when another window takes the lead. */
  epoch: number;
  role: 'leader' | 'follower' | 'starting';
  server: { kind: ServerKind; label: string };
  account: AccountStatus;
  /** The channel whose events are recorded; null until known. */
  channel: { id: string; login: string } | null;
  session: SessionState;
  subscriptions: SubscriptionStatus[];
  polls: PollStatus[];
  counters: SessionCounters;
  storage: StorageStatus;
  /** Records set aside because they could not be understood; kept in the database. */
  setAside: number;
  unread: number;
  /** Recorded today (local day), by type; recovered ones included. */
  today: Partial<Record<string, number>>;
  problems: Problem[];
  settingProblems: SettingProblem[];
}

/** A batch of newly recorded events, oldest first. */
export interface EventsRecorded {
  epoch: number;
  /** The sequence that it goes on from; for one who has not come so far, a gap: it asks for a snapshot. */
  after: number;
  /** How far one has come with it in its epoch. */
  sequence: number;
  events: FeedEvent[];
  /** Older events whose gift became known. */
  gifts: { id: number; giftEventId: number }[];
  unread: number;
  /** True while these could not be written to disk yet. */
  isUnsaved: boolean;
}

export type JobKind = 'signIn' | 'refresh' | 'export' | 'simulate' | 'baseline';

/** Long work: it reports how far it is and can be cancelled. */
export interface JobStatus {
  id: string;
  kind: JobKind;
  state:
    | { kind: 'running'; done: number; total: number | null; message: string }
    /** A device-code sign-in that waits for the person (Twitch, "Device code grant flow"). */
    | { kind: 'awaitingUser'; userCode: string; verificationUri: string; expiresAt: string }
    | { kind: 'done'; message: string; count: number }
    | { kind: 'failed'; error: ServiceErrorData }
    | { kind: 'cancelled' };
}

export type ServiceErrorKind =
  | 'signedOut'
  | 'noClientId'
  | 'denied'
  | 'expired'
  | 'offline'
  | 'invalidToken'
  | 'clientMismatch'
  | 'notAvailable'
  | 'badRequest'
  | 'cancelled'
  | 'timeout'
  | 'storage'
  | 'versionMismatch'
  | 'internal';

/** How errors travel. The message is a sentence that may be shown. */
export interface ServiceErrorData {
  kind: ServiceErrorKind;
  message: string;
}

/** An expected failure of the contract's calls; anything else that is thrown is a bug. */
export class ServiceError extends Error {
  constructor(
    readonly kind: ServiceErrorKind,
    message: string,
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

export interface ExportRequest {
  format: 'csv' | 'jsonl';
  filter: EventFilter;
  /** Chosen by the host in a dialog, never by a webview. */
  path: string;
}

export interface SimulateRequest {
  type: EventType;
  /** A display name; empty: the simulator picks one. */
  viewer: string;
  /** How many events, or for a gift how many subscriptions it gives. 1 to 10 000. */
  count: number;
}

/** A complete picture for a view that opens or lost track: status, newest page, and where pushes go on. */
export interface Snapshot {
  status: ServiceStatus;
  page: EventPage;
  sequence: number;
  /** The newest event that the person has marked as read, 0 if none. */
  readUpTo: number;
}

/**
 * The contract between data and views: JSON all through; the same in the leading window, over the local
 * socket, and for webviews. Rejections are `ServiceError`s.
 */
export interface EventSubService {
  getStatus(): Promise<ServiceStatus>;
  getSnapshot(filter: EventFilter, limit: number): Promise<Snapshot>;
  connect(): Promise<void>;
  /** Closes the socket only; polling goes on at the fallback pace. */
  disconnect(): Promise<void>;
  /** Runs every poll now. Answers a job. */
  refresh(): Promise<string>;
  subscribe(type: EventType): Promise<void>;
  unsubscribe(type: EventType): Promise<void>;
  /** Tries again now: one type's subscription, or the connection. */
  retry(type: EventType | null): Promise<void>;
  /** Device code sign-in. Answers a job. */
  signIn(): Promise<string>;
  signInWithToken(clientId: string, accessToken: string): Promise<void>;
  signOut(): Promise<void>;
  markRead(upTo: number): Promise<void>;
  /** `limit` at most 500. A `searchId` can be given to `cancelSearch`. */
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
  /** Answers a job. */
  exportEvents(request: ExportRequest): Promise<string>;
  /** Only with the simulator; else rejects with `notAvailable`. Answers a job. */
  simulate(request: SimulateRequest): Promise<string>;
  cancelJob(id: string): Promise<void>;
}

/** What the service tells its views. */
export interface ServicePushes {
  statusChanged(status: ServiceStatus): void;
  eventsRecorded(batch: EventsRecorded): void;
  jobChanged(job: JobStatus): void;
}

/** Something that can be let go of; calling it twice does no harm. */
export interface Disposable {
  dispose(): void;
}

/** The service as a window's views hold it: the calls, and a way to hear the pushes. */
export interface ObservableService extends EventSubService {
  /** Hears every push from now on. */
  observe(observer: Partial<ServicePushes>): Disposable;
}

/**
 * A signed-in account's tokens as SecretStorage keeps them. `generation` grows by one each time they change,
 * also when they are deleted (then `tokens` is null), so that the newest known set always wins.
 */
export interface Credentials {
  /** The server that issued them; they are never sent to another. */
  issuer: string;
  generation: number;
  tokens: TokenSet | null;
}

export interface TokenSet {
  clientId: string;
  accessToken: string;
  /** Null for a pasted token: it cannot be refreshed. */
  refreshToken: string | null;
  userId: string;
  login: string;
  scopes: string[];
  /** ISO instant by this machine's clock; null if the server did not say. */
  expiresAt: string | null;
  /**
   * ISO instant since when the refresh token counts as spent: stored before it is sent, so that no window and no
   * later start ever sends it a second time. Absent: it can be used.
   */
  refreshSpentAt?: string;
}

/** Where one window keeps credentials. `store` resolves when they are safe. */
export interface CredentialStore {
  load(issuer: string): Promise<Credentials | null>;
  store(credentials: Credentials): Promise<void>;
}

/** What windows say to each other besides the contract; never offered to a webview. */
export interface WindowLink {
  /** The first call on a link. Rejects with `versionMismatch`. */
  hello(greeting: WindowGreeting): Promise<WindowWelcome>;
  /** A newer extension asks an older leader to hand over. */
  yieldLead(version: string): Promise<boolean>;
  setSettings(settings: Settings): Promise<void>;
  /** This window was focused at the instant given (ms since 1970). */
  focused(atMs: number): Promise<void>;
  /** Answers at once: a leader that does not is told of. */
  ping(): Promise<void>;
}

/** What the leading window tells and asks one that follows; never offered to a webview. */
export interface WindowPushes extends ServicePushes {
  /** Keeps a newer set of tokens; resolves when it is safe here, because only then it is used. */
  storeCredentials(credentials: Credentials): Promise<void>;
  loadCredentials(issuer: string): Promise<Credentials | null>;
  /** Whether this window had the focus last of all. */
  focusedLast(isLast: boolean): void;
}

export interface WindowGreeting {
  protocol: number;
  extensionVersion: string;
  token: string;
  credentials: Credentials | null;
  focusedAtMs: number;
}

export interface WindowWelcome {
  protocol: number;
  extensionVersion: string;
  epoch: number;
}

/** The feed's filter chips that a person can switch between. */
export type FeedChip = 'all' | FeedFamily;

/** A log as the rooms without `vscode` see it; secrets are redacted by whoever implements it. */
export interface Logger {
  error(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  debug(message: string, ...details: unknown[]): void;
  trace(message: string, ...details: unknown[]): void;
}
