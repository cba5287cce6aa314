import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { sayPollKind } from '../shared/state-words';
import { exportEvents } from './export-events';
import { runJob } from './job-progress';
import { showMenu } from './menu';
import { revealDatabase } from './reveal-database';
import { signIn } from './sign-in';
import { signInWithToken } from './sign-in-with-token';
import { signOut } from './sign-out';
import { simulateEvent, trySimulator, useTwitch } from './simulator-actions';
import { pickType, retry, subscribeTo, unsubscribeFrom } from './subscription-actions';
import { tellError } from './tell-error';
import type { WindowContext } from './window-context';

/** What the views themselves offer to commands. */
export interface ViewActions {
  openDashboard(): void;
  searchEvents(): Promise<void>;
}

type CommandHandlers = Readonly<Record<string, (argument: unknown) => unknown>>;

/** Registers every command of package.json. What a command fails with is told, with Retry as a way out. */
export function registerCommands(context: WindowContext, actions: ViewActions): Disposable {
  const registrations = Object.entries(listHandlers(context, actions)).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (argument: unknown) => {
      try {
        await handler(argument);
      } catch (error: unknown) {
        void tellError(error, context.log, () => vscode.commands.executeCommand(id, argument));
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}

function listHandlers(context: WindowContext, actions: ViewActions): CommandHandlers {
  const { service, settings, log } = context;
  return {
    'eventsub.connect': () => service.connect(),
    'eventsub.disconnect': () => service.disconnect(),
    'eventsub.refresh': () => refresh(context),
    'eventsub.openDashboard': () => actions.openDashboard(),
    'eventsub.showMenu': () => showMenu(context),
    'eventsub.signIn': () => signIn(context),
    'eventsub.signInWithToken': () => signInWithToken(context),
    'eventsub.signOut': () => signOut(context),
    'eventsub.subscribe': argument => subscribe(context, argument),
    'eventsub.unsubscribe': argument => unsubscribe(context, argument),
    'eventsub.retry': argument => retry(context, argument),
    'eventsub.simulateEvent': () => simulateEvent(context),
    'eventsub.trySimulator': () => trySimulator(context),
    'eventsub.useTwitch': () => useTwitch(context),
    'eventsub.exportEvents': () => exportEvents(context),
    'eventsub.revealDatabase': () => revealDatabase(context),
    // Higher than any event's number; what comes later is unread again.
    'eventsub.markAllRead': () => service.markRead(Number.MAX_SAFE_INTEGER),
    'eventsub.toggleStreamerMode': () => settings.update('streamerMode', !settings.current.streamerMode),
    'eventsub.searchEvents': () => actions.searchEvents(),
    'eventsub.openSettings': argument => openSettings(argument),
    'eventsub.showLog': () => log.show(),
  };
}

async function refresh(context: WindowContext): Promise<void> {
  const { l10n, window } = vscode;
  const result = await runJob(context, l10n.t('Polling Twitch'), () => context.service.refresh());
  const failed = context.status.current?.polls.find(poll => poll.last?.kind === 'failed');
  if (failed) {
    const name = sayPollKind(failed.kind, context.strings);
    window.setStatusBarMessage(l10n.t('Refreshed; this one failed: {0}', name), 8_000);
    return;
  }
  const isCounted = result.count > 0 && !context.settings.current.streamerMode;
  window.setStatusBarMessage(
    isCounted ? l10n.t('Refreshed; recovered events: {0}', result.count) : l10n.t('Refreshed'),
    5_000,
  );
}

async function subscribe(context: WindowContext, argument: unknown): Promise<void> {
  const chosen = context.settings.current.events;
  const type = await pickType(context, argument, candidate => !chosen.includes(candidate));
  if (type) await subscribeTo(context, type);
}

async function unsubscribe(context: WindowContext, argument: unknown): Promise<void> {
  const chosen = context.settings.current.events;
  const type = await pickType(context, argument, candidate => chosen.includes(candidate));
  if (type) await unsubscribeFrom(context, type);
}

/** Opens our settings, or the one that is named. */
async function openSettings(argument: unknown): Promise<void> {
  const query = typeof argument === 'string' && argument.startsWith('eventsub.') ? argument : 'eventsub.';
  await vscode.commands.executeCommand('workbench.action.openSettings', query);
}
