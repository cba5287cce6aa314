import * as vscode from 'vscode';
import type { WindowContext } from './window-context';

/** Shows the present server's database in the system's file manager or, in a browser, its path. */
export async function revealDatabase({ settings, storageUri }: WindowContext): Promise<void> {
  const { server } = settings.current;
  const folder = server === 'twitch' ? storageUri : vscode.Uri.joinPath(storageUri, server);
  const file = vscode.Uri.joinPath(folder, 'eventsub.sqlite');
  const { l10n, window, env } = vscode;
  if (!(await exists(file))) {
    await window.showInformationMessage(
      l10n.t('There is no database yet. It is written within seconds of the first event.'),
    );
    return;
  }
  if (env.uiKind === vscode.UIKind.Desktop && env.remoteName === undefined) {
    await vscode.commands.executeCommand('revealFileInOS', file);
    return;
  }
  const copy = l10n.t('Copy path');
  const isHidden = settings.current.streamerMode;
  const choice = await window.showInformationMessage(
    isHidden ? l10n.t('The database’s path is hidden on stream.') : l10n.t('The database: {0}', file.fsPath),
    copy,
  );
  if (choice === copy) await env.clipboard.writeText(file.fsPath);
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch (error: unknown) {
    if (error instanceof vscode.FileSystemError) return false;
    throw error;
  }
}
