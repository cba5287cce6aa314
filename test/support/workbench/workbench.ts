import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { waitFor } from '../poll';
import { launchBrowser } from '../vscode/browser';
import { makeTemporaryFolder, removeFolder, repositoryRoot } from '../vscode/paths';
import { startServer, type VsCodeServer } from '../vscode/server';
import { chosenVersion, type VsCodeVersion } from '../vscode/versions';
import { WorkbenchWindow } from './window';

export interface WorkbenchOptions {
  /** Which VS Code; absent: the one that the test run is about. */
  version?: VsCodeVersion;
  /** The user's settings. */
  settings?: Readonly<Record<string, unknown>>;
  /**
   * `development` (the default) loads the checkout; its host's console is watched, and VS Code shows no dialogs.
   * `installed` lays the checkout's build out as installed; a path is a VSIX to install.
   */
  extension?: 'development' | 'installed' | { vsix: string };
  size?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  /** Opens folders in Restricted Mode until the person trusts them; absent: all are trusted. */
  restrictsFolders?: boolean;
  /** Folders of more extensions that are laid out as installed. */
  lay?: readonly string[];
  /** The editor's display language and the browser's; absent: English of the United States. */
  language?: 'de';
  /** Variables for the server and its extension hosts. */
  environment?: Readonly<Record<string, string>>;
  /** Runs first in every frame of every window. */
  initScript?: string;
}

/** Any 32 bytes: with them VS Code in a browser keeps secrets over a reload. */
const SECRET_KEY = Buffer.alloc(32, 7);

/** The small extension that changes settings from inside. */
const SETTINGS_HAND = path.join(repositoryRoot, 'test', 'support', 'workbench', 'settings-hand');

/** How an address names a folder for VS Code's server; Windows drives get a slash in front. */
export function remoteUri(port: number, folder: string): string {
  return `vscode-remote://127.0.0.1:${port}${pathToFileURL(folder).pathname}`;
}

/** A real VS Code in a real browser. Its windows share one browser context, as a person's would. */
export class Workbench {
  readonly windows: WorkbenchWindow[] = [];
  private readonly changedSettings: Record<string, unknown> = {};

  private constructor(
    readonly server: VsCodeServer,
    /** The folder that is open in its windows; it may be written to. */
    readonly workspaceFolder: string,
    private readonly browser: Browser,
    private readonly context: BrowserContext,
    private readonly settingsFile: string,
    private readonly options: WorkbenchOptions,
  ) {}

  /** Starts VS Code and a browser; no window is open yet. Whoever opens it closes it. */
  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    const { extension = 'development' } = options;
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext({
        viewport: options.size ?? { width: 1280, height: 800 },
        colorScheme: options.colorScheme ?? 'dark',
        locale: options.language === 'de' ? 'de-DE' : 'en-US',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      // A language pack would do no more for extensions than name the language; VS Code's own words stay English.
      if (options.language) {
        const language = JSON.stringify(options.language);
        await context.addInitScript(
          `Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { value: ${language} })`,
        );
      }
      if (options.initScript !== undefined) await context.addInitScript(options.initScript);
      await context.route(/\/mint-key$/, route => route.fulfill({ body: SECRET_KEY }));
      const workspaceFolder = makeTemporaryFolder();
      fs.writeFileSync(path.join(workspaceFolder, 'notes.md'), '# Stream notes\n');
      const settingsFile = `${workspaceFolder}.json`;
      const server = await startServer({
        version: options.version ?? chosenVersion(),
        settings: options.settings ?? {},
        takesDevelopmentExtension: extension === 'development',
        lay: [SETTINGS_HAND, ...(extension === 'installed' ? [repositoryRoot] : []), ...(options.lay ?? [])],
        restrictsFolders: options.restrictsFolders ?? false,
        environment: { EVENTSUB_TEST_SETTINGS: settingsFile, ...options.environment },
        install: typeof extension === 'object' ? [extension.vsix] : [],
      });
      return new Workbench(server, workspaceFolder, browser, context, settingsFile, options);
    } catch (error: unknown) {
      await browser.close();
      throw error;
    }
  }

  /** Where the extension keeps its database and journal. */
  get storageFolder(): string {
    return path.join(this.server.userDataFolder, 'User', 'globalStorage', 'eventsub-live.eventsub-live');
  }

  /**
   * Opens one more window: a page with an extension host of its own. Resolves when both are up. `folder` is a path on
   * this machine, or the whole address of a folder that is elsewhere; absent: `workspaceFolder`.
   */
  async openWindow(folder: string = pathToFileURL(this.workspaceFolder).pathname): Promise<WorkbenchWindow> {
    const { port } = this.server;
    const before = await this.server.extensionHosts();
    const page = await this.context.newPage();
    const isDevelopment = (this.options.extension ?? 'development') === 'development';
    const payload = isDevelopment ? [['extensionDevelopmentPath', remoteUri(port, repositoryRoot)]] : [];
    const address = new URL(`http://127.0.0.1:${port}/`);
    address.searchParams.set('folder', folder);
    address.searchParams.set('payload', JSON.stringify(payload));
    const window = new WorkbenchWindow(page, this.server, address.href);
    this.windows.push(window);
    await window.load();
    const pid = await waitFor('the extension host of the new window', async () =>
      (await this.server.extensionHosts()).find(host => !before.includes(host)),
    );
    window.extensionHostPid = pid;
    return window;
  }

  /** Changes the user's settings in every open window; null takes one back to its default. */
  changeSettings(changes: Readonly<Record<string, unknown>>): void {
    Object.assign(this.changedSettings, changes);
    const unfinished = `${this.settingsFile}.new`;
    fs.writeFileSync(unfinished, JSON.stringify(this.changedSettings));
    fs.renameSync(unfinished, this.settingsFile);
  }

  /** The errors of all windows since the last call. */
  takeErrors(): string[] {
    return this.windows.flatMap(window => window.console.takeErrors());
  }

  /** Ends windows, browser and server, and removes what they kept. */
  async close(): Promise<void> {
    for (const window of this.windows) window.console.close();
    try {
      await this.browser.close();
    } finally {
      await this.server.stop();
      removeFolder(this.workspaceFolder);
      removeFolder(this.settingsFile);
    }
  }
}
