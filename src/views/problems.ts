import * as vscode from 'vscode';
import { assertNever } from '../shared/assert-never';
import type { Disposable, Problem } from '../shared/service';
import { makePlain } from './plain-text';
import { saySettingProblem } from './setting-words';
import { ProblemFilter, ToldOnce } from './told-once';
import type { WindowContext } from './window-context';

const LONGEST_MESSAGE = 300;

/**
 * Tells what the person should know, once a cause and with a way out, in the window that had the focus last; a window
 * that is looked at later catches up. Settings that cannot be used are told the same way.
 */
export function tellProblems(context: WindowContext): Disposable {
  const { status, settings, service, log } = context;
  const told = new ToldOnce(() => Date.now());
  const filter = new ProblemFilter(() => Date.now());
  let later: NodeJS.Timeout | undefined;
  const telling = (message: Promise<void>): void => {
    message.catch((error: unknown) => log.warn('A problem could not be told.', error));
  };
  const update = (): void => {
    if (!service.isFocusedLast()) return;
    const { ripe: problems, nextInMs } = filter.choose(status.current?.problems ?? []);
    clearTimeout(later);
    if (nextInMs !== null) later = setTimeout(update, nextInMs);
    const settingProblems = settings.problems.map(problem => ({ id: JSON.stringify(problem), problem }));
    const fresh = new Set(told.update([...problems, ...settingProblems].map(({ id }) => id)));
    for (const problem of problems) if (fresh.has(problem.id)) telling(tellProblem(problem, context));
    for (const { id, problem } of settingProblems) {
      if (fresh.has(id))
        telling(tellSettingProblem(saySettingProblem(problem, context.strings), problem.setting));
    }
  };
  update();
  const parts: Disposable[] = [
    status.onChange(update),
    settings.onDidChange(update),
    vscode.window.onDidChangeWindowState(update),
    { dispose: () => clearTimeout(later) },
  ];
  return { dispose: () => parts.forEach(part => part.dispose()) };
}

async function tellProblem(problem: Problem, context: WindowContext): Promise<void> {
  const { window, l10n } = vscode;
  const message = makePlain(l10n.t(problem.message, ...problem.args), LONGEST_MESSAGE);
  const way = chooseWayOut(problem.action, context);
  const labels = way ? [way.label] : [];
  const choice = await {
    error: () => window.showErrorMessage(message, ...labels),
    warning: () => window.showWarningMessage(message, ...labels),
    info: () => window.showInformationMessage(message, ...labels),
  }[problem.severity]();
  if (choice !== undefined) await way?.run();
}

async function tellSettingProblem(message: string, setting: string): Promise<void> {
  const open = vscode.l10n.t('Open settings');
  const choice = await vscode.window.showWarningMessage(message, open);
  if (choice === open) await vscode.commands.executeCommand('eventsub.openSettings', setting);
}

function chooseWayOut(
  action: Problem['action'],
  { strings, status }: WindowContext,
): { label: string; run: () => Thenable<unknown> } | null {
  const run = (command: string) => (): Thenable<unknown> => vscode.commands.executeCommand(command);
  switch (action) {
    case 'signIn':
      return {
        label: status.current?.account.kind === 'signedOut' ? strings.signIn : strings.signInAgain,
        run: run('eventsub.signIn'),
      };
    case 'retry':
      return { label: strings.retry, run: run('eventsub.retry') };
    case 'showLog':
      return { label: strings.showLog, run: run('eventsub.showLog') };
    case 'openSettings':
      return { label: strings.openSettings, run: run('eventsub.openSettings') };
    case 'reloadWindow':
      return { label: strings.reloadWindow, run: run('workbench.action.reloadWindow') };
    case 'revealDatabase':
      return { label: strings.revealDatabase, run: run('eventsub.revealDatabase') };
    case null:
      return null;
    default:
      return assertNever(action);
  }
}
