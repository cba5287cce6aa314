import { build } from 'esbuild';
import { fork, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseSettings } from '../../../src/shared/settings';
import type { ControlRequest } from '../../../src/simulator/control-api';
import type { HostAnswers, HostOrder } from './host-child';
import type { SimulatorReady, SimulatorStart } from './simulator-child';

const PATIENCE_MS = 120_000;

/** Waits until a condition holds; fails after a time that no machine needs. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await delay(20);
  }
}

/** The service of a leading window with its worker in one process, and a simulator in another. */
export class LiveStage {
  private simulator: ChildProcess | null = null;
  private host: ChildProcess | null = null;
  private ready: SimulatorReady | null = null;
  private readonly waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (e: Error) => void }
  >();
  private orders = 0;

  private constructor(readonly folder: string) {}

  /** Builds and starts everything and waits for eight live subscriptions and the first polls. */
  static async open(
    simulator: SimulatorStart,
    settings: Record<string, unknown> = {},
    execArgv: string[] = ['--expose-gc'],
  ): Promise<LiveStage> {
    const stage = new LiveStage(mkdtempSync(join(tmpdir(), 'evsub-live-')));
    try {
      await stage.begin(simulator, settings, execArgv);
    } catch (error: unknown) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  /** Asks the simulator. */
  async control<T = unknown>(request: ControlRequest): Promise<T> {
    const response = await fetch(this.ready?.controlUrl ?? '', {
      method: 'POST',
      body: JSON.stringify(request),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The simulator refused: ${text}`);
    return JSON.parse(text) as T;
  }

  ask<K extends HostOrder['kind']>(order: Extract<HostOrder, { kind: K }>): Promise<HostAnswers[K]>;
  ask(order: HostOrder): Promise<unknown> {
    const id = ++this.orders;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.host?.send({ id, order });
    });
  }

  async isLive(): Promise<boolean> {
    const status = await this.ask<'status'>({ kind: 'status' });
    return (
      status?.session.kind === 'live' && status.subscriptions.every(({ state }) => state.kind === 'live')
    );
  }

  /** No poll runs and each has run. */
  async isPolled(): Promise<boolean> {
    const status = await this.ask<'status'>({ kind: 'status' });
    return status?.polls.every(({ last, state }) => last !== null && state.kind === 'scheduled') ?? false;
  }

  /** Ends the service as a window that closes does; its files stay until `close`. */
  async dispose(): Promise<void> {
    await this.ask<'dispose'>({ kind: 'dispose' });
    const { host } = this;
    if (!host) return;
    const ended = new Promise(resolve => host.once('exit', resolve));
    host.disconnect();
    await ended;
  }

  async close(): Promise<void> {
    for (const child of [this.host, this.simulator]) {
      if (!child || child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(
    start: SimulatorStart,
    settings: Record<string, unknown>,
    execArgv: string[],
  ): Promise<void> {
    await this.build();
    this.ready = await this.startSimulator(start);
    const { endpoints, tokens } = this.ready;
    this.host = fork(join(this.folder, 'host-child.js'), {
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.host.on('message', (message: { id: number; value?: never; error?: string }) => {
      const caller = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error === undefined) caller?.resolve(message.value as never);
      else caller?.reject(new Error(message.error));
    });
    this.host.on('exit', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('The host has ended.'));
    });
    const { websocketUrl, subscriptionsUrl, helixUrl, authUrl } = endpoints;
    const custom = { server: 'custom', customServer: { websocketUrl, subscriptionsUrl, helixUrl, authUrl } };
    await this.ask<'start'>({
      kind: 'start',
      start: {
        storageFolder: join(this.folder, 'storage'),
        bundleFolder: this.folder,
        settings: parseSettings({ ...custom, ...settings }).settings,
        credentials: { issuer: `custom:${authUrl}`, generation: 1, tokens },
      },
    });
    await until('eight live subscriptions', () => this.isLive());
    await until('the first polls', () => this.isPolled());
  }

  private async build(): Promise<void> {
    await build({
      entryPoints: {
        'host-child': 'test/fault/live/host-child.ts',
        'simulator-child': 'test/fault/live/simulator-child.ts',
        'data-worker': 'src/data/data-worker.ts',
      },
      outdir: this.folder,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      mainFields: ['module', 'main'],
      external: ['bufferutil', 'utf-8-validate'],
      logLevel: 'error',
    });
    copyFileSync('node_modules/sql.js/dist/sql-wasm.wasm', join(this.folder, 'sql-wasm.wasm'));
  }

  private startSimulator(start: SimulatorStart): Promise<SimulatorReady> {
    const child = fork(join(this.folder, 'simulator-child.js'), [JSON.stringify(start)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.simulator = child;
    return new Promise((resolve, reject) => {
      child.once('message', (message: SimulatorReady) => resolve(message));
      child.once('exit', () => reject(new Error('The simulator did not start.')));
    });
  }
}
