import * as vscode from 'vscode';
import type { WindowContext } from './window-context';

/** Signs out once the person has confirmed; the history stays. */
export async function signOut({ service, status }: WindowContext): Promise<void> {
  const { l10n } = vscode;
  const account = status.current?.account;
  const login = account && account.kind !== 'signedOut' ? account.login : '';
  const confirm = l10n.t('Sign out');
  const choice = await vscode.window.showWarningMessage(
    login === '' ? l10n.t('Sign out?') : l10n.t('Sign out {0}?', login),
    {
      modal: true,
      detail: l10n.t(
        'The permission is withdrawn at Twitch and events stop. The history on this computer stays.',
      ),
    },
    confirm,
  );
  if (choice === confirm) await service.signOut();
}
