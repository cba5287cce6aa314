import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { waitFor } from '../../support/poll';
import { launchBrowser } from '../../support/vscode/browser';
import { makeTemporaryFolder, removeFolder } from '../../support/vscode/paths';
import { startServer, type VsCodeServer } from '../../support/vscode/server';
import { chosenVersion } from '../../support/vscode/versions';
import { WorkbenchWindow } from '../../support/workbench/window';
import { programPath, stagedExtension } from '../bundles';
import type { ProbeCalls } from '../programs/host-probe';

export interface BenchHostOptions {
  /** Whether our extension is installed. */
  withExtension: boolean;
  settings?: Readonly<Record<string, unknown>>;
  /** Where a CPU profile of our activation goes; absent: none is made. */
  activationProfile?: string;
  /** Lays what must be there before VS Code starts; it gets our extension's global storage folder. */
  prepare?: (storageFolder: string) => void;
}

/** A real VS Code with one window, the extension as it ships, and the probe in its extension host. */
export class BenchHost {
  private constructor(
    readonly window: WorkbenchWindow,
    readonly server: VsCodeServer,
    /** Our extension's global storage. */
    readonly storageFolder: string,
    private readonly browser: Browser,
    private readonly folder: string,
    private readonly probePort: number,
  ) {}

  /** Starts everything; whoever opens it closes it. */
  static async open(options: BenchHostOptions): Promise<BenchHost> {
    const folder = makeTemporaryFolder();
    const storageFolder = path.join(folder, 'u', 'User', 'globalStorage', 'eventsub-live.eventsub-live');
    const workspace = path.join(folder, 'w');
    for (const made of [storageFolder, workspace]) fs.mkdirSync(made, { recursive: true });
    options.prepare?.(storageFolder);
    const browser = await launchBrowser();
    let server: VsCodeServer | undefined;
    try {
      server = await startServer({
        version: chosenVersion(),
        folder,
        settings: options.settings ?? {},
        takesDevelopmentExtension: false,
        lay: options.withExtension ? [stagedExtension] : [],
        environment: {
          NODE_OPTIONS: `--require ${programPath('host-probe')}`,
          EVENTSUB_BENCH_PROBE: folder,
          ...(options.activationProfile === undefined
            ? {}
            : { EVENTSUB_BENCH_PROFILE: options.activationProfile }),
        },
      });
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
      const address = new URL(`http://127.0.0.1:${server.port}/`);
      address.searchParams.set('folder', pathToFileURL(workspace).pathname);
      const window = new WorkbenchWindow(await context.newPage(), server, address.href);
      await window.load();
      const probePort = await waitFor('the probe in the extension host', () => {
        const note = fs.readdirSync(folder).find(name => name.endsWith('.port'));
        return note === undefined ? undefined : Number(fs.readFileSync(path.join(folder, note), 'utf8'));
      });
      return new BenchHost(window, server, storageFolder, browser, folder, probePort);
    } catch (error: unknown) {
      await browser.close();
      await server?.stop();
      removeFolder(folder);
      throw error;
    }
  }

  /** Asks the probe in the extension host. */
  async ask<M extends keyof ProbeCalls>(
    method: M,
    options: Parameters<ProbeCalls[M]>[0],
  ): Promise<Awaited<ReturnType<ProbeCalls[M]>>> {
    const response = await fetch(`http://127.0.0.1:${this.probePort}/`, {
      method: 'POST',
      body: JSON.stringify({ method, options }),
    });
    const answer = (await response.json()) as { value?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(`The probe could not answer ${method}: ${answer.error}`);
    return answer.value as Awaited<ReturnType<ProbeCalls[M]>>;
  }

  /** Waits until our item in the status bar says this. */
  async untilStatusSays(text: string): Promise<void> {
    await this.window
      .statusBarItem('eventsub.status')
      .filter({ hasText: text })
      .waitFor({ timeout: 120_000 });
  }

  async close(): Promise<void> {
    this.window.console.close();
    try {
      await this.browser.close();
    } finally {
      await this.server.stop();
      removeFolder(this.folder);
    }
  }
}
