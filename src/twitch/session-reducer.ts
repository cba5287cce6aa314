import { assertNever } from '../shared/assert-never';
import { beginDoubt, goOnWithSecond, openingCause, reduceDoubt } from './session-doubt';
import { beginHandover, reduceHandover } from './session-handover';
import {
  closeAll,
  hasFallenSilent,
  heard,
  NO_EFFECTS,
  openBase,
  recover,
  recoverFromClose,
  silenceDeadline,
  stop,
  toOpen,
  welcomed,
} from './session-steps';
import type { Effect, Input, ManagerState, Moment, Session, Step } from './session-types';

type Opening = Extract<Session, { kind: 'opening' }>;
type Live = Extract<Session, { kind: 'live' }>;
type Of<K extends Input['kind']> = Extract<Input, { kind: K }>;

/**
 * The rules of one EventSub session (Twitch, "Handling WebSocket Events"): what happens to it at an input, and
 * what has to be done. Pure. What a generation says that is in no state any more changes nothing.
 */
export function reduce(state: ManagerState, input: Input, now: Moment): Step {
  const { session } = state;
  switch (input.kind) {
    case 'connect':
      return session.kind === 'idle' || session.kind === 'stopped'
        ? openBase({ ...state, failures: 0 }, now, NO_EFFECTS)
        : unchanged(state);
    case 'disconnect':
      return {
        state: { ...state, failures: 0, session: { kind: 'idle', reason: input.reason } },
        effects: [...closeAll(session, 'close'), { kind: 'loseSubscriptions' }],
      };
    case 'stop':
      return stop(state, input.reason, now, NO_EFFECTS);
    case 'retryNow':
      return session.kind === 'waiting' || session.kind === 'stopped'
        ? openBase(state, now, NO_EFFECTS)
        : unchanged(state);
    case 'answered':
      return reduceAnswer(state, input, now);
    case 'reconnect':
      return reduceReconnect(state, input, now);
    default:
      return reduceBySession(state, input, now);
  }
}

/** The monotonic moment at which a `tick` is due; null: never. */
export function nextDeadline({ session, failures, timings }: ManagerState): number | null {
  switch (session.kind) {
    case 'idle':
    case 'stopped':
      return null;
    case 'opening':
      return session.opening.deadlineMonoMs;
    case 'live': {
      const silence = silenceDeadline(session.main);
      const { answeredAtMonoMs } = session.main;
      const isRecovering = failures > 0 && answeredAtMonoMs !== null;
      return isRecovering ? Math.min(silence, answeredAtMonoMs + timings.stableMs) : silence;
    }
    case 'doubting':
      return session.second.deadlineMonoMs;
    case 'handover':
      return session.next.kind === 'opening' ? session.next.opening.deadlineMonoMs : session.next.untilMonoMs;
    case 'waiting':
      return session.retryAtMonoMs;
    default:
      return assertNever(session);
  }
}

function reduceBySession(state: ManagerState, input: Input, now: Moment): Step {
  const { session } = state;
  switch (session.kind) {
    case 'idle':
    case 'stopped':
      return unchanged(state);
    case 'opening':
      return reduceOpening(state, session, input, now);
    case 'live':
      return reduceLive(state, session, input, now);
    case 'doubting':
      return reduceDoubt(state, session, input, now);
    case 'handover':
      return reduceHandover(state, session, input, now);
    case 'waiting':
      return input.kind === 'clockJumped' || (input.kind === 'tick' && now.monoMs >= session.retryAtMonoMs)
        ? openBase(state, now, NO_EFFECTS)
        : unchanged(state);
    default:
      return assertNever(session);
  }
}

function reduceOpening(state: ManagerState, session: Opening, input: Input, now: Moment): Step {
  const { opening, moved } = session;
  switch (input.kind) {
    case 'opened':
      return input.generation === opening.generation
        ? only(state, { ...session, opening: toOpen(opening, state.timings, now) })
        : unchanged(state);
    case 'welcome':
      return input.generation === opening.generation ? arrive(state, session, input, now) : unchanged(state);
    case 'badFrame':
      return input.generation === opening.generation
        ? only(state, { ...session, oddity: input.problem })
        : unchanged(state);
    case 'closed':
      if (input.generation !== opening.generation) return unchanged(state);
      // The way that was announced is shut: the base URL, and everything subscribed anew.
      return moved
        ? recover(state, input.cause, 'now', now, NO_EFFECTS)
        : recoverFromClose(state, input, now, NO_EFFECTS);
    case 'tick': {
      if (now.monoMs < opening.deadlineMonoMs) return unchanged(state);
      const cause =
        session.oddity === null
          ? openingCause(opening.phase)
          : { kind: 'protocol' as const, message: session.oddity };
      return recover(state, cause, moved ? 'now' : 'backoff', now, closeAll(session, 'terminate'));
    }
    case 'clockJumped':
      return openBase(
        state,
        now,
        moved
          ? [...closeAll(session, 'terminate'), { kind: 'loseSubscriptions' }]
          : closeAll(session, 'terminate'),
      );
    default:
      return unchanged(state);
  }
}

