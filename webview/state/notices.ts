import type { Problem, ServiceStatus } from '../../src/shared/service';
import { sayCause, sayStopReason, sayStorage, type Saying } from '../../src/shared/state-words';
import { fill, fillPlural, type WebviewStrings } from '../../src/shared/webview-strings';

/** A way out of what a notice tells. */
export type NoticeAction =
  | 'signIn'
  | 'signInAgain'
  | 'trySimulator'
  | 'connect'
  | 'retry'
  | 'showLog'
  | 'openSettings'
  | 'reloadWindow'
  | 'revealDatabase';

/** One thing that the person should know, with its ways out. */
export interface Notice {
  /** The same cause has the same id. */
  id: string;
  severity: 'error' | 'warning' | 'info';
  text: string;
  actions: readonly NoticeAction[];
}

const notice = (
  id: string,
  severity: Notice['severity'],
  text: string,
  ...actions: readonly NoticeAction[]
): Notice => ({ id, severity, text, actions });

type NoticeSaying = Saying & { strings: WebviewStrings };

/** Everything worth a notice, the most pressing first; the same cause only once. */
export function findNotices(status: ServiceStatus, saying: NoticeSaying): Notice[] {
  const notices = [
    ...findStorageNotices(status, saying),
    ...findSessionNotices(status, saying),
    ...findScopeNotices(status, saying),
    ...status.problems.filter(isNews).map(({ id, severity, message, args, action }) => {
      const actions = action ? [sayAgain(action, status)] : [];
      return notice(id, severity, fill(message, ...args), ...actions);
    }),
    ...status.settingProblems.map(({ setting, problem, message }) =>
      notice(`setting ${setting} ${problem.kind}`, 'warning', message, 'openSettings'),
    ),
    ...findSetAsideNotices(status, saying),
  ];
  const rank = { error: 0, warning: 1, info: 2 };
  const seen = new Set<string>();
  return notices
    .filter(({ id, text }) => {
      const isNew = !seen.has(id) && !seen.has(text);
      seen.add(id).add(text);
      return isNew;
    })
    .sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** Whether a problem is none of storage, account and session: those the status tells, in this page's own words. */
function isNews({ id }: Problem): boolean {
  return !/^(?:storage|account|session)\./.test(id);
}

/** Who is signed in already signs in again. */
function sayAgain(action: NoticeAction, { account }: ServiceStatus): NoticeAction {
  return action === 'signIn' && account.kind !== 'signedOut' ? 'signInAgain' : action;
}

function findStorageNotices({ storage }: ServiceStatus, saying: NoticeSaying): Notice[] {
  const text = storage.kind === 'opening' ? null : sayStorage(storage, saying);
  if (text === null) return [];
  if (storage.kind !== 'failed') return [notice('storage', 'warning', text, 'showLog')];
  const action = storage.newerVersion ? 'reloadWindow' : 'showLog';
  return [notice('storage', 'error', text, action, 'revealDatabase')];
}

function findSessionNotices({ session, account }: ServiceStatus, saying: NoticeSaying): Notice[] {
  const { strings } = saying;
  if (account.kind === 'signedOut') {
    return [notice('account', 'info', strings.stopNoToken, 'signIn', 'trySimulator')];
  }
  if (account.kind === 'expired') {
    return [notice('account', 'error', strings.stopTokenInvalid, 'signInAgain')];
  }
  switch (session.kind) {
    case 'idle':
      return session.reason === 'signedOut'
        ? []
        : [notice('session', 'info', strings.disconnectedText, 'connect')];
    case 'waiting':
      return [notice('session', 'warning', sayCause(session.cause, strings), 'retry', 'showLog')];
    case 'stopped': {
      const { reason } = session;
      return [notice('session', 'error', sayStopReason(reason, strings), STOP_ACTIONS[reason.kind])];
    }
    case 'connecting':
    case 'awaitingWelcome':
    case 'live':
    case 'doubting':
    case 'handover':
      return [];
  }
}

const STOP_ACTIONS = {
  noToken: 'signIn',
  tokenInvalid: 'signInAgain',
  everythingRefused: 'retry',
  nothingChosen: 'openSettings',
  badSetting: 'openSettings',
} as const satisfies Record<string, NoticeAction>;

function findScopeNotices(status: ServiceStatus, { strings }: NoticeSaying): Notice[] {
  const scopes = new Set<string>();
  for (const { state } of status.subscriptions) if (state.kind === 'missingScope') scopes.add(state.scope);
  // The service may tell of it by itself; once is enough.
  const isTold = status.problems.some(({ action, args, message }) => {
    const said = fill(message, ...args);
    return action === 'signIn' && [...scopes].some(scope => said.includes(scope));
  });
  if (scopes.size === 0 || isTold) return [];
  const text = fill(strings.missingScopeWhy, [...scopes].join(', '));
  return [notice('scopes', 'warning', text, 'signInAgain')];
}

function findSetAsideNotices({ setAside }: ServiceStatus, { strings, locale }: NoticeSaying): Notice[] {
  if (setAside === 0) return [];
  const text = fillPlural(strings, 'setAside', setAside, locale, setAside.toLocaleString(locale));
  return [notice('setAside', 'warning', text, 'showLog')];
}
