import type { EventType } from '../shared/catalogue';
import type { SweepKind } from '../shared/data-service';

/** Twitch's own close codes ("Close message"). */
export type TwitchCloseCode = 4000 | 4001 | 4002 | 4003 | 4004 | 4005 | 4006 | 4007;

/** Why Twitch may take a subscription back (TWITCH.md 1.5); it reserves itself others. */
export type RevocationStatus =
  | 'authorization_revoked'
  | 'user_removed'
  | 'version_removed'
  | 'moderator_removed'
  | 'chat_user_banned'
  | 'beta_maintenance'
  | 'notification_failures_exceeded';

/** A frame that no EventSub server should send. */
export type OddFrame =
  | 'badJson'
  | 'empty'
  | 'notAnObject'
  /** JSON of an object that is no EventSub message. */
  | 'wrongShape'
  /** A notification of a known type whose event lacks its fields. */
  | 'wrongEvent'
  /** A message type that does not exist (yet). */
  | 'unknownMessageType'
  /** A notification of a subscription type outside the catalogue. */
  | 'unknownEventType'
  | 'binary'
  /** Valid JSON of 4 MB. */
  | 'huge'
  | { raw: string };

/** Where a session is told to move. */
export type ReconnectTarget =
  'valid' | 'unknownChallenge' | 'refused' | 'noWelcome' | 'hangs' | { url: string };

/** What is wrong with one HTTP answer. */
export type HttpAnswer =
  | { kind: 'status'; status: number; message?: string }
  /** 429 of the rate bucket, which is full again after this many seconds. */
  | { kind: 'rateLimited'; resetAfterSeconds: number }
  | { kind: 'slow'; ms: number }
  /** The connection is reset before anything was done. */
  | { kind: 'reset' }
  /** Everything is done, and the connection is reset instead of the answer. */
  | { kind: 'lostAnswer' }
  /** No answer, ever (until the simulator closes). */
  | { kind: 'hang' }
  | { kind: 'body'; status: number; body: string };

/** The endpoints by name, for faults that hit only one of them. */
export type Route =
  | 'createSubscription'
  | 'listSubscriptions'
  | 'deleteSubscription'
  | 'device'
  | 'token'
  | 'validate'
  | 'revoke'
  | 'followers'
  | 'moderators'
  | 'vips'
  | 'subscriptions'
  | 'users';

/** What is wrong with a Helix list. */
export type ListEffect =
  /** Between pages the list moves by so many rows: above 0 rows are skipped, below 0 they come twice. */
  | { kind: 'shift'; rows: number }
  /** Pages that are a row short though more follow. */
  | { kind: 'shortPages' }
  | { kind: 'emptyWithTotal' }
  /** `total` counts so many people who are never listed (suspended accounts). */
  | { kind: 'totalTooHigh'; by: number }
  /** These people are left out of the whole list, but are found when asked for by `user_id`. */
  | { kind: 'omits'; userIds: string[] }
  /** The broadcaster is listed as a subscriber of its own. */
  | { kind: 'broadcasterSubscribed' };

/**
 * Everything that can go wrong on request. A `count` says how often (absent: until `clear`); those without
 * one either happen at once (marked "now") or last until `clear`.
 */
export type Fault =
  // The socket.
  /** Sockets go silent: no keepalive, no ping, no event. `held` frames are sent when it is cleared. */
  | { kind: 'silentPeer'; sockets: 'current' | 'all'; frames: 'dropped' | 'held' }
  | { kind: 'lateWelcome'; ms: number; count?: number }
  | { kind: 'noWelcome'; count?: number }
  | { kind: 'handshakeHangs'; count?: number }
  | { kind: 'handshakeRefused'; status: number; count?: number }
  | { kind: 'handshakeReset'; count?: number }
  /** Now. `chain`: so many more follow, each as soon as the session has moved. */
  | { kind: 'reconnect'; to?: ReconnectTarget; sessionId?: 'same' | 'new'; chain?: number }
  /** Now. */
  | { kind: 'close'; code: TwitchCloseCode | 1000 | 1001 | 1011 | 1012 }
  /** Now: the connection ends without a close frame (1006). */
  | { kind: 'terminate' }
  /** Now. `type` absent: every subscription. */
  | { kind: 'revoke'; type?: EventType; status: RevocationStatus | (string & {}) }
  /** A notification is sent again with the same message id. */
  | { kind: 'duplicate'; count?: number }
  /** A notification is sent again with another message id, from another subscription. */
  | { kind: 'otherSubscription'; count?: number }
  | { kind: 'oldTimestamp'; ageMs: number; count?: number }
  /** The server's clock is off by so much, in every timestamp of every answer. */
  | { kind: 'clockOff'; ms: number }
  /** Now, to every socket. */
  | { kind: 'oddFrame'; frame: OddFrame }
  /** Every message carries fields that the documents do not have. */
  | { kind: 'extraFields' }
  /** Now: so many pings to every socket. */
  | { kind: 'pingStorm'; pings: number }
  /** Sessions that end leave their subscriptions enabled, as seen in the wild. */
  | { kind: 'orphans'; count?: number }
  // HTTP. `type` narrows `createSubscription` to one subscription type.
  | { kind: 'http'; route: Route; answer: HttpAnswer; type?: EventType; count?: number }
  // OAuth.
  /** What becomes of device codes from now on, whatever the page says. */
  | { kind: 'device'; outcome: 'pending' | 'approved' | 'denied' | 'expired' }
  /** Now: access tokens become invalid; `all` takes refresh tokens with them. */
  | { kind: 'invalidateTokens'; which: 'access' | 'all' }
  /** Now: tokens lose a scope, and the subscriptions that need it are revoked. */
  | { kind: 'withdrawScope'; scope: string }
  /** Now: the person disconnects the app; tokens and subscriptions end. */
  | { kind: 'disconnectApp' }
  // Helix.
  | { kind: 'list'; list: SweepKind; effect: ListEffect }
  /** Lists lag the socket by so much. */
  | { kind: 'lag'; ms: number };

export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** The faults that last: what was injected, counted down as it strikes. */
export class FaultRegister {
  #active: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    const left = 'count' in fault ? fault.count : Number.POSITIVE_INFINITY;
    this.#active.push({ fault, left });
  }

  clear(): void {
    this.#active = [];
  }

  /** The first active fault of a kind that `matches`, used up by one; null if there is none. */
  take<K extends FaultKind>(kind: K, matches?: (fault: FaultOf<K>) => boolean): FaultOf<K> | null {
    const entry = this.#find(kind, matches);
    if (!entry) return null;
    entry.left -= 1;
    if (entry.left <= 0) this.#active = this.#active.filter(other => other !== entry);
    return entry.fault as FaultOf<K>;
  }

  /** As `take`, without using it up; of several the latest counts. */
  peek<K extends FaultKind>(kind: K): FaultOf<K> | null {
    const entry = this.#active.findLast(active => active.fault.kind === kind);
    return entry ? (entry.fault as FaultOf<K>) : null;
  }

  /** Every active effect on one list. */
  listEffects(list: SweepKind): ListEffect[] {
    return this.#active.flatMap(({ fault }) =>
      fault.kind === 'list' && fault.list === list ? [fault.effect] : [],
    );
  }

  #find<K extends FaultKind>(
    kind: K,
    matches?: (fault: FaultOf<K>) => boolean,
  ): { fault: Fault; left: number } | undefined {
    return this.#active.find(
      ({ fault }) => fault.kind === kind && (!matches || matches(fault as FaultOf<K>)),
    );
  }
}
