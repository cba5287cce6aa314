import * as vscode from 'vscode';
import { drawMenu, drawMenuTitle } from './menu-model';
import { sayingOf, type WindowContext } from './window-context';

/** The menu behind the status bar's item. */
export async function showMenu(context: WindowContext): Promise<void> {
  const { status } = context;
  const saying = sayingOf(context);
  const entries = drawMenu(status.current, saying).map(entry => ({
    label: `$(${entry.icon}) ${entry.label}`,
    description: entry.hint,
    command: entry.command,
  }));
  const title = drawMenuTitle(status.current, saying);
  const picked = await vscode.window.showQuickPick(entries, {
    title,
    placeHolder: vscode.l10n.t('What next?'),
  });
  if (picked) await vscode.commands.executeCommand(picked.command);
}
