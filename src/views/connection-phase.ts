import { assertNever } from '../shared/assert-never';
import type { ServiceStatus } from '../shared/service';

/** What the person would say of the connection, in one word; every view of the host draws from it. */
export type ConnectionPhase =
  'starting' | 'signedOut' | 'disconnected' | 'connecting' | 'live' | 'moving' | 'waiting' | 'stopped';

/** The phase that a status is in; null: nothing is known yet. */
export function phaseOf(status: ServiceStatus | null): ConnectionPhase {
  if (status === null || status.role === 'starting') return 'starting';
  const { session } = status;
  switch (session.kind) {
    case 'idle':
      // Not known yet: in the next moment it is signed out, connecting or disconnected.
      if (session.reason === 'notStarted') return 'starting';
      return session.reason === 'signedOut' ? 'signedOut' : 'disconnected';
    case 'connecting':
    case 'awaitingWelcome':
      return 'connecting';
    case 'live':
    case 'doubting':
      return 'live';
    case 'handover':
      return 'moving';
    case 'waiting':
      return 'waiting';
    case 'stopped':
      return session.reason.kind === 'noToken' ? 'signedOut' : 'stopped';
    default:
      return assertNever(session);
  }
}

/** Whether anything is polled at all, so that a view may say "Polling". */
export function isPolling(status: ServiceStatus): boolean {
  return status.polls.some(poll => poll.state.kind !== 'off');
}

/** The values of our context keys, which `when` clauses in package.json read. */
export interface ContextKeys {
  'eventsub.isOn': boolean;
  'eventsub.isSignedOut': boolean;
  'eventsub.isSignedIn': boolean;
  'eventsub.hasUnread': boolean;
  'eventsub.serverKind': string;
}

/** What the context keys are in a status. */
export function contextOf(status: ServiceStatus | null): ContextKeys {
  const phase = phaseOf(status);
  return {
    'eventsub.isOn':
      phase !== 'starting' && phase !== 'signedOut' && phase !== 'disconnected' && phase !== 'stopped',
    'eventsub.isSignedOut': phase === 'signedOut',
    'eventsub.isSignedIn': status?.account.kind === 'signedIn' || status?.account.kind === 'unverified',
    'eventsub.hasUnread': (status?.unread ?? 0) > 0,
    'eventsub.serverKind': status?.server.kind ?? '',
  };
}
