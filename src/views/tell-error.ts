import * as vscode from 'vscode';
import { toServiceError } from '../shared/rpc';
import type { ServiceError } from '../shared/service';
import { makePlain } from './plain-text';
import type { Log } from './log';

/** The longest sentence that a message shows. */
const LONGEST_MESSAGE = 300;

interface WayOut {
  label: string;
  run: () => Thenable<unknown>;
}

/** Tells the person what failed, in their words and with ways out. A cancellation is not told. */
export async function tellError(caught: unknown, log: Log, retry?: () => Thenable<unknown>): Promise<void> {
  const error = toServiceError(caught);
  if (error.kind === 'cancelled') return;
  log.warn('A command failed.', caught);
  const ways = chooseWaysOut(error, log, retry);
  const choice = await vscode.window.showErrorMessage(sayError(error), ...ways.map(way => way.label));
  await ways.find(way => way.label === choice)?.run();
}

/** A failure as a sentence in the person's language. */
export function sayError(error: ServiceError): string {
  const { l10n } = vscode;
  switch (error.kind) {
    case 'signedOut':
      return l10n.t('Nobody is signed in.');
    case 'noClientId':
      return l10n.t('There is no client id to sign in with.');
    case 'denied':
      return l10n.t('Twitch says that the sign-in was denied.');
    case 'offline':
      return l10n.t('Twitch cannot be reached. Check the network, then try again.');
    case 'invalidToken':
      return l10n.t('Twitch says that this access token is not valid.');
    case 'clientMismatch':
      return l10n.t('The access token was not issued for this client id.');
    case 'timeout':
      return l10n.t('There was no answer in time.');
    case 'versionMismatch':
      return l10n.t('Another window runs a different version of EventSub Live. Reload this window.');
    case 'expired':
    case 'notAvailable':
    case 'badRequest':
    case 'storage':
    case 'cancelled':
    case 'internal':
      return makePlain(l10n.t(error.message), LONGEST_MESSAGE);
  }
}

function chooseWaysOut(error: ServiceError, log: Log, retry?: () => Thenable<unknown>): WayOut[] {
  const { l10n, commands } = vscode;
  const ways: WayOut[] = [];
  if (error.kind === 'signedOut' || error.kind === 'noClientId' || error.kind === 'expired') {
    ways.push({ label: l10n.t('Sign in'), run: () => commands.executeCommand('eventsub.signIn') });
  } else if (error.kind === 'versionMismatch') {
    ways.push({
      label: l10n.t('Reload window'),
      run: () => commands.executeCommand('workbench.action.reloadWindow'),
    });
  } else if (retry) {
    ways.push({ label: l10n.t('Retry'), run: retry });
  }
  ways.push({
    label: l10n.t('Show log'),
    run: () => {
      log.show();
      return Promise.resolve();
    },
  });
  return ways;
}
