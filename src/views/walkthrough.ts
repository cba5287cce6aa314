import * as vscode from 'vscode';

const SHOWN_KEY = 'walkthroughShown';

/**
 * Opens the walkthrough once after the installation, unless the person turned that off for all extensions. Not for an
 * extension under development, whose every start is a first one.
 */
export async function openWalkthroughOnce(context: vscode.ExtensionContext): Promise<void> {
  if (context.extensionMode !== vscode.ExtensionMode.Production) return;
  if (context.globalState.get(SHOWN_KEY) === true) return;
  await context.globalState.update(SHOWN_KEY, true);
  const isWanted = vscode.workspace
    .getConfiguration('workbench.welcomePage.walkthroughs')
    .get<boolean>('openOnInstall', true);
  if (!isWanted) return;
  await vscode.commands.executeCommand(
    'workbench.action.openWalkthrough',
    `${context.extension.id}#start`,
    false,
  );
}
