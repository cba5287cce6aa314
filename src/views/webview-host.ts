import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { openChannel, toServiceError, type Channel } from '../shared/rpc';
import type { Disposable, ServiceStatus } from '../shared/service';
import { ServiceError } from '../shared/service';
import {
  WEBVIEW_CALLS,
  WEBVIEW_CALL_TIMEOUT_MS,
  type HostPushes,
  type Surface,
  type WebviewCalls,
  type WebviewCommand,
  type WebviewSettings,
} from '../shared/webview-protocol';
import { RushGatherer } from './rush-gatherer';
import { subscribeTo, unsubscribeFrom } from './subscription-actions';
import { systemClock } from './view-clock';
import { sayError } from './tell-error';
import { translateStatus } from './translate-status';
import { buildWebviewHtml } from './webview-html';
import { checkWebviewCall } from './webview-schemas';
import type { WindowContext } from './window-context';

/** The folder that pages may load from, and nothing else. */
export function webviewRoot(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}

/** One page of the app: serves its calls, and pushes to it while it can be seen. The owner disposes of it. */
export class WebviewHost implements Disposable {
  private readonly channel: Channel<HostPushes>;
  private readonly gatherer: RushGatherer;
  private readonly parts: Disposable[] = [];
  private hasAsked = false;
  private isVisible: boolean;
  /** What was wanted of the page before it asked for the first time. */
  private waiting: (() => void)[] = [];

  constructor(
    private readonly context: WindowContext,
    surface: Surface,
    webview: vscode.Webview,
    isVisible: boolean,
  ) {
    this.isVisible = isVisible;
    const root = webviewRoot(context.extensionUri);
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    this.channel = openChannel<HostPushes, WebviewCalls>({
      port: {
        // As text: objects would be copied three times on their way, by VS Code's own slower means.
        post: message => void webview.postMessage(JSON.stringify(message)),
        listen: listener => void this.parts.push(webview.onDidReceiveMessage(listener)),
      },
      handlers: sayFailures(this.answerCalls()),
      callable: WEBVIEW_CALLS,
      check: checkWebviewCall,
      timeoutMs: WEBVIEW_CALL_TIMEOUT_MS,
      onProtocolError: error => context.log.warn('A webview sent what makes no sense.', error),
    });
    this.gatherer = new RushGatherer(systemClock, batch => this.channel.tell('eventsRecorded', batch));
    this.parts.push(
      this.gatherer,
      context.service.observe({
        statusChanged: status => this.push(() => this.tellStatus(status)),
        eventsRecorded: batch => this.push(() => this.gatherer.add(batch)),
      }),
      context.settings.onDidChange(() =>
        this.push(() => this.channel.tell('settingsChanged', this.settings())),
      ),
    );
    webview.html = buildWebviewHtml({
      surface,
      locale: context.locale,
      cspSource: webview.cspSource,
      nonce: randomBytes(24).toString('base64url'),
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(root, 'app.js')).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(root, 'app.css')).toString(),
      title: context.strings.dashboardTitle,
    });
  }

  /** A page that comes into sight may have missed everything; it then asks for a snapshot. */
  setVisible(isVisible: boolean): void {
    if (isVisible === this.isVisible) return;
    this.isVisible = isVisible;
    this.gatherer.dispose();
    this.channel.tell('visibilityChanged', isVisible);
    if (isVisible) this.channel.tell('settingsChanged', this.settings());
  }

  /** Shows an event's row, opened; waits for the page if it is still loading. */
  reveal(eventId: number): void {
    this.whenAsked(() => this.channel.tell('reveal', eventId));
  }

  /** Puts the cursor into the search field. */
  focusSearch(): void {
    this.whenAsked(() => this.channel.tell('focusSearch'));
  }

  dispose(): void {
    for (const part of this.parts.splice(0)) part.dispose();
    this.waiting = [];
    this.channel.close('The view was closed.');
  }

  /** What says that all is read, or saved, speaks of the events before it as well. */
  private tellStatus(status: ServiceStatus): void {
    if (status.unread === 0 || this.gatherer.hasUnsaved) this.gatherer.flush();
    this.channel.tell('statusChanged', this.translate(status));
  }

  private push(tell: () => void): void {
    if (this.isVisible && this.hasAsked) tell();
  }

  private whenAsked(tell: () => void): void {
    if (this.hasAsked) tell();
    else this.waiting.push(tell);
  }

  private translate(status: ServiceStatus): ServiceStatus {
    return translateStatus(status, this.context.strings, english => vscode.l10n.t(english));
  }

  private settings(): WebviewSettings {
    const { settings, locale, strings } = this.context;
    const { streamerMode, pollingFollowersSeconds, pollingRolesMinutes } = settings.current;
    return {
      streamerMode,
      locale,
      strings,
      fallbackPolls: {
        followersMs: pollingFollowersSeconds * 1_000,
        othersMs: pollingRolesMinutes * 60_000,
      },
    };
  }

  private answerCalls(): WebviewCalls {
    const { context } = this;
    const { service } = context;
    return {
      ready: () => {
        this.hasAsked = true;
        // After the answer, so that the page has its words before it is told to show a row.
        queueMicrotask(() => this.waiting.splice(0).forEach(tell => tell()));
        return Promise.resolve(this.settings());
      },
      getSnapshot: async (filter, limit) => {
        const snapshot = await service.getSnapshot(filter, limit);
        return { ...snapshot, status: this.translate(snapshot.status) };
      },
      queryEvents: (filter, cursor, limit, searchId) => service.queryEvents(filter, cursor, limit, searchId),
      cancelSearch: searchId => service.cancelSearch(searchId),
      getEvent: id => service.getEvent(id),
      getViewer: id => service.getViewer(id),
      getStatistics: range => service.getStatistics(range),
      connect: () => service.connect(),
      disconnect: () => service.disconnect(),
      refresh: () => startCommand('eventsub.refresh'),
      subscribe: type => subscribeTo(context, type),
      unsubscribe: type => unsubscribeFrom(context, type),
      retry: type => service.retry(type),
      signIn: () => startCommand('eventsub.signIn'),
      markRead: upTo => service.markRead(upTo),
      copy: async text => vscode.env.clipboard.writeText(text),
      runCommand: command => runWebviewCommand(command),
    };
  }
}

/** What a call fails with reaches the page in the person's language. */
function sayFailures(calls: WebviewCalls): WebviewCalls {
  const said: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls) as [string, (...args: unknown[]) => Promise<unknown>][]) {
    said[name] = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await call(...args);
      } catch (caught: unknown) {
        const error = toServiceError(caught);
        throw new ServiceError(error.kind, sayError(error));
      }
    };
  }
  return said as unknown as WebviewCalls;
}

/** Starts a command that shows its own progress and tells its own failures; the page does not wait for it. */
function startCommand(id: string, ...args: unknown[]): Promise<void> {
  void vscode.commands.executeCommand(id, ...args);
  return Promise.resolve();
}

function runWebviewCommand(command: WebviewCommand): Promise<void> {
  switch (command) {
    case 'tryTheSimulator':
      return startCommand('eventsub.trySimulator');
    case 'openSettings':
      return startCommand('eventsub.openSettings');
    case 'openNotificationSettings':
      return startCommand('eventsub.openSettings', 'eventsub.notifications');
    case 'reloadWindow':
      return startCommand('workbench.action.reloadWindow');
    default:
      return startCommand(command);
  }
}
