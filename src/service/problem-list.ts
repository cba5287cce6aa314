import { CATALOGUE } from '../shared/catalogue';
import type { Problem, ServiceStatus } from '../shared/service';
import type { SessionState } from '../shared/session-state';
import type { StatusParts } from './status-board';

/** Problems that no state holds: told by a part when they happened, and taken back by it. */
export interface NoticeList {
  set(problem: Problem): void;
  clear(id: string): void;
  /** Takes back every notice whose id begins so. */
  clearAll(prefix: string): void;
  list(): Problem[];
}

/** The session is not there and is coming back. */
const DOWN: readonly SessionState['kind'][] = ['connecting', 'awaitingWelcome', 'waiting'];
/** The oldest of one kind make way: a person reads a few, never hundreds. */
const MOST_NOTICES = 20;

/** Makes an empty list; `onChange` is called when it differs from before. */
export function createNoticeList(onChange: () => void): NoticeList {
  const notices = new Map<string, Problem>();
  return {
    set: problem => {
      if (JSON.stringify(notices.get(problem.id)) === JSON.stringify(problem)) return;
      notices.set(problem.id, problem);
      if (notices.size > MOST_NOTICES) {
        for (const oldest of notices.keys()) {
          notices.delete(oldest);
          break;
        }
      }
      onChange();
    },
    clear: id => {
      if (notices.delete(id)) onChange();
    },
    clearAll: prefix => {
      const found = [...notices.keys()].filter(id => id.startsWith(prefix));
      for (const id of found) notices.delete(id);
      if (found.length > 0) onChange();
    },
    list: () => [...notices.values()],
  };
}

/** The problems that follow from a status, each once per cause and with its way out. */
export function deriveProblems(parts: StatusParts): Problem[] {
  return [
    ...accountProblems(parts.account),
    ...storageProblems(parts),
    ...sessionProblems(parts),
    ...pollProblems(parts),
  ];
}

function accountProblems(account: ServiceStatus['account']): Problem[] {
  if (account.kind !== 'expired') return [];
  return [
    {
      id: 'account.expired',
      severity: 'error',
      message: 'The sign-in is not valid any more: {0}',
      args: [account.reason],
      action: 'signIn',
    },
  ];
}

function storageProblems({ storage, setAside }: StatusParts): Problem[] {
  const problems: Problem[] = [];
  if (storage.kind === 'failed') {
    problems.push({
      id: 'storage.failed',
      severity: 'error',
      message: storage.newerVersion
        ? 'The database was written by a newer version of this extension and is left as it is: {0}'
        : 'The database cannot be used: {0}',
      args: [storage.reason],
      action: storage.newerVersion ? 'reloadWindow' : 'revealDatabase',
    });
  }
  if (storage.kind === 'notSaving') {
    problems.push({
      id: 'storage.notSaving',
      severity: 'error',
      message: 'Events cannot be saved and stay in memory until they can: {0}',
      args: [storage.reason],
      action: 'revealDatabase',
    });
  }
  if (setAside > 0) {
    problems.push({
      id: 'storage.setAside',
      severity: 'warning',
      message: 'Events that could not be understood were set aside: {0}. They are kept.',
      args: [String(setAside)],
      action: 'showLog',
    });
  }
  return problems;
}

function sessionProblems({ account, session, subscriptions }: StatusParts): Problem[] {
  const problems: Problem[] = [];
  if (session.kind === 'stopped') {
    const { reason } = session;
    // Where it was for a permission, that says more.
    if (reason.kind === 'everythingRefused' && subscriptions.some(({ state }) => state.kind === 'refused')) {
      problems.push({
        id: 'session.everythingRefused',
        severity: 'error',
        message: 'The server refused every subscription. Each says why.',
        args: [],
        action: 'retry',
      });
    }
    // Where the account says so itself it also says why.
    if (reason.kind === 'tokenInvalid' && account.kind !== 'expired') {
      problems.push({
        id: 'session.tokenInvalid',
        severity: 'error',
        message: 'The server does not accept the access token.',
        args: [],
        action: 'signIn',
      });
    }
    if (reason.kind === 'badSetting') {
      problems.push({
        id: `session.badSetting.${reason.setting}`,
        severity: 'error',
        message: '{0}: {1}',
        args: [reason.setting, reason.message],
        action: 'openSettings',
      });
    }
  }
  const scopes = subscriptions.flatMap(({ state }) => (state.kind === 'missingScope' ? [state.scope] : []));
  for (const scope of new Set(scopes)) {
    problems.push({
      id: `scope.${scope}`,
      severity: 'warning',
      message: 'Some events need the permission {0}: sign in again to grant it.',
      args: [scope],
      action: 'signIn',
    });
  }
  const held = subscriptions.filter(({ state }) => state.kind === 'slotsHeld').length;
  if (held > 0) {
    problems.push({
      id: 'subscriptions.slotsHeld',
      severity: 'warning',
      message: 'Another app, window or machine holds all the connections that Twitch allows this account.',
      args: [],
      action: 'retry',
    });
  }
  const revoked = subscriptions.flatMap(({ type, state }) =>
    state.kind === 'revoked' ? [{ type, status: state.status }] : [],
  );
  if (revoked.length > 0) {
    const isForPermission = revoked.some(({ status }) => status === 'authorization_revoked');
    problems.push({
      id: 'subscriptions.revoked',
      severity: 'warning',
      message: 'The server took back these subscriptions: {0}',
      args: [revoked.map(({ type }) => CATALOGUE[type].description).join(', ')],
      action: isForPermission ? 'signIn' : 'retry',
    });
  }
  return problems;
}

/** One for all polls, because they mostly fail together; while the socket is down as well the status says it. */
function pollProblems({ account, session, polls, subscriptions }: StatusParts): Problem[] {
  if (DOWN.includes(session.kind) || account.kind === 'expired') return [];
  const needed = subscriptions.flatMap(({ state }) => (state.kind === 'missingScope' ? [state.scope] : []));
  const failed = polls.flatMap(({ kind, state, last, missingScopes = [] }) => {
    const isSaidAlready = missingScopes.some(scope => needed.includes(scope));
    return state.kind !== 'off' && last?.kind === 'failed' && !isSaidAlready
      ? [{ kind, message: last.message }]
      : [];
  });
  const [first] = failed;
  if (!first) return [];
  return [
    {
      id: 'polls.failed',
      severity: 'warning',
      message: 'The last poll of {0} failed and is tried again: {1}',
      args: [failed.map(({ kind }) => kind).join(', '), first.message],
      action: 'retry',
    },
  ];
}
