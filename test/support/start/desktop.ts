import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { endProcess, isRunning } from '../vscode/processes';
import { waitFor } from '../poll';

/** A program that is on the path; undefined if it is not. */
export function findOnPath(name: string): string | undefined {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      if (folder !== '' && fs.existsSync(file)) return file;
    }
  }
  return undefined;
}

/** Whether a window can be shown here. */
export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

export interface DesktopOptions {
  code: string;
  userDataFolder: string;
  extensionsFolder: string;
  extensionFolder: string;
  workspaceFolder: string;
}

/** A desktop VS Code that was started here. */
export interface Desktop {
  /** Resolves when its window was closed. */
  readonly closed: Promise<void>;
  /** Ends it. Idempotent. */
  stop(): Promise<void>;
}

/** Starts the desktop VS Code in folders of its own; it shares nothing with the person's. */
export function startDesktop(options: DesktopOptions): Desktop {
  const args = [
    '--wait',
    '--new-window',
    '--disable-workspace-trust',
    `--user-data-dir=${options.userDataFolder}`,
    `--extensions-dir=${options.extensionsFolder}`,
    `--extensionDevelopmentPath=${options.extensionFolder}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    options.workspaceFolder,
  ];
  const isWindows = process.platform === 'win32';
  const quoted = (text: string): string => (isWindows ? `"${text}"` : text);
  const child = spawn(quoted(options.code), args.map(quoted), { stdio: 'inherit', shell: isWindows });
  const closed = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  // `code` only starts the program and waits; the program itself writes down its process.
  const lock = path.join(options.userDataFolder, 'code.lock');
  return {
    closed,
    stop: async () => {
      const pid = fs.existsSync(lock) ? Number(fs.readFileSync(lock, 'utf8')) : 0;
      if (pid > 0 && isRunning(pid)) {
        endProcess(pid, 'SIGTERM');
        await waitFor('VS Code to end', () => !isRunning(pid), 10_000).catch(() => endProcess(pid));
      }
      if (child.pid !== undefined && child.exitCode === null) endProcess(child.pid, 'SIGTERM');
    },
  };
}
