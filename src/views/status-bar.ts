import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { drawStatusBar, type StatusBarModel, type Tooltip } from './status-bar-model';
import { Ticker } from './ticker';
import { sayingOf, type WindowContext } from './window-context';

/** Shows the one item in the status bar; a click opens the menu. */
export function showStatusBar(context: WindowContext): Disposable {
  const { status, settings, strings } = context;
  const item = vscode.window.createStatusBarItem('eventsub.status', vscode.StatusBarAlignment.Left, 10);
  item.name = strings.menuTitle;
  item.command = 'eventsub.showMenu';
  let shown = '';
  const draw = (): void => {
    const model = drawStatusBar(status.current, sayingOf(context));
    ticker.isTicking = model.isTicking;
    const key = JSON.stringify(model);
    if (key === shown) return;
    shown = key;
    paint(item, model);
  };
  const ticker = new Ticker(draw);
  draw();
  item.show();
  const parts: Disposable[] = [status.onChange(draw), settings.onDidChange(draw), ticker, item];
  return { dispose: () => parts.forEach(part => part.dispose()) };
}

function paint(item: vscode.StatusBarItem, model: StatusBarModel): void {
  item.text = model.text;
  item.tooltip = toMarkdown(model.tooltip);
  item.accessibilityInformation = { label: model.accessibleLabel, role: 'button' };
  item.backgroundColor =
    model.tone === 'plain' ? undefined : new vscode.ThemeColor(`statusBarItem.${model.tone}Background`);
}

/** A hover whose text is only text; just the links may run our own commands. */
export function toMarkdown({ lines, links }: Tooltip): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: links.map(link => link.command) };
  lines.forEach((line, index) => {
    if (index > 0) markdown.appendMarkdown('  \n');
    markdown.appendText(line);
  });
  if (links.length > 0) {
    markdown.appendMarkdown('\n\n');
    markdown.appendMarkdown(links.map(link => `[${link.label}](command:${link.command})`).join(' · '));
  }
  return markdown;
}
