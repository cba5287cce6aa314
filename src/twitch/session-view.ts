import { assertNever } from '../shared/assert-never';
import type { SessionState } from '../shared/session-state';
import type { Main, ManagerState } from './session-types';

/** The union that people see of the reducer's state; nothing in it is secret. */
export function showSession({ session, failures }: ManagerState): SessionState {
  switch (session.kind) {
    case 'idle':
      return { kind: 'idle', reason: session.reason };
    case 'opening': {
      const kind = session.opening.phase === 'open' ? 'awaitingWelcome' : 'connecting';
      return { kind, attempt: failures + 1, since: toIso(session.sinceMs) };
    }
    case 'live':
      return { kind: 'live', ...showMain(session.main) };
    case 'doubting': {
      const { suspicion, sinceMs, main } = session;
      return { kind: 'doubting', since: toIso(sinceMs), suspicion, ...showMain(main) };
    }
    case 'handover':
      return { kind: 'handover', since: toIso(session.sinceMs), ...showMain(session.main) };
    case 'waiting': {
      const { retryAtMs, cause } = session;
      return { kind: 'waiting', attempt: failures, retryAt: toIso(retryAtMs), cause };
    }
    case 'stopped':
      return { kind: 'stopped', reason: session.reason, since: toIso(session.sinceMs) };
    default:
      return assertNever(session);
  }
}

/** Whether a session that was on its way or live is not any more, be it for a moment or for good. */
export function hasEnded(was: SessionState, is: SessionState): boolean {
  const isOpening = is.kind === 'connecting' || is.kind === 'awaitingWelcome';
  if (isOpening) return was.kind === 'live' || was.kind === 'doubting' || was.kind === 'handover';
  const isOver = is.kind === 'waiting' || is.kind === 'stopped' || is.kind === 'idle';
  return isOver && was.kind !== is.kind;
}

function showMain(main: Main): {
  connectedAt: string;
  lastMessageAt: string;
  keepaliveTimeoutSeconds: number;
} {
  return {
    connectedAt: toIso(main.connectedAtMs),
    lastMessageAt: toIso(main.lastFrameWallMs),
    keepaliveTimeoutSeconds: main.keepaliveMs / 1000,
  };
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
