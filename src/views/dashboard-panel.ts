import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { WebviewHost, webviewRoot } from './webview-host';
import type { WindowContext } from './window-context';

const PANEL_TYPE = 'eventsub.dashboard';

/** The dashboard in an editor tab: one at most, and there again after the window was reloaded. */
export class DashboardPanel implements vscode.WebviewPanelSerializer, Disposable {
  private panel: vscode.WebviewPanel | null = null;
  private readonly registration: vscode.Disposable;

  constructor(private readonly context: WindowContext) {
    this.registration = vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, this);
  }

  /** Opens it, or brings it to the front. */
  open(): void {
    if (this.panel) {
      this.panel.reveal();
      return;
    }
    const { extensionUri, strings } = this.context;
    const panel = vscode.window.createWebviewPanel(
      PANEL_TYPE,
      strings.dashboardTitle,
      vscode.ViewColumn.Active,
      {
        enableScripts: true,
        localResourceRoots: [webviewRoot(extensionUri)],
      },
    );
    this.attach(panel);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.panel) panel.dispose();
    else this.attach(panel);
    return Promise.resolve();
  }

  dispose(): void {
    this.registration.dispose();
    this.panel?.dispose();
  }

  private attach(panel: vscode.WebviewPanel): void {
    const { extensionUri, strings } = this.context;
    this.panel = panel;
    panel.title = strings.dashboardTitle;
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, 'media', 'dashboard-light.svg'),
      dark: vscode.Uri.joinPath(extensionUri, 'media', 'dashboard-dark.svg'),
    };
    const host = new WebviewHost(this.context, 'dashboard', panel.webview, panel.visible);
    const watching = panel.onDidChangeViewState(() => host.setVisible(panel.visible));
    panel.onDidDispose(() => {
      watching.dispose();
      host.dispose();
      this.panel = null;
    });
  }
}
