import type { Cause } from '../shared/session-state';
import { hasFallenSilent, heard, NO_EFFECTS, open, recover, toOpen, welcomed } from './session-steps';
import type { Effect, Input, ManagerState, Moment, Session, Step } from './session-types';

type Doubting = Extract<Session, { kind: 'doubting' }>;
type Live = Extract<Session, { kind: 'live' }>;

/**
 * Opens a second socket beside one that may be dead. `silentSinceMs` is the silence's start by the server's
 * clock, so that a wrong clock of this machine does not matter. A socket that is being retired goes at once.
 */
export function beginDoubt(
  state: ManagerState,
  session: Live,
  suspicion: Doubting['suspicion'],
  silentSinceMs: number,
  now: Moment,
): Step {
  const opened = open(state, now, null);
  const effects: Effect[] =
    session.retiring === null
      ? []
      : [{ kind: 'closeSocket', generation: session.retiring, manner: 'terminate' }];
  return {
    state: {
      ...opened.state,
      session: {
        kind: 'doubting',
        main: session.main,
        second: opened.opening,
        sinceMs: now.wallMs,
        suspicion,
        silentSinceMs,
        hasSpoken: false,
      },
    },
    effects: [...effects, opened.effect],
  };
}

/** Decides what an input means while a session is doubted. */
export function reduceDoubt(state: ManagerState, session: Doubting, input: Input, now: Moment): Step {
  switch (input.kind) {
    case 'opened':
      return input.generation === session.second.generation
        ? keep(state, { ...session, second: toOpen(session.second, state.timings, now) })
        : keep(state, session);
    case 'welcome':
      return input.generation === session.second.generation
        ? decide(state, session, input, now)
        : keep(state, hear(session, input.generation, input.sentAtMs, now));
    case 'frame':
      return keep(state, hear(session, input.generation, input.sentAtMs, now));
    case 'closed':
      if (input.generation === session.main.generation) return goOnWithSecond(state, session);
      if (input.generation === session.second.generation) {
        return loseSecond(state, session, input.cause, now, NO_EFFECTS);
      }
      return keep(state, session);
    case 'tick':
      if (now.monoMs < session.second.deadlineMonoMs) return keep(state, session);
      return loseSecond(state, session, openingCause(session.second.phase), now, [
        { kind: 'closeSocket', generation: session.second.generation, manner: 'terminate' },
      ]);
    case 'clockJumped': {
      // The second may have died in the same sleep.
      const opened = open(state, now, null);
      return {
        state: { ...opened.state, session: { ...session, second: opened.opening } },
        effects: [
          { kind: 'closeSocket', generation: session.second.generation, manner: 'terminate' },
          opened.effect,
        ],
      };
    }
    default:
      return keep(state, session);
  }
}

/** Why a socket that never got its welcome is given up. */
export function openingCause(phase: 'connecting' | 'open'): Cause {
  return phase === 'open'
    ? { kind: 'noWelcome' }
    : { kind: 'unreachable', message: 'The connection could not be opened in time.' };
}

function keep(state: ManagerState, session: Session): Step {
  return { state: state.session === session ? state : { ...state, session }, effects: NO_EFFECTS };
}

function hear(session: Doubting, generation: number, sentAtMs: number, now: Moment): Doubting {
  if (generation !== session.main.generation) return session;
  const isAfterSilence =
    Number.isNaN(session.silentSinceMs) || Number.isNaN(sentAtMs) || sentAtMs > session.silentSinceMs;
  return {
    ...session,
    main: heard(session.main, sentAtMs, now),
    hasSpoken: session.hasSpoken || isAfterSilence,
  };
}

/** The verdict, at the second's welcome. */
function decide(
  state: ManagerState,
  session: Doubting,
  input: Extract<Input, { kind: 'welcome' }>,
  now: Moment,
): Step {
  if (session.hasSpoken) {
    return {
      state: { ...state, session: { kind: 'live', main: session.main, retiring: null } },
      effects: [{ kind: 'closeSocket', generation: session.second.generation, manner: 'close' }],
    };
  }
  const main = welcomed(state, input, now);
  return {
    state: { ...state, session: { kind: 'live', main, retiring: session.main.generation } },
    effects: [
      { kind: 'loseSubscriptions' },
      { kind: 'subscribeAll', generation: main.generation, sessionId: main.sessionId },
    ],
  };
}

/** The first has closed: there is nothing left to doubt, and the second is on its way already. */
export function goOnWithSecond(state: ManagerState, session: Doubting): Step {
  return {
    state: {
      ...state,
      session: {
        kind: 'opening',
        opening: session.second,
        sinceMs: session.sinceMs,
        moved: null,
        oddity: null,
      },
    },
    effects: [{ kind: 'loseSubscriptions' }],
  };
}

/** The second came to nothing: back to the first if there is any ground to believe in it, else all anew. */
function loseSecond(
  state: ManagerState,
  session: Doubting,
  cause: Cause,
  now: Moment,
  effects: readonly Effect[],
): Step {
  if (session.hasSpoken || !hasFallenSilent(session.main, now)) {
    return { state: { ...state, session: { kind: 'live', main: session.main, retiring: null } }, effects };
  }
  return recover(state, cause, 'backoff', now, [
    ...effects,
    { kind: 'closeSocket', generation: session.main.generation, manner: 'terminate' },
  ]);
}
