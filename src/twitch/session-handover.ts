import type { Cause } from '../shared/session-state';
import { backoffMs } from './backoff';
import { openingCause } from './session-doubt';
import { hasFallenSilent, heard, NO_EFFECTS, open, recover, toOpen, welcomed } from './session-steps';
import type {
  Effect,
  Input,
  Main,
  ManagerState,
  Moment,
  Next,
  Opening,
  Session,
  Step,
  Target,
} from './session-types';

type Handover = Extract<Session, { kind: 'handover' }>;

/** So many moves in a row are followed at once; those after them wait, so that no chain opens sockets without bound. */
const MOVES_AT_ONCE = 2;

/** The longest rest before a move; Twitch leaves 30 s for it. */
const LONGEST_REST_MS = 15_000;

/** Begins to move as `session_reconnect` asks. The old socket stays and is listened to. */
export function beginHandover(
  state: ManagerState,
  main: Main,
  input: Extract<Input, { kind: 'reconnect' }>,
  now: Moment,
  before: readonly Effect[],
): Step {
  const isInChain = state.moves > 0 && now.monoMs - state.lastMoveMonoMs < state.timings.stableMs;
  const moves = isInChain ? state.moves + 1 : 1;
  const counted: ManagerState = { ...state, moves, lastMoveMonoMs: now.monoMs };
  const session = { main: heard(main, input.sentAtMs, now), sinceMs: now.wallMs };
  const target: Target = input.target.ok ? { route: 'moved', url: input.target.url } : { route: 'base' };
  const effects: readonly Effect[] = input.target.ok
    ? before
    : [
        ...before,
        {
          kind: 'report',
          error: 'reconnectUrl',
          message: `The address to move to was not used: ${input.target.reason}.`,
        },
      ];
  if (moves <= MOVES_AT_ONCE) return openNext(counted, session, target, now, effects);
  const restMs = backoffMs(moves - MOVES_AT_ONCE, now.random, {
    baseMs: 2 * state.timings.backoff.baseMs,
    capMs: LONGEST_REST_MS,
  });
  const next: Next = { kind: 'resting', untilMonoMs: now.monoMs + restMs, target };
  return { state: { ...counted, session: { kind: 'handover', ...session, next } }, effects };
}

/** Decides what an input means during a handover. */
export function reduceHandover(state: ManagerState, session: Handover, input: Input, now: Moment): Step {
  const { main, next } = session;
  const opening = next.kind === 'opening' ? next.opening : null;
  switch (input.kind) {
    case 'opened':
      return next.kind === 'opening' && input.generation === next.opening.generation
        ? keep(state, { ...session, next: { ...next, opening: toOpen(next.opening, state.timings, now) } })
        : keep(state, session);
    case 'welcome':
      return next.kind === 'opening' && input.generation === next.opening.generation
        ? arrive(state, session, next.target, input, now)
        : keep(state, { ...session, main: hear(main, input, now) });
    case 'frame':
      return keep(state, { ...session, main: hear(main, input, now) });
    case 'reconnect':
      return keep(state, { ...session, main: hear(main, input, now), next: toNewest(session, input) });
    case 'closed':
      if (input.generation === main.generation) return loseOld(state, session, input, now);
      return opening?.generation === input.generation
        ? failNext(state, session, input.cause, now, NO_EFFECTS)
        : keep(state, session);
    case 'tick':
      if (next.kind === 'resting') {
        return now.monoMs < next.untilMonoMs
          ? keep(state, session)
          : openNext(state, session, next.target, now, NO_EFFECTS);
      }
      if (now.monoMs < next.opening.deadlineMonoMs) return keep(state, session);
      return failNext(state, session, openingCause(next.opening.phase), now, [terminate(next.opening)]);
    case 'clockJumped':
      // The time to move in has passed in sleep.
      return openNext(state, session, { route: 'base' }, now, opening ? [terminate(opening)] : NO_EFFECTS);
    default:
      return keep(state, session);
  }
}

function keep(state: ManagerState, session: Handover): Step {
  return { state: { ...state, session }, effects: NO_EFFECTS };
}

function hear(main: Main, input: { generation: number; sentAtMs: number }, now: Moment): Main {
  return input.generation === main.generation ? heard(main, input.sentAtMs, now) : main;
}

