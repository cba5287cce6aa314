import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../poll';
import { installServer } from './install';
import { layExtension } from './lay-extension';
import { makeTemporaryFolder, removeFolder } from './paths';
import { endProcess, isRunning, listDescendants } from './processes';
import type { VsCodeVersion } from './versions';

export interface ServerOptions {
  version: VsCodeVersion;
  /** The user's settings; those that keep a picture clean are added. */
  settings?: Readonly<Record<string, unknown>>;
  /** Where everything is kept; absent: a temporary folder that ends with the server. */
  folder?: string;
  /** Absent: any that is free. */
  port?: number;
  /** Extensions that are installed, unpacked or as VSIX: `--install-extension` takes them. */
  install?: readonly string[];
  /** Folders of extensions that are laid out as installed. */
  lay?: readonly string[];
  /** Takes an extension under development from the address; then VS Code shows no dialogs, as in its own tests. */
  takesDevelopmentExtension: boolean;
  /** Opens folders in Restricted Mode until the person trusts them; absent: all are trusted. */
  restrictsFolders?: boolean;
  /** Variables for the server and its extension hosts. */
  environment?: Readonly<Record<string, string>>;
}

/** VS Code's server, ready for browsers. */
export interface VsCodeServer {
  readonly version: VsCodeVersion;
  readonly port: number;
  readonly pid: number;
  readonly userDataFolder: string;
  /** What it printed so far. */
  output(): string;
  /** The extension hosts of its windows, oldest first. */
  extensionHosts(): Promise<number[]>;
  /** Ends it and all that it started. Idempotent. */
  stop(): Promise<void>;
}

/** Settings without which a picture shows VS Code's own offers. */
const QUIET_SETTINGS: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'window.commandCenter': false,
};

/** Lays the settings of a user who has none yet; those that keep a picture clean are added. */
export function writeSettings(userDataFolder: string, settings: Readonly<Record<string, unknown>>): void {
  const file = path.join(userDataFolder, 'User', 'settings.json');
  // Kept between starts, they belong to the person who changed them.
  if (fs.existsSync(file)) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2)}\n`);
}

/** Starts VS Code's server (fetching it where needed) and resolves when it answers. */
export async function startServer(options: ServerOptions): Promise<VsCodeServer> {
  const { version } = options;
  const installed = await installServer(version);
  const folder = options.folder ?? makeTemporaryFolder();
  const userDataFolder = path.join(folder, 'u');
  writeSettings(userDataFolder, options.settings ?? {});
  const extensionsFolder = path.join(folder, 'x');
  for (const source of options.lay ?? []) layExtension(extensionsFolder, source);
  const folders = [
    ['--server-data-dir', path.join(folder, 's')],
    ['--user-data-dir', userDataFolder],
    ['--extensions-dir', extensionsFolder],
  ].flat();
  for (const extension of options.install ?? []) {
    await runToEnd(installed.node, [installed.serverMain, ...folders, '--install-extension', extension]);
  }

  const child = spawn(
    installed.node,
    [
      installed.serverMain,
      ...['--host', '127.0.0.1', '--port', String(options.port ?? 0)],
      '--without-connection-token',
      '--accept-server-license-terms',
      ...['--telemetry-level', 'off'],
      ...(options.restrictsFolders ? [] : ['--disable-workspace-trust']),
      ...(options.takesDevelopmentExtension ? ['--enable-smoke-test-driver'] : []),
      ...folders,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...cleanEnvironment(), ...options.environment } },
  );
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${installed.node} does not start.`);
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()));

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const descendants = (await listDescendants(pid)).map(entry => entry.pid);
    endProcess(pid, 'SIGTERM');
    const timer = setTimeout(() => endProcess(pid), 5000);
    await exited;
    clearTimeout(timer);
    for (const descendant of descendants) endProcess(descendant);
    await waitFor('the processes of VS Code to end', () => !descendants.some(isRunning));
    if (options.folder === undefined) removeFolder(folder);
  };
  const server = {
    version,
    pid,
    userDataFolder,
    output: () => output,
    extensionHosts: async () =>
      (await listDescendants(pid))
        .filter(entry => entry.command.includes('--type=extensionHost'))
        .map(entry => entry.pid),
    stop: () => (stopping ??= stop()),
  };

  try {
    const port = await waitFor('VS Code to listen', async () => {
      if (child.exitCode !== null) return 'ended' as const;
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (!match) return undefined;
      const response = await fetch(`http://127.0.0.1:${match[1] ?? ''}/version`);
      return response.ok ? Number(match[1]) : undefined;
    });
    if (port === 'ended') throw new Error('VS Code ended at once.');
    return { ...server, port };
  } catch (error: unknown) {
    await server.stop();
    throw new Error(`VS Code's server did not start:\n${output}`, { cause: error });
  }
}

/** A VS Code that starts these tests from its own terminal must not be taken for the one that is started. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name)),
  );
}

async function runToEnd(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment() });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${args.join(' ')} failed:\n${output}`);
}
