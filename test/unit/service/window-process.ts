import { buildSync } from 'esbuild';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { FeedEvent } from '../../../src/shared/events';
import type { EventSubService, ServiceStatus } from '../../../src/shared/service';
import type { ServiceMethod } from '../../../src/shared/service-methods';
import type { WindowOrder, WindowReport, WindowStart } from '../../fault/service/window-child';
import { until } from './support';

let script: string | null = null;

/** Bundles the process of a window into a folder; needs the repository's root as the working directory. */
function buildChild(folder: string): string {
  if (script !== null) return script;
  const outfile = join(folder, 'window-child.js');
  buildSync({
    entryPoints: ['test/fault/service/window-child.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'warning',
  });
  script = outfile;
  return outfile;
}

/** A window in a process of its own, as the extension host of one is. */
export class WindowProcess {
  readonly reports: WindowReport[] = [];
  private readonly child: ChildProcess;
  private calls = 0;

  constructor(start: WindowStart) {
    this.child = fork(buildChild(start.bundleFolder), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.child.on('message', (report: WindowReport) => {
      this.reports.push(report);
      if (report.kind === 'ready') this.order({ kind: 'start', start });
    });
    this.child.on('error', () => undefined);
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get status(): ServiceStatus | null {
    const last = this.reports.findLast(report => report.kind === 'status');
    return last?.kind === 'status' ? last.status : null;
  }

  get events(): FeedEvent[] {
    return this.reports.flatMap(report => (report.kind === 'events' ? report.batch.events : []));
  }

  get log(): string[] {
    return this.reports.flatMap(report => (report.kind === 'log' ? [report.line] : []));
  }

  async call<K extends ServiceMethod>(
    method: K,
    ...args: Parameters<EventSubService[K]>
  ): Promise<Awaited<ReturnType<EventSubService[K]>>> {
    this.calls += 1;
    const id = this.calls;
    this.order({ kind: 'call', id, method, args });
    const find = (): Extract<WindowReport, { kind: 'answer' }> | undefined =>
      this.reports.find(
        (report): report is Extract<WindowReport, { kind: 'answer' }> =>
          report.kind === 'answer' && report.id === id,
      );
    await until(() => find() !== undefined || !this.isAlive, `the answer to ${method}`, 30_000);
    const answer = find();
    if (!answer || answer.error) throw Object.assign(new Error(answer?.error?.message), answer?.error);
    return answer.value as Awaited<ReturnType<EventSubService[K]>>;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it as a window that is closed. */
  async dispose(): Promise<void> {
    if (!this.isAlive) return;
    this.order({ kind: 'dispose' });
    await until(() => !this.isAlive || this.reports.at(-1)?.kind === 'disposed', 'the window to close');
    this.child.disconnect();
    await until(() => !this.isAlive, 'the process to end');
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await until(() => !this.isAlive, 'the process to be killed');
  }

  private order(order: WindowOrder): void {
    if (this.child.connected) this.child.send(order);
  }
}
