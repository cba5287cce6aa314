import type { Cause, SessionState, StopReason } from '../shared/session-state';
import type { BackoffOptions } from './backoff';
import type { ReconnectUrlCheck } from './reconnect-url';

/** The moment at which an input is judged; the reducer knows no other clock and no other chance. */
export interface Moment {
  /** Milliseconds since 1970 by this machine's clock; only ever shown. */
  wallMs: number;
  /** Monotonic milliseconds; everything is measured with it. */
  monoMs: number;
  /** At least 0, below 1. */
  random: number;
}

/** Durations in milliseconds; the defaults are Twitch's rules and ours. */
export interface ManagerTimings {
  /** From opening a socket to the end of its handshake. */
  handshakeMs: number;
  /** From an open socket to its welcome. */
  welcomeMs: number;
  /** From the welcome to the end of the time to subscribe in (Twitch: 10 s). */
  subscribeWindowMs: number;
  /** Live for so long, the failures before it are forgotten. */
  stableMs: number;
  backoff: BackoffOptions;
}

export const DEFAULT_TIMINGS: ManagerTimings = {
  handshakeMs: 10_000,
  welcomeMs: 10_000,
  subscribeWindowMs: 10_000,
  stableMs: 60_000,
  backoff: { baseMs: 1000, capMs: 60_000 },
};

/** A socket that has been welcomed. */
export interface Main {
  readonly generation: number;
  readonly sessionId: string;
  /** When the chain of sessions that it goes on with began. */
  readonly connectedAtMs: number;
  readonly keepaliveMs: number;
  readonly lastFrameWallMs: number;
  readonly lastFrameMonoMs: number;
  /** The newest `message_timestamp`, by the server's clock; NaN while none could be read. */
  readonly newestSentAtMs: number;
  /** When its subscriptions had their answers and one lived; null until then. */
  readonly answeredAtMonoMs: number | null;
}

/** A socket that has not been welcomed; `deadlineMonoMs` is that of its present phase. */
export interface Opening {
  readonly generation: number;
  readonly phase: 'connecting' | 'open';
  readonly deadlineMonoMs: number;
}

/** Where a socket leads: to the base URL and a fresh session, or on with the session that was announced. */
export type Target = { readonly route: 'base' } | { readonly route: 'moved'; readonly url: string };

/** What follows the main socket in a handover. */
export type Next =
  | { readonly kind: 'opening'; readonly opening: Opening; readonly target: Target }
  /** Too many moves or failures in a row: a moment's rest. The old socket still delivers. */
  | { readonly kind: 'resting'; readonly untilMonoMs: number; readonly target: Target };

/** The session's life with all that deciding needs; `showSession` makes the union that people see of it. */
export type Session =
  | { readonly kind: 'idle'; readonly reason: Extract<SessionState, { kind: 'idle' }>['reason'] }
  | {
      readonly kind: 'opening';
      readonly opening: Opening;
      readonly sinceMs: number;
      /** Set where it goes on with a session whose old socket has closed. */
      readonly moved: { readonly connectedAtMs: number; readonly answeredAtMonoMs: number | null } | null;
      /** What came instead of a welcome. */
      readonly oddity: string | null;
    }
  /** `retiring`: the socket before this one, which is listened to until all subscriptions have answers. */
  | { readonly kind: 'live'; readonly main: Main; readonly retiring: number | null }
  | {
      readonly kind: 'doubting';
      readonly main: Main;
      readonly second: Opening;
      readonly sinceMs: number;
      readonly suspicion: 'silence' | 'clockJump';
      /** The silence's start by the server's clock; NaN where that is not known. */
      readonly silentSinceMs: number;
      /** Whether the first has delivered something that was sent after the silence's start. */
      readonly hasSpoken: boolean;
    }
  | { readonly kind: 'handover'; readonly main: Main; readonly next: Next; readonly sinceMs: number }
  | {
      readonly kind: 'waiting';
      readonly retryAtMs: number;
      readonly retryAtMonoMs: number;
      readonly cause: Cause;
    }
  | { readonly kind: 'stopped'; readonly reason: StopReason; readonly sinceMs: number };