/** Announced once more: a way that we are on is as good; while we rest, the newest address is the one that holds. */
function toNewest(
  { main, next }: Handover,
  { generation, target }: Extract<Input, { kind: 'reconnect' }>,
): Next {
  if (next.kind !== 'resting' || generation !== main.generation || !target.ok) return next;
  return { ...next, target: { route: 'moved', url: target.url } };
}

function terminate(opening: Opening): Effect {
  return { kind: 'closeSocket', generation: opening.generation, manner: 'terminate' };
}

function openNext(
  state: ManagerState,
  session: Pick<Handover, 'main' | 'sinceMs'>,
  target: Target,
  now: Moment,
  before: readonly Effect[],
): Step {
  const opened = open(state, now, target.route === 'moved' ? target.url : null);
  const next: Next = { kind: 'opening', opening: opened.opening, target };
  return {
    state: {
      ...opened.state,
      session: { kind: 'handover', main: session.main, sinceMs: session.sinceMs, next },
    },
    effects: [...before, opened.effect],
  };
}

/** The new socket's welcome. By the announced way the subscriptions come along; by the base URL they do not. */
function arrive(
  state: ManagerState,
  session: Handover,
  target: Target,
  input: Extract<Input, { kind: 'welcome' }>,
  now: Moment,
): Step {
  const old = session.main;
  const fresh = welcomed(state, input, now);
  if (target.route === 'base') {
    return {
      state: { ...state, session: { kind: 'live', main: fresh, retiring: old.generation } },
      effects: [
        { kind: 'loseSubscriptions' },
        { kind: 'subscribeAll', generation: fresh.generation, sessionId: fresh.sessionId },
      ],
    };
  }
  const main: Main = {
    ...fresh,
    connectedAtMs: old.connectedAtMs,
    keepaliveMs: input.keepaliveMs ?? old.keepaliveMs,
    answeredAtMonoMs: old.answeredAtMonoMs,
  };
  return {
    state: { ...state, session: { kind: 'live', main, retiring: null } },
    effects: [
      { kind: 'moveSubscriptions', generation: main.generation, sessionId: main.sessionId },
      { kind: 'closeSocket', generation: old.generation, manner: 'drain' },
    ],
  };
}

/** The old socket has closed before the new one's welcome: the new one goes on alone. */
function loseOld(
  state: ManagerState,
  { main, next, sinceMs }: Handover,
  input: Extract<Input, { kind: 'closed' }>,
  now: Moment,
): Step {
  if (next.kind === 'resting') return recover(state, input.cause, 'backoff', now, NO_EFFECTS);
  const isMoving = next.target.route === 'moved';
  return {
    state: {
      ...state,
      session: {
        kind: 'opening',
        opening: next.opening,
        sinceMs,
        moved: isMoving
          ? { connectedAtMs: main.connectedAtMs, answeredAtMonoMs: main.answeredAtMonoMs }
          : null,
        oddity: null,
      },
    },
    effects: isMoving ? NO_EFFECTS : [{ kind: 'loseSubscriptions' }],
  };
}

/** The new socket came to nothing: the base URL at once, and after a second failure with a backoff. */
function failNext(
  state: ManagerState,
  session: Handover,
  cause: Cause,
  now: Moment,
  effects: readonly Effect[],
): Step {
  const wasMove = session.next.target.route === 'moved';
  const failures = state.failures + 1;
  const report: Effect = {
    kind: 'report',
    error: 'handover',
    message: `The move to a new session failed (${cause.kind}).`,
  };
  if (hasFallenSilent(session.main, now)) {
    // Both ways are dead; a socket that nothing comes from is not waited for.
    return recover(state, cause, 'now', now, [
      ...effects,
      report,
      { kind: 'closeSocket', generation: session.main.generation, manner: 'terminate' },
    ]);
  }
  if (wasMove && state.failures === 0) {
    return openNext({ ...state, failures }, session, { route: 'base' }, now, [...effects, report]);
  }
  const restMs = backoffMs(failures, now.random, state.timings.backoff);
  const next: Next = { kind: 'resting', untilMonoMs: now.monoMs + restMs, target: { route: 'base' } };
  return { state: { ...state, failures, session: { ...session, next } }, effects: [...effects, report] };
}
