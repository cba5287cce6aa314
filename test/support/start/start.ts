// `npm start`: builds the extension and shows it in a real VS Code, with the simulator for a Twitch.
// --desktop or --browser choose; --port N fixes the browser's port. Ctrl+C ends everything that it started.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runNode } from '../runner/tasks';
import { SetupError } from '../vscode/npm';
import { layExtension } from '../vscode/lay-extension';
import { fetchedFolder, repositoryRoot } from '../vscode/paths';
import { startServer, writeSettings } from '../vscode/server';
import { chosenVersion } from '../vscode/versions';
import { findOnPath, hasDisplay, startDesktop } from './desktop';
import { openFrontDoor, type FrontDoor } from './front-door';

/** The same at each start where it is free: browsers keep secrets by address, and so who signed in stays so. */
const USUAL_PORT = 8123;

/** What it keeps between starts: settings, database, and the key of the browser's secrets. */
const startFolder = path.join(fetchedFolder, 'start');

const SETTINGS = { 'eventsub.server': 'simulator' } as const;

type Stop = () => Promise<void>;

/** What was started, to be ended in reverse. */
const started: Stop[] = [];

async function stopAll(): Promise<void> {
  for (const stop of started.splice(0).reverse()) {
    await stop().catch((error: unknown) => {
      console.error(error);
    });
  }
}

function prepareWorkspace(): string {
  const folder = path.join(startFolder, 'workspace');
  fs.mkdirSync(folder, { recursive: true });
  const notes = path.join(folder, 'notes.md');
  if (!fs.existsSync(notes)) fs.writeFileSync(notes, '# Stream notes\n');
  return folder;
}

/** The small extension that opens our views at every start. */
const opener = path.join(repositoryRoot, 'test', 'support', 'start', 'opener');

function readSecretKey(): Buffer {
  const file = path.join(startFolder, 'secret-key');
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(32), { mode: 0o600 });
  return fs.readFileSync(file);
}

async function openDoor(serverPort: number, wanted: number | undefined): Promise<FrontDoor> {
  const folder = pathToFileURL(prepareWorkspace()).pathname;
  const home = `/?${new URLSearchParams({ folder }).toString()}`;
  const options = { serverPort, secretKey: readSecretKey(), home };
  try {
    return await openFrontDoor({ ...options, port: wanted ?? USUAL_PORT });
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (wanted !== undefined) throw new SetupError(`Port ${wanted} is in use by another program.`);
    return openFrontDoor(options);
  }
}

/** Opens an address in the person's browser, where there is one; says nothing if there is none. */
function openInBrowser(address: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    darwin: ['open'],
    win32: ['explorer'],
    linux: ['xdg-open'],
  };
  const [name] = openers[process.platform] ?? [];
  if (name === undefined || !hasDisplay() || process.env['CI']) return;
  const child = spawn(name, [address], { stdio: 'ignore', detached: true });
  child.on('error', () => {
    console.log('Open that address in a browser.');
  });
  child.unref();
}

async function startInBrowser(port: number | undefined): Promise<void> {
  const server = await startServer({
    version: chosenVersion(),
    settings: SETTINGS,
    folder: startFolder,
    lay: [repositoryRoot, opener],
    takesDevelopmentExtension: false,
  });
  started.push(() => server.stop());
  const door = await openDoor(server.port, port);
  started.push(() => door.close());
  console.log('EventSub Live runs in VS Code in the browser. Ctrl+C ends it.');
  const address = `http://127.0.0.1:${door.port}/`;
  console.log(address);
  openInBrowser(address);
}

function startOnDesktop(code: string): void {
  const userDataFolder = path.join(startFolder, 'desktop');
  const extensionsFolder = path.join(startFolder, 'desktop-extensions');
  writeSettings(userDataFolder, SETTINGS);
  layExtension(extensionsFolder, opener);
  const desktop = startDesktop({
    code,
    userDataFolder,
    extensionsFolder,
    extensionFolder: repositoryRoot,
    workspaceFolder: prepareWorkspace(),
  });
  started.push(() => desktop.stop());
  console.log('EventSub Live runs in the desktop VS Code. Ctrl+C, or closing its window, ends it.');
  void desktop.closed.then(
    () => process.exit(0),
    (error: unknown) => {
      fail(error);
    },
  );
}

function fail(error: unknown): void {
  console.error(error instanceof SetupError ? error.message : error);
  void stopAll().then(() => process.exit(1));
}

interface Choice {
  where: 'desktop' | 'browser';
  port: number | undefined;
}

function parseOptions(): { browser?: boolean; desktop?: boolean; port?: string } {
  try {
    return parseArgs({
      options: { browser: { type: 'boolean' }, desktop: { type: 'boolean' }, port: { type: 'string' } },
    }).values;
  } catch (error: unknown) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SetupError(`${message}. There are --browser, --desktop and --port N.`, { cause: error });
  }
}

function readArguments(): Choice {
  const values = parseOptions();
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new SetupError(`--port ${values.port ?? ''}: a port is a number from 1 to 65535.`);
  }
  if (values.browser && values.desktop) throw new SetupError('Either --browser or --desktop.');
  const canDesktop = findOnPath('code') !== undefined && hasDisplay();
  const isDesktop = values.desktop ?? (!values.browser && port === undefined && canDesktop);
  return { where: isDesktop ? 'desktop' : 'browser', port };
}

async function main(): Promise<void> {
  const { where, port } = readArguments();
  fs.mkdirSync(startFolder, { recursive: true });
  const build = await runNode(['esbuild.js'], { output: 'show', timeoutMs: 5 * 60_000 });
  if (build.code !== 0) throw new SetupError('The build failed.');
  if (where === 'browser') {
    await startInBrowser(port);
    return;
  }
  const code = findOnPath('code');
  if (code === undefined)
    throw new SetupError('There is no "code" on the path: try "npm start -- --browser".');
  if (!hasDisplay()) throw new SetupError('There is no display: try "npm start -- --browser".');
  startOnDesktop(code);
}

let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (isEnding) return;
    isEnding = true;
    void stopAll().then(() => process.exit(0));
  });
}

main().catch(fail);
