import * as vscode from 'vscode';
import { askClientId } from './client-id';
import { tellError } from './tell-error';
import type { WindowContext } from './window-context';

/** Signs in with a pasted access token: client id, token (masked), a check at the server, then connected. */
export async function signInWithToken(context: WindowContext): Promise<void> {
  const { service, settings, log } = context;
  const { l10n } = vscode;
  const clientId = await askClientId(settings.current.clientId);
  if (clientId === undefined) return;
  const token = await vscode.window.showInputBox({
    title: l10n.t('EventSub: access token'),
    prompt: l10n.t('A user access token for this client id. It is kept in the secret storage.'),
    password: true,
    ignoreFocusOut: true,
    validateInput: text => {
      const trimmed = cleanToken(text);
      if (trimmed === '') return l10n.t('Paste the access token.');
      return /^[\x21-\x7e]+$/.test(trimmed)
        ? null
        : l10n.t('A token has no spaces and no special characters.');
    },
  });
  if (token === undefined) return;
  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: l10n.t('Checking the access token') },
      () => service.signInWithToken(clientId, cleanToken(token)),
    );
  } catch (error: unknown) {
    await tellError(error, log, () => signInWithToken(context));
    return;
  }
  const { account } = await service.getStatus();
  if (account.kind === 'signedIn' || account.kind === 'unverified') {
    void vscode.window.showInformationMessage(l10n.t('Signed in as {0}.', account.login));
  }
}

/** Chat tools hand tokens out with `oauth:` before them. */
function cleanToken(text: string): string {
  return text.trim().replace(/^oauth:/i, '');
}
