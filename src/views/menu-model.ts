import type { ServiceStatus } from '../shared/service';
import { saySession, sayAlive } from '../shared/state-words';
import { fill } from '../shared/webview-strings';
import { phaseOf } from './connection-phase';
import { makePlain } from './plain-text';
import type { HostSaying } from './status-bar-model';

/** One line of the menu. */
export interface MenuEntry {
  icon: string;
  label: string;
  hint: string;
  command: string;
}

/** The menu's heading: the state in words. */
export function drawMenuTitle(status: ServiceStatus | null, saying: HostSaying): string {
  const phase = phaseOf(status);
  if (status === null || phase === 'starting')
    return `${saying.strings.menuTitle}: ${saying.strings.tipStarting}`;
  const state = phase === 'signedOut' ? saying.strings.sessionSignedOut : saySession(status.session, saying);
  const alive = phase === 'live' ? ` · ${sayAlive(status, saying.strings)}` : '';
  return `${saying.strings.menuTitle}: ${state}${alive}`;
}

/** The menu's lines, the likeliest first. */
export function drawMenu(status: ServiceStatus | null, saying: HostSaying): MenuEntry[] {
  const { strings, isStreamerMode } = saying;
  const phase = phaseOf(status);
  const entries: MenuEntry[] = [];
  const add = (icon: string, label: string, command: string, hint = ''): void =>
    void entries.push({ icon, label, command, hint });

  if (phase === 'signedOut') {
    add('key', strings.signIn, 'eventsub.signIn');
    add('beaker', strings.trySimulator, 'eventsub.trySimulator');
  } else if (phase === 'stopped') {
    add('debug-restart', strings.retry, 'eventsub.retry');
    add('key', strings.signInAgain, 'eventsub.signIn');
  } else if (phase === 'disconnected') {
    add('plug', strings.connect, 'eventsub.connect', strings.menuConnectHint);
  } else {
    if (phase === 'waiting') add('debug-restart', strings.retry, 'eventsub.retry');
    add('debug-disconnect', strings.disconnect, 'eventsub.disconnect', strings.menuDisconnectHint);
  }
  add('dashboard', strings.openDashboard, 'eventsub.openDashboard');
  if (phase !== 'signedOut') add('refresh', strings.refresh, 'eventsub.refresh');
  if ((status?.unread ?? 0) > 0) add('check-all', strings.menuMarkAllRead, 'eventsub.markAllRead');
  add('beaker', strings.menuSimulate, 'eventsub.simulateEvent');
  add(
    isStreamerMode ? 'eye' : 'eye-closed',
    isStreamerMode ? strings.menuStreamerOff : strings.menuStreamerOn,
    'eventsub.toggleStreamerMode',
  );
  if (status && status.server.kind !== 'twitch') add('arrow-swap', strings.menuTwitch, 'eventsub.useTwitch');
  if (status?.account.kind === 'signedIn' || status?.account.kind === 'unverified') {
    add(
      'sign-out',
      strings.menuSignOut,
      'eventsub.signOut',
      fill(strings.menuSignedInAs, makePlain(status.account.login)),
    );
  }
  add('gear', strings.menuSettings, 'eventsub.openSettings');
  add('output', strings.menuLog, 'eventsub.showLog');
  return entries;
}
