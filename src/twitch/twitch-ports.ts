import type { EventType } from '../shared/catalogue';
import type { NotificationInput } from '../shared/data-service';
import type { Credentials, Disposable, JobStatus, PollKind, PollStatus, TokenSet } from '../shared/service';
import type { SessionCounters, SessionState, SubscriptionStatus } from '../shared/session-state';

/** The four addresses of one server; the last two may be absent (custom servers). */
export interface ServerEndpoints {
  /** Names the issuer of tokens: `twitch`, or a key made of the OAuth root. */
  issuer: string;
  websocketUrl: string;
  subscriptionsUrl: string;
  helixUrl: string | null;
  authUrl: string | null;
}

/** Twitch's own addresses. */
export const TWITCH_ENDPOINTS: ServerEndpoints = {
  issuer: 'twitch',
  websocketUrl: 'wss://eventsub.wss.twitch.tv/ws',
  subscriptionsUrl: 'https://api.twitch.tv/helix/eventsub/subscriptions',
  helixUrl: 'https://api.twitch.tv/helix',
  authUrl: 'https://id.twitch.tv/oauth2',
};

/** How a room gets the access token of the moment; null: nobody is signed in, or the token is spent. */
export interface AccessTokenSource {
  getAccessToken(): Promise<string | null>;
  /** Called once after a 401 with the token that was refused; answers a newer one, or null. */
  renewAccessToken(refused: string): Promise<string | null>;
}

/** Who the session belongs to (DESIGN.md, "The manager"). */
export interface ManagerIdentity {
  userId: string;
  channelId: string;
  clientId: string;
  getAccessToken: () => Promise<string | null>;
  /** As in `AccessTokenSource`; absent: a 401 is final. */
  renewAccessToken?: (refused: string) => Promise<string | null>;
  /** The scopes really granted; null: unknown, so every type is tried. */
  grantedScopes: readonly string[] | null;
}

/** Complete at every moment; safe to show. */
export interface ManagerStatus {
  session: SessionState;
  subscriptions: SubscriptionStatus[];
  counters: Pick<
    SessionCounters,
    'notifications' | 'keepalives' | 'badFrames' | 'unknownMessages' | 'reconnects'
  >;
}

/** What the manager emits. `event` is called synchronously, in the order of arrival. */
export interface ManagerEvents {
  /** The session is live and every chosen subscription has its answer. */
  ready: () => void;
  event: (notification: NotificationInput) => void;
  /** Something was lost or refused that a person or a log should know. */
  error: (error: { kind: string; message: string }) => void;
  /** The session ended: by hand, by an error, or to be tried again. */
  disconnected: (state: SessionState) => void;
  status: (status: ManagerStatus) => void;
  /** A gap is over in which events may have been missed: one catch-up poll is due. */
  gapClosed: () => void;
}

/** One EventSub session with its subscriptions (`eventsub-manager.ts`). */
export interface EventSubManagerPort {
  initialize(identity: ManagerIdentity): void;
  /** Opens the session, or does nothing if one is on its way or live. */
  connect(): void;
  /** Closes the socket; stays closed until `connect`. */
  disconnect(): void;
  subscribe(type: EventType): Promise<void>;
  unsubscribe(type: EventType): Promise<void>;
  /** Null: the connection now instead of after its backoff; else that type's subscription. */
  retry(type: EventType | null): void;
  getStatus(): ManagerStatus;
  on<K extends keyof ManagerEvents>(event: K, listener: ManagerEvents[K]): Disposable;
  destroy(): Promise<void>;
}

/** What Twitch's validate call answers (camel-cased). */
export interface ValidatedToken {
  clientId: string;
  login: string;
  scopes: string[];
  userId: string;
  /** Seconds; null for a token without an end. */
  expiresIn: number | null;
}

/** The state of the account at one server (`auth/account.ts`). */
export interface AccountPort extends AccessTokenSource {
  /** Loads the stored set, validates it (now and every hour), and keeps it fresh. */
  start(): Promise<void>;
  /** Takes over a newer set that another window told of. */
  adopt(credentials: Credentials): Promise<void>;
  getCredentials(): Credentials | null;
  getTokens(): TokenSet | null;
  signInWithDevice(options: {
    clientId: string;
    scopes: readonly string[];
    report: (state: JobStatus['state']) => void;
    signal: AbortSignal;
  }): Promise<void>;
  /** `owner` is whom the token belongs to at a server that has no `authUrl`; elsewhere the server says it. */
  signInWithToken(
    clientId: string,
    accessToken: string,
    owner?: { userId: string; login: string },
  ): Promise<void>;
  /** Revokes at the server as far as it can be reached, and deletes here in any case. */
  signOut(): Promise<void>;
  dispose(): void;
}

/** The poller (`poller.ts`). */
export interface PollerPort {
  start(): void;
  /**
   * `isLive`: EventSub delivers, so the slow pace is enough. Not live: the fallback pace begins 10 s later, or at
   * once where `isByHand` says that the person disconnected.
   */
  setLive(isLive: boolean, options?: { isByHand?: boolean }): void;
  /** One catch-up of every list, soon; joins a run that is under way only if that began after the gap closed. */
  catchUp(): void;
  /** Runs all polls now. */
  runAll(signal: AbortSignal, report: (done: number, total: number) => void): Promise<{ recovered: number }>;
  getStatus(): PollStatus[];
  on(event: 'status', listener: (polls: PollStatus[]) => void): Disposable;
  /** Stops at once and waits for what is under way to end. */
  stop(): Promise<void>;
}

/** Which lists the poller reads and how often; changes take effect at the next schedule. */
export interface PollerOptions {
  kinds: readonly PollKind[];
  followersMs: number;
  rolesMs: number;
  reconcileMs: number;
}