/** All that the reducer keeps. */
export interface ManagerState {
  readonly session: Session;
  readonly timings: ManagerTimings;
  /** The keepalive timeout to go by where a welcome names none. */
  readonly fallbackKeepaliveMs: number;
  readonly nextGeneration: number;
  /** Failures in a row; forgotten after `stableMs` of being live. */
  readonly failures: number;
  /** Moves in a row that came sooner than `stableMs` after the one before. */
  readonly moves: number;
  readonly lastMoveMonoMs: number;
}

/** How the chosen subscriptions fared on one session. */
export type SubscribeOutcome =
  /** All have their answer, and at least one lives. */
  | { readonly kind: 'live' }
  | { readonly kind: 'stop'; readonly reason: StopReason }
  /** None lives, for reasons that pass. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The server says that the session does not exist (any more). */
  | { readonly kind: 'sessionGone' };

/** What can happen to a session. */
export type Input =
  | { readonly kind: 'connect' }
  | { readonly kind: 'disconnect'; readonly reason: 'disconnected' | 'signedOut' | 'notStarted' }
  | { readonly kind: 'stop'; readonly reason: StopReason }
  | { readonly kind: 'retryNow' }
  | { readonly kind: 'opened'; readonly generation: number }
  /** A frame; `sentAtMs` is its timestamp by the server's clock, NaN if it could not be read. */
  | ({ readonly kind: 'welcome'; readonly generation: number; readonly sentAtMs: number } & WelcomeFields)
  | { readonly kind: 'frame'; readonly generation: number; readonly sentAtMs: number }
  | {
      readonly kind: 'reconnect';
      readonly generation: number;
      readonly sentAtMs: number;
      readonly target: ReconnectUrlCheck;
    }
  | { readonly kind: 'badFrame'; readonly generation: number; readonly problem: string }
  /** `isRefused`: every chosen subscription of the session has been refused for good. */
  | {
      readonly kind: 'closed';
      readonly generation: number;
      readonly cause: Cause;
      readonly isRefused: boolean;
    }
  | { readonly kind: 'answered'; readonly generation: number; readonly outcome: SubscribeOutcome }
  /** The first 409 or 429 of a session. */
  | { readonly kind: 'conflict'; readonly generation: number }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** Wall clock and monotonic clock have parted, or a timer came far late; all was well at `lastGoodMonoMs`. */
  | { readonly kind: 'clockJumped'; readonly lastGoodMonoMs: number };

interface WelcomeFields {
  readonly sessionId: string;
  readonly keepaliveMs: number | null;
}

/** What the manager has to do, in this order. */
export type Effect =
  /** `url` null: the base URL. */
  | { readonly kind: 'openSocket'; readonly generation: number; readonly url: string | null }
  /** `drain`: what is still on its way is delivered; `close`: politely, unheard; `terminate`: at once. */
  | {
      readonly kind: 'closeSocket';
      readonly generation: number;
      readonly manner: 'drain' | 'close' | 'terminate';
    }
  /** A fresh session: subscribe to everything that is chosen. */
  | { readonly kind: 'subscribeAll'; readonly generation: number; readonly sessionId: string }
  /** The subscriptions have moved along to this session. */
  | { readonly kind: 'moveSubscriptions'; readonly generation: number; readonly sessionId: string }
  /** The session is gone, and its subscriptions with it. */
  | { readonly kind: 'loseSubscriptions' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'gapClosed' }
  | { readonly kind: 'report'; readonly error: string; readonly message: string };

/** The answer of the reducer. */
export interface Step {
  readonly state: ManagerState;
  readonly effects: readonly Effect[];
}
