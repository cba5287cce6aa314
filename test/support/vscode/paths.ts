import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

function findRoot(folder: string): string {
  if (fs.existsSync(path.join(folder, 'package.json')) && fs.existsSync(path.join(folder, 'esbuild.js'))) {
    return folder;
  }
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error(`${__dirname} lies in no checkout of EventSub Live.`);
  return findRoot(parent);
}

/** The checkout's root: the folder that VS Code loads the extension from. */
export const repositoryRoot = findRoot(__dirname);

/** What is fetched for running VS Code; never in git. */
export const fetchedFolder = path.join(repositoryRoot, '.vscode-test');

/** What test runs leave behind for a person to look at; never in git. */
export const outputFolder = path.join(repositoryRoot, 'out');

/** Makes a folder in the system's temporary folder. Its path is short: Unix sockets stop at about 100 bytes. */
export function makeTemporaryFolder(): string {
  return fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'es-')));
}

/** Removes a temporary folder; Windows may hold its files for a moment after their process has ended. */
export function removeFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}
