import * as vscode from 'vscode';
import { ServiceError } from '../shared/service';
import type { WindowContext } from './window-context';

const CONSOLE_URL = 'https://dev.twitch.tv/console/apps/create';

/** Says why a client id cannot be right, or null; Twitch's are 30 letters and digits, other servers' may differ. */
function checkClientId(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return vscode.l10n.t('Paste the client id of your application.');
  return /^[A-Za-z0-9_-]{4,100}$/.test(trimmed)
    ? null
    : vscode.l10n.t('A client id has only letters and digits. This looks like something else.');
}

/**
 * Explains how to register a public client at Twitch, opens its console, takes the client id and keeps it in the
 * settings. Rejects with `cancelled`.
 */
export async function explainRegistration({ settings }: WindowContext): Promise<void> {
  const { l10n, window } = vscode;
  const openConsole = l10n.t('Open Twitch’s console');
  const paste = l10n.t('Paste client id');
  for (;;) {
    const choice = await window.showInformationMessage(
      l10n.t('EventSub Live needs an application of your own at Twitch, once.'),
      {
        modal: true,
        detail: [
          l10n.t('1. Register an application at dev.twitch.tv/console, with any name.'),
          l10n.t('2. OAuth redirect URL: http://localhost. Client type: Public.'),
          l10n.t('3. Copy its client id and paste it here.'),
        ].join('\n'),
      },
      openConsole,
      paste,
    );
    if (choice === undefined) throw new ServiceError('cancelled', 'Cancelled.');
    if (choice === openConsole) await vscode.env.openExternal(vscode.Uri.parse(CONSOLE_URL, true));
    const clientId = await askClientId('');
    if (clientId === undefined) continue;
    await settings.update('clientId', clientId);
    return;
  }
}

/** Asks for a client id; undefined: the person closed the box. It stays open while a browser has the focus. */
export async function askClientId(present: string): Promise<string | undefined> {
  const { l10n } = vscode;
  const answer = await vscode.window.showInputBox({
    title: l10n.t('EventSub: client id'),
    prompt: l10n.t('The client id of your application at dev.twitch.tv/console'),
    placeHolder: l10n.t('30 letters and digits'),
    value: present,
    ignoreFocusOut: true,
    validateInput: checkClientId,
  });
  return answer?.trim();
}
