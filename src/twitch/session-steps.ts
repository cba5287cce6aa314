import type { Cause, StopReason } from '../shared/session-state';
import { backoffMs } from './backoff';
import { describeCloseCode } from './close-codes';
import type {
  Effect,
  Input,
  Main,
  ManagerState,
  ManagerTimings,
  Moment,
  Opening,
  Session,
  Step,
} from './session-types';

/** Shared by every step that changes nothing but the state. */
export const NO_EFFECTS: readonly Effect[] = [];

/** The state of a manager that nothing has been asked of. */
export function initialState(timings: ManagerTimings, fallbackKeepaliveMs: number): ManagerState {
  return {
    session: { kind: 'idle', reason: 'notStarted' },
    timings,
    fallbackKeepaliveMs,
    nextGeneration: 1,
    failures: 0,
    moves: 0,
    lastMoveMonoMs: 0,
  };
}

/** A new opening socket with the effect that opens it. `url` null: the base URL. */
export function open(
  state: ManagerState,
  now: Moment,
  url: string | null,
): { state: ManagerState; opening: Opening; effect: Effect } {
  const generation = state.nextGeneration;
  return {
    state: { ...state, nextGeneration: generation + 1 },
    opening: { generation, phase: 'connecting', deadlineMonoMs: now.monoMs + state.timings.handshakeMs },
    effect: { kind: 'openSocket', generation, url },
  };
}

/** The same socket, one phase on: what is awaited now is the welcome. */
export function toOpen(opening: Opening, timings: ManagerTimings, now: Moment): Opening {
  return { ...opening, phase: 'open', deadlineMonoMs: now.monoMs + timings.welcomeMs };
}

/** A socket that has just been welcomed to a session of its own. */
export function welcomed(state: ManagerState, input: Extract<Input, { kind: 'welcome' }>, now: Moment): Main {
  return {
    generation: input.generation,
    sessionId: input.sessionId,
    connectedAtMs: now.wallMs,
    keepaliveMs: input.keepaliveMs ?? state.fallbackKeepaliveMs,
    lastFrameWallMs: now.wallMs,
    lastFrameMonoMs: now.monoMs,
    newestSentAtMs: input.sentAtMs,
    answeredAtMonoMs: null,
  };
}

/** The main socket after a frame has come. */
export function heard(main: Main, sentAtMs: number, now: Moment): Main {
  const isNewest = sentAtMs > main.newestSentAtMs || Number.isNaN(main.newestSentAtMs);
  // In a burst many come within a millisecond, and silence is measured in seconds.
  if (!isNewest && now.monoMs - main.lastFrameMonoMs < 1) return main;
  return {
    ...main,
    lastFrameWallMs: now.wallMs,
    lastFrameMonoMs: now.monoMs,
    newestSentAtMs: isNewest ? sentAtMs : main.newestSentAtMs,
  };
}

/** How much longer than the keepalive timeout a silence may last: 10.5 s at 10. */
const SILENCE_FACTOR = 1.05;

/** The monotonic moment at which the main socket's silence becomes suspicious. */
export function silenceDeadline(main: Main): number {
  return main.lastFrameMonoMs + main.keepaliveMs * SILENCE_FACTOR;
}

/** Whether the main socket has been silent for longer than a living one would be. */
export function hasFallenSilent(main: Main, now: Moment): boolean {
  return now.monoMs >= silenceDeadline(main);
}

/** The generations that are still listened to. */
function generationsOf(session: Session): number[] {
  switch (session.kind) {
    case 'opening':
      return [session.opening.generation];
    case 'live':
      return session.retiring === null
        ? [session.main.generation]
        : [session.main.generation, session.retiring];
    case 'doubting':
      return [session.main.generation, session.second.generation];
    case 'handover':
      return session.next.kind === 'opening'
        ? [session.main.generation, session.next.opening.generation]
        : [session.main.generation];
    default:
      return [];
  }
}

/** Closes every socket that is still listened to. */
export function closeAll(session: Session, manner: 'close' | 'terminate'): Effect[] {
  return generationsOf(session).map(generation => ({ kind: 'closeSocket', generation, manner }));
}

/** A first or next try at the base URL, with nothing of a session before it left. */
export function openBase(state: ManagerState, now: Moment, before: readonly Effect[]): Step {
  const opened = open(state, now, null);
  return {
    state: {
      ...opened.state,
      session: { kind: 'opening', opening: opened.opening, sinceMs: now.wallMs, moved: null, oddity: null },
    },
    effects: [...before, opened.effect],
  };
}

/** The one way back after a session or a try has failed; every socket must be closed or named in `before`. */
export function recover(
  state: ManagerState,
  cause: Cause,
  urgency: 'now' | 'backoff',
  now: Moment,
  before: readonly Effect[],
): Step {
  const failures = state.failures + 1;
  const effects: Effect[] = [...before, { kind: 'loseSubscriptions' }];
  if (urgency === 'now' && state.failures === 0) return openBase({ ...state, failures }, now, effects);
  const delayMs = backoffMs(failures, now.random, state.timings.backoff);
  return {
    state: {
      ...state,
      failures,
      session: {
        kind: 'waiting',
        retryAtMs: now.wallMs + delayMs,
        retryAtMonoMs: now.monoMs + delayMs,
        cause,
      },
    },
    effects,
  };
}

/** After the one socket that counted has closed: what the table of close codes says. */
export function recoverFromClose(
  state: ManagerState,
  { cause, isRefused }: Extract<Input, { kind: 'closed' }>,
  now: Moment,
  before: readonly Effect[],
): Step {
  if (cause.kind !== 'closed') return recover(state, cause, 'backoff', now, before);
  const { action, name } = describeCloseCode(cause.code);
  switch (action) {
    case 'reconnectNow':
      return recover(state, cause, 'now', now, before);
    case 'backoff':
      return recover(state, cause, 'backoff', now, before);
    case 'reportAndBackoff':
      return recover(state, cause, 'backoff', now, [
        ...before,
        { kind: 'report', error: 'protocol', message: `The server closed with ${cause.code}: ${name}.` },
      ]);
    case 'fixFirst':
      return isRefused
        ? stop(state, { kind: 'everythingRefused' }, now, before)
        : recover(state, cause, 'backoff', now, before);
  }
}

/** Ends the session because trying again cannot help. Closes what is open. */
export function stop(state: ManagerState, reason: StopReason, now: Moment, before: readonly Effect[]): Step {
  return {
    state: { ...state, failures: 0, session: { kind: 'stopped', reason, sinceMs: now.wallMs } },
    effects: [...before, ...closeAll(state.session, 'close'), { kind: 'loseSubscriptions' }],
  };
}