function arrive(state: ManagerState, { moved }: Opening, input: Of<'welcome'>, now: Moment): Step {
  const fresh = welcomed(state, input, now);
  const main = moved ? { ...fresh, ...moved } : fresh;
  const ids = { generation: main.generation, sessionId: main.sessionId };
  const effects: Effect[] = moved
    ? [{ kind: 'moveSubscriptions', ...ids }, { kind: 'gapClosed' }]
    : [{ kind: 'subscribeAll', ...ids }];
  return { state: { ...state, session: { kind: 'live', main, retiring: null } }, effects };
}

function reduceLive(state: ManagerState, session: Live, input: Input, now: Moment): Step {
  const { main, retiring } = session;
  switch (input.kind) {
    case 'welcome':
    case 'frame': {
      const next = input.generation === main.generation ? heard(main, input.sentAtMs, now) : main;
      return next === main ? unchanged(state) : only(state, { ...session, main: next });
    }
    case 'closed':
      if (input.generation === retiring) return only(state, { ...session, retiring: null });
      return input.generation === main.generation
        ? recoverFromClose(state, input, now, closeRetiring(retiring))
        : unchanged(state);
    case 'conflict':
      return input.generation === main.generation && retiring !== null
        ? { ...only(state, { ...session, retiring: null }), effects: closeRetiring(retiring) }
        : unchanged(state);
    case 'tick': {
      const settled = forgetFailures(state, session, now);
      return hasFallenSilent(main, now)
        ? beginDoubt(settled, session, 'silence', main.newestSentAtMs, now)
        : unchanged(settled);
    }
    case 'clockJumped': {
      // What was sent before the jump says nothing about the time after it.
      const awakeMs = Math.max(0, input.lastGoodMonoMs - main.lastFrameMonoMs);
      return beginDoubt(state, session, 'clockJump', main.newestSentAtMs + awakeMs, now);
    }
    default:
      return unchanged(state);
  }
}

function forgetFailures(state: ManagerState, { main }: Live, now: Moment): ManagerState {
  const isStable =
    main.answeredAtMonoMs !== null && now.monoMs >= main.answeredAtMonoMs + state.timings.stableMs;
  return isStable && state.failures > 0 ? { ...state, failures: 0 } : state;
}

function reduceReconnect(state: ManagerState, input: Of<'reconnect'>, now: Moment): Step {
  const { session } = state;
  if (session.kind === 'handover') return reduceHandover(state, session, input, now);
  if (session.kind === 'live' && input.generation === session.main.generation) {
    return beginHandover(state, session.main, input, now, closeRetiring(session.retiring));
  }
  if (session.kind === 'doubting' && input.generation === session.main.generation) {
    // It speaks, so it lives: there is nothing left to doubt.
    return beginHandover(state, session.main, input, now, [
      { kind: 'closeSocket', generation: session.second.generation, manner: 'close' },
    ]);
  }
  return unchanged(state);
}

function reduceAnswer(state: ManagerState, input: Of<'answered'>, now: Moment): Step {
  const { session } = state;
  const { generation, outcome } = input;
  const isWelcomed = session.kind === 'live' || session.kind === 'doubting' || session.kind === 'handover';
  if (!isWelcomed || generation !== session.main.generation) return unchanged(state);
  const retiring = session.kind === 'live' ? session.retiring : null;
  switch (outcome.kind) {
    case 'live': {
      if (session.main.answeredAtMonoMs !== null) return unchanged(state);
      const main = { ...session.main, answeredAtMonoMs: now.monoMs };
      const next: Session =
        session.kind === 'live' ? { ...session, main, retiring: null } : { ...session, main };
      return {
        state: { ...state, session: next },
        effects: [...closeRetiring(retiring), { kind: 'ready' }, { kind: 'gapClosed' }],
      };
    }
    case 'stop':
      return stop(state, outcome.reason, now, NO_EFFECTS);
    case 'failed':
    case 'sessionGone': {
      // In a handover the subscriptions are tried again on the new session.
      if (session.kind === 'handover') return unchanged(state);
      const closing: Effect[] = [
        { kind: 'closeSocket', generation, manner: 'close' },
        ...closeRetiring(retiring),
      ];
      if (session.kind === 'doubting') {
        const step = goOnWithSecond(state, session);
        return { ...step, effects: [...closing, ...step.effects] };
      }
      return outcome.kind === 'failed'
        ? recover(state, { kind: 'unreachable', message: outcome.message }, 'backoff', now, closing)
        : recover(
            state,
            { kind: 'closed', code: 1006, reason: 'the session did not exist any more' },
            'now',
            now,
            closing,
          );
    }
    default:
      return assertNever(outcome);
  }
}

function closeRetiring(retiring: number | null): Effect[] {
  return retiring === null ? [] : [{ kind: 'closeSocket', generation: retiring, manner: 'drain' }];
}

function only(state: ManagerState, session: Session): Step {
  return { state: { ...state, session }, effects: NO_EFFECTS };
}

function unchanged(state: ManagerState): Step {
  return { state, effects: NO_EFFECTS };
}
