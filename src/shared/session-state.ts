import type { EventType } from './catalogue';

/** Why the session waits or stopped, in a form that every view can say in its own words. */
export type Cause =
  /** The socket closed; `code` is a WebSocket close code (Twitch's own are 4000 to 4007). */
  | { kind: 'closed'; code: number; reason: string }
  /** Nothing could be reached, or the handshake failed or never ended. */
  | { kind: 'unreachable'; message: string }
  /** The socket opened and no welcome came. */
  | { kind: 'noWelcome' }
  /** Nothing was heard for longer than the keepalive timeout allows. */
  | { kind: 'silence' }
  /** The server answered with something that is not EventSub. */
  | { kind: 'protocol'; message: string };

/** Why trying again cannot help, and what the person can do. */
export type StopReason =
  | { kind: 'noToken' }
  /** Twitch says the token is not valid (any more). */
  | { kind: 'tokenInvalid' }
  /** Every chosen subscription was refused; each says why by itself. */
  | { kind: 'everythingRefused' }
  /** No type is chosen, so Twitch would close the session as unused (4003). */
  | { kind: 'nothingChosen' }
  /** A setting cannot work as it stands; the message says which and why. */
  | { kind: 'badSetting'; setting: string; message: string };

/** What a session that has been welcomed knows. Instants are ISO 8601 by this machine's clock. */
interface Welcomed {
  /** When the first welcome of this chain of sessions came (a reconnect goes on with it). */
  connectedAt: string;
  /** When the last frame of any kind came. */
  lastMessageAt: string;
  keepaliveTimeoutSeconds: number;
}

/**
 * The life of the one EventSub session; each member holds only what is true in it. Status bar, tree and
 * dashboard all draw this union. Nothing in it is secret: no session id, token or URL.
 */
export type SessionState =
  | { kind: 'idle'; reason: 'notStarted' | 'disconnected' | 'signedOut' }
  | { kind: 'connecting'; attempt: number; since: string }
  | { kind: 'awaitingWelcome'; attempt: number; since: string }
  | ({ kind: 'live' } & Welcomed)
  /** The first socket has been silent too long; a second is opened before the first is given up. */
  | ({ kind: 'doubting'; since: string; suspicion: 'silence' | 'clockJump' } & Welcomed)
  /** Twitch asked us to move (`session_reconnect`); the old socket still delivers. */
  | ({ kind: 'handover'; since: string } & Welcomed)
  | { kind: 'waiting'; attempt: number; retryAt: string; cause: Cause }
  | { kind: 'stopped'; reason: StopReason; since: string };

/** What became of one type's subscription. */
export type SubscriptionState =
  /** Not chosen. */
  | { kind: 'off' }
  /** Chosen, and nothing to subscribe on at the moment. */
  | { kind: 'pending' }
  | { kind: 'subscribing' }
  | { kind: 'live'; since: string; cost: number }
  | { kind: 'missingScope'; scope: string }
  /** Only the broadcaster can subscribe to it, and the channel is another's. */
  | { kind: 'ownerOnly' }
  /** The slots are held by sessions that are not ours to delete. */
  | { kind: 'slotsHeld'; holders: SlotHolder[]; message: string }
  /** Refused by the server; `status` is the HTTP status, 0 if none came. */
  | { kind: 'refused'; status: number; message: string }
  /** Twitch revoked it (its own status word, e.g. `authorization_revoked`). */
  | { kind: 'revoked'; status: string; at: string };

/** An enabled subscription of another app, window or machine, as far as Twitch tells. */
export interface SlotHolder {
  createdAt: string;
  connectedAt: string | null;
}

/** One row of the subscriptions tree. */
export interface SubscriptionStatus {
  type: EventType;
  state: SubscriptionState;
  version: string;
  condition: Record<string, string>;
}

/** Counters since the leading window started; none is ever reset while it runs. */
export interface SessionCounters {
  notifications: number;
  keepalives: number;
  /** Copies dropped: the same message id, or the same event from another subscription. */
  copies: number;
  /** Recorded although they came more than ten minutes after they were sent. */
  late: number;
  /** Frames that were not JSON, not an object, too large or of the wrong shape. */
  badFrames: number;
  /** Frames of a message type that we do not know. */
  unknownMessages: number;
  reconnects: number;
}
