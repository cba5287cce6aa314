import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { WebviewHost } from './webview-host';
import type { WindowContext } from './window-context';

const VIEW_ID = 'eventsub.feed';

/** The "Events" view in the side bar. */
export class FeedView implements vscode.WebviewViewProvider, Disposable {
  private host: WebviewHost | null = null;
  /** What was wanted before VS Code had made the view. */
  private waiting: ((host: WebviewHost) => void)[] = [];
  private readonly registration: vscode.Disposable;

  constructor(private readonly context: WindowContext) {
    this.registration = vscode.window.registerWebviewViewProvider(VIEW_ID, this);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.host?.dispose();
    const host = new WebviewHost(this.context, 'feed', view.webview, view.visible);
    this.host = host;
    const watching = view.onDidChangeVisibility(() => host.setVisible(view.visible));
    view.onDidDispose(() => {
      watching.dispose();
      host.dispose();
      if (this.host === host) this.host = null;
    });
    for (const act of this.waiting.splice(0)) act(host);
  }

  /** Opens the view with an event's row in it. */
  async reveal(eventId: number): Promise<void> {
    await this.open(host => host.reveal(eventId));
  }

  /** Opens the view with the cursor in its search field. */
  async search(): Promise<void> {
    await this.open(host => host.focusSearch());
  }

  dispose(): void {
    this.registration.dispose();
    this.host?.dispose();
    this.host = null;
    this.waiting = [];
  }

  private async open(act: (host: WebviewHost) => void): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
    if (this.host) act(this.host);
    else this.waiting.push(act);
  }
}
