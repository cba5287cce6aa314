import * as vscode from 'vscode';
import { createWindowService } from './service/window-service';
import type { Disposable } from './shared/service';
import { registerAuthentication } from './views/authentication-provider';
import { registerCommands } from './views/commands';
import { keepContextKeys } from './views/context-keys';
import { DashboardPanel } from './views/dashboard-panel';
import { FeedView } from './views/feed-view';
import { chooseLocale, HOST_STRINGS, translateTable } from './views/host-strings';
import { JobTracker } from './views/job-tracker';
import { openLog } from './views/log';
import { announceEvents } from './views/notifications';
import { tellProblems } from './views/problems';
import { SecretCredentialStore } from './views/secret-credential-store';
import { SettingsReader } from './views/settings-reader';
import { showStatusBar } from './views/status-bar';
import { StatusStore } from './views/status-store';
import { showSubscriptionsTree } from './views/subscriptions-tree';
import { openWalkthroughOnce } from './views/walkthrough';
import { feedService } from './views/window-feed';
import type { WindowContext } from './views/window-context';

/** How far the simulated Helix lists lag behind the socket, as Twitch's do (ms). */
const SIMULATED_LAG_MS = 2_000;

/** Ends this window's part; set while the extension is active. */
let end: (() => Promise<void>) | null = null;

/** Registers everything at once and returns; the service starts right after, beside the starting editor. */
export function activate(extension: vscode.ExtensionContext): void {
  const window = makeWindow(extension);
  const feed = new FeedView(window);
  const dashboard = new DashboardPanel(window);
  const parts: Disposable[] = [
    window.log,
    window.settings,
    window.status,
    window.jobs,
    keepContextKeys(window),
    showStatusBar(window),
    showSubscriptionsTree(window),
    feed,
    dashboard,
    registerAuthentication(window),
    registerCommands(window, { openDashboard: () => dashboard.open(), searchEvents: () => feed.search() }),
    announceEvents(window, eventId => feed.reveal(eventId)),
    tellProblems(window),
    feedService(window),
  ];
  end = async () => {
    end = null;
    await window.service.dispose();
    for (const part of parts.reverse()) part.dispose();
  };
  openWalkthroughOnce(extension).catch((error: unknown) => window.log.warn('No walkthrough.', error));
}

/** Waits until everything is written; VS Code gives about five seconds. */
export async function deactivate(): Promise<void> {
  await end?.();
}

function makeWindow(extension: vscode.ExtensionContext): WindowContext {
  const log = openLog();
  const settings = new SettingsReader();
  const { version } = extension.extension.packageJSON as { version: string };
  const service = createWindowService({
    storageFolder: extension.globalStorageUri.fsPath,
    bundleFolder: vscode.Uri.joinPath(extension.extensionUri, 'dist').fsPath,
    extensionVersion: version,
    credentials: new SecretCredentialStore(extension.secrets, log),
    settings: settings.current,
    settingProblems: settings.problems,
    logger: log,
    // A bundle of its own, and only where it is wanted.
    startSimulator: async options => {
      const { startSimulator } = await import('./simulator/simulator');
      return await startSimulator({ ...options, drizzle: true, listLagMs: SIMULATED_LAG_MS });
    },
  });
  return {
    extensionUri: extension.extensionUri,
    storageUri: extension.globalStorageUri,
    service,
    status: new StatusStore(service),
    jobs: new JobTracker(service),
    settings,
    log,
    strings: translateTable(HOST_STRINGS, english => vscode.l10n.t(english)),
    // Of all of `Intl` the plural rules know the system's locale soonest: dates take 15 ms to be loaded.
    locale: chooseLocale(vscode.env.language, new Intl.PluralRules().resolvedOptions().locale),
  };
}
