import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { fillPlural } from '../shared/webview-strings';
import { drawTree, findChanges, type TreeModel, type TreeRow } from './tree-model';
import { toMarkdown } from './status-bar';
import { Ticker } from './ticker';
import { sayingOf, type WindowContext } from './window-context';

/** Serves the drawn tree to VS Code; a row is known by its id. */
class SubscriptionsTree implements vscode.TreeDataProvider<string> {
  private readonly emitter = new vscode.EventEmitter<string[] | undefined>();
  private model: TreeModel = { rows: new Map(), isTicking: false };

  readonly onDidChangeTreeData = this.emitter.event;

  /** Takes a newly drawn tree and asks VS Code to fetch what changed in it. */
  take(model: TreeModel): void {
    const changes = findChanges(this.model, model);
    this.model = model;
    if (changes === null) this.emitter.fire(undefined);
    else if (changes.length > 0) this.emitter.fire(changes);
  }

  getChildren(parent?: string): string[] {
    return [...this.model.rows.values()].filter(row => row.parent === (parent ?? null)).map(row => row.id);
  }

  getParent(id: string): string | undefined {
    return this.model.rows.get(id)?.parent ?? undefined;
  }

  getTreeItem(id: string): vscode.TreeItem {
    const row = this.model.rows.get(id);
    return row ? toTreeItem(row) : new vscode.TreeItem(id);
  }

  dispose(): void {
    this.emitter.dispose();
  }
}

function toTreeItem(row: TreeRow): vscode.TreeItem {
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.label, row.parent === null ? Expanded : None);
  item.id = row.id;
  item.description = row.description;
  item.contextValue = row.contextValue;
  item.tooltip = toMarkdown({ lines: row.tooltip, links: [] });
  item.accessibilityInformation = { label: row.accessibleLabel, role: 'treeitem' };
  if (row.icon) {
    item.iconPath = new vscode.ThemeIcon(
      row.icon.id,
      row.icon.color === null ? undefined : new vscode.ThemeColor(row.icon.color),
    );
  }
  return item;
}

/** Shows the subscriptions and polls, and the unread count on the container.. */
export function showSubscriptionsTree(context: WindowContext): Disposable {
  const { status, settings, strings, locale } = context;
  const tree = new SubscriptionsTree();
  const view = vscode.window.createTreeView('eventsub.subscriptions', { treeDataProvider: tree });
  const draw = (): void => {
    const model = drawTree(status.current, sayingOf(context));
    ticker.isTicking = model.isTicking && view.visible;
    tree.take(model);
  };
  let shownUnread = 0;
  const drawBadge = (): void => {
    const unread = settings.current.streamerMode ? 0 : (status.current?.unread ?? 0);
    if (unread === shownUnread) return;
    shownUnread = unread;
    view.badge =
      unread === 0
        ? undefined
        : {
            value: unread,
            tooltip: fillPlural(strings, 'tipUnread', unread, locale, unread.toLocaleString(locale)),
          };
  };
  const drawBoth = (): void => {
    drawBadge();
    draw();
  };
  const ticker = new Ticker(draw);
  drawBoth();
  const parts: Disposable[] = [
    status.onChange(drawBoth),
    settings.onDidChange(drawBoth),
    view.onDidChangeVisibility(draw),
    ticker,
    view,
    tree,
  ];
  return { dispose: () => parts.forEach(part => part.dispose()) };
}
