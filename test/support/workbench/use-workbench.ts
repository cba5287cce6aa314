import fs from 'node:fs';
import path from 'node:path';
import { outputFolder, repositoryRoot } from '../vscode/paths';
import { Workbench, type WorkbenchOptions } from './workbench';
import type { WorkbenchWindow } from './window';

/** The workbench of one suite. */
export interface WorkbenchInUse {
  /** Only inside tests and hooks. */
  readonly workbench: Workbench;
  /** The first window. */
  readonly window: WorkbenchWindow;
}

export interface UseOptions extends WorkbenchOptions {
  /** Lays out what must be there before the first window opens. */
  prepare?: (workbench: Workbench) => void | Promise<void>;
}

/**
 * Gives the suite around it a VS Code with one window. After each test it fails the suite if any console (workbench,
 * webviews, extension host) held an error; a test that failed leaves a picture of each window in `out/failures`.
 */
export function useWorkbench(options: UseOptions = {}): WorkbenchInUse {
  let workbench: Workbench | undefined;

  before(async function () {
    this.timeout(10 * 60_000);
    workbench = await Workbench.open(options);
    await options.prepare?.(workbench);
    await workbench.openWindow();
  });

  afterEach(async function () {
    if (!workbench) return;
    const errors = workbench.takeErrors();
    if (this.currentTest?.state === 'failed' || errors.length > 0) {
      await keepFailure(workbench, this.currentTest?.fullTitle() ?? 'before the first test');
    }
    if (errors.length > 0) throw new Error(`Errors in the console of VS Code:\n${errors.join('\n')}`);
  });

  after(async function () {
    this.timeout(60_000);
    await workbench?.close();
  });

  const opened = (): Workbench => {
    if (!workbench) throw new Error('The workbench is open only while tests run.');
    return workbench;
  };
  return {
    get workbench() {
      return opened();
    },
    get window() {
      const [first] = opened().windows;
      if (!first) throw new Error('No window is open.');
      return first;
    },
  };
}

async function keepFailure(workbench: Workbench, title: string): Promise<void> {
  const name = title.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 100);
  const folder = path.join(outputFolder, 'failures');
  fs.mkdirSync(folder, { recursive: true });
  for (const [index, window] of workbench.windows.entries()) {
    const file = path.join(folder, `${name}-${index + 1}`);
    const lines = window.console.messages.map(({ type, text, url }) => `${type}: ${text} ${url}`);
    fs.writeFileSync(`${file}.log`, `${lines.join('\n')}\n\n--- server ---\n${workbench.server.output()}`);
    if (window.page.isClosed()) continue;
    await window.page.screenshot({ path: `${file}.png` }).catch((error: unknown) => {
      console.log(`No picture of ${file}: ${String(error)}`);
    });
  }
  console.log(`      (pictures and consoles of this failure: ${folder})`);
}

/**
 * Takes a picture for a person to look at: into `out/pictures`, or into test/e2e/pictures, which is in git, when
 * `EVENTSUB_KEEP_PICTURES` names it (`all`, or names with commas between).
 */
export async function takePicture(window: WorkbenchWindow, name: string): Promise<void> {
  const kept = (process.env['EVENTSUB_KEEP_PICTURES'] ?? '').split(',');
  const folder =
    kept.includes('all') || kept.includes(name)
      ? path.join(repositoryRoot, 'test', 'e2e', 'pictures')
      : path.join(outputFolder, 'pictures');
  fs.mkdirSync(folder, { recursive: true });
  // A theme fades in; a picture of that would be of neither theme.
  await window.page.evaluate(
    `Promise.allSettled(document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished))`,
  );
  await window.page.screenshot({ path: path.join(folder, `${name}.png`) });
}
