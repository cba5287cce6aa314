import type { Logger, SimulateRequest, TokenSet } from '../shared/service';
import type { ChannelChange, ChannelPeople, SimulatedUser } from './channel-state';
import type { Fault } from './faults';
import type { Scenes } from './scenes';
import type { SimulatorClock } from './simulator-clock';

/** Twitch's times and limits where a test wants shorter ones; the defaults are Twitch's (TWITCH.md). */
export interface SimulatorTimings {
  /** From welcome to the first subscription; 10 000. */
  subscribeWindowMs: number;
  /** From `session_reconnect` to the end of the old socket; 30 000. */
  reconnectGraceMs: number;
  /** Announced and kept instead of what the client asks for; may be a fraction. Null: what it asks for. */
  keepaliveTimeoutSeconds: number | null;
  /** Between pings; a ping that is not answered by the next closes with 4002. 0: none. 15 000. */
  pingEveryMs: number;
  deviceExpiresSeconds: number;
  deviceIntervalSeconds: number;
  accessTokenSeconds: number;
}

export interface SimulatorLimits {
  /** Connections with enabled subscriptions for one client and user; 3. */
  connections: number;
  /** Enabled subscriptions on one connection; 300. */
  subscriptionsPerConnection: number;
  /** Enabled subscriptions with equal type and condition; 3. */
  equalSubscriptions: number;
  maxTotalCost: number;
  /** Rows of a page of the subscriptions list, which Twitch leaves open; 5. */
  subscriptionsPage: number;
  /** Helix points a minute for one client and user; 800. */
  pointsPerMinute: number;
}

export interface SimulatorOptions {
  /** Where the channel's people are kept between runs; null: nowhere. */
  stateFile: string | null;
  logger?: Logger;
  clock?: SimulatorClock;
  /** A steady drizzle of events from the first subscription on. `everyMs` fixes the pace, also of its opening. */
  drizzle?: boolean | { everyMs: number };
  /** 0 or absent: a free one. */
  port?: number;
  timings?: Partial<SimulatorTimings>;
  limits?: Partial<SimulatorLimits>;
  /** How far Helix lists lag the socket; 0. */
  listLagMs?: number;
  /** How many followers a new channel begins with; 40. */
  followers?: number;
  /** The client ids that exist besides the simulator's own; absent: every well-formed one. */
  clientIds?: readonly string[];
  /** Offers `controlUrl`, for tests in another process; false. */
  control?: boolean;
}

/** The addresses, in the form of `ServerEndpoints`; each holds a random token. */
export interface SimulatorEndpoints {
  issuer: string;
  websocketUrl: string;
  subscriptionsUrl: string;
  helixUrl: string;
  authUrl: string;
}

/** What can be seen of the sockets, for tests. */
export interface SessionReport {
  id: string;
  /** Sockets that are open for it: two during a move. */
  sockets: number;
  /** Types of its enabled subscriptions. */
  subscriptions: string[];
}

/** A Twitch of our own on 127.0.0.1. */
export interface Simulator {
  readonly endpoints: SimulatorEndpoints;
  readonly channel: SimulatedUser;
  /** Where `ControlRequest`s are posted; null unless asked for. */
  readonly controlUrl: string | null;
  readonly scenes: Scenes;
  readonly faults: {
    inject(fault: Fault): void;
    /** Ends every fault that lasts; what has happened stays happened. */
    clear(): void;
  };
  /** Signs in without a device flow. Default scopes: those of the whole catalogue; default user: the streamer. */
  issueToken(scopes?: readonly string[], userId?: string): TokenSet;
  /** An app access token, which EventSub's WebSockets must refuse. */
  issueAppToken(): string;
  /** Decides on a device code, as a person on the activation page does. False: there is no such code waiting. */
  decideDevice(userCode: string, decision: 'approve' | 'deny', userId?: string): boolean;
  /**
   * Changes the channel and sends what Twitch would send of it. Rejects with `badRequest` where the request
   * makes no sense, and with `cancelled` when the signal says so. Answers the number of notifications' causes.
   */
  send(
    request: SimulateRequest,
    options?: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void },
  ): Promise<number>;
  /** Changes the channel without any EventSub event: what a client missed. */
  makeOffline(...changes: ChannelChange[]): void;
  state(): ChannelPeople;
  sessions(): SessionReport[];
  /** How many requests each route has had, for tests that count them. */
  requestCounts(): Readonly<Record<string, number>>;
  /** Saves the state and ends every socket and timer. */
  close(): Promise<void>;
}
