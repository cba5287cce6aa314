import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../poll';
import { fetchedFolder } from './paths';
import { isRunning } from './processes';

/** A sentence that says what a person can do about it; no stack is worth showing. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/** What a parent `npm` tells its scripts about itself, which a child `npm` must not take for its own. */
const OF_THE_PARENT = /^npm_(?:package_|lifecycle_|config_local_prefix$|command$)/;

/** Runs npm in a folder; rejects with its last lines when it fails. */
export async function runNpm(folder: string, args: readonly string[]): Promise<void> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THE_PARENT.test(name)),
  );
  // Inside `npm run` this is npm's own script; a Windows machine cannot start `npm.cmd` without a shell.
  const script = process.env['npm_execpath'];
  const isScript = script !== undefined && /npm-cli\.[cm]?js$/.test(script);
  const child = isScript
    ? spawn(process.execPath, [script, ...args], { cwd: folder, env: environment })
    : spawn('npm', [...args], { cwd: folder, env: environment, shell: process.platform === 'win32' });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new SetupError(`"npm ${args.join(' ')}" failed in ${folder}:\n${output.trim()}`);
  }
}

/** Takes a lock file; one whose owner has ended is taken over. Answers how to let go of it. */
async function takeLock(file: string): Promise<() => void> {
  await waitFor(
    `${file} to be free: another run is fetching the same (delete the file if none is)`,
    () => {
      try {
        fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
        return true;
      } catch (error: unknown) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = Number(fs.readFileSync(file, 'utf8'));
      if (owner > 0 && !isRunning(owner)) fs.rmSync(file, { force: true });
      return false;
    },
    15 * 60_000,
  );
  return () => {
    fs.rmSync(file, { force: true });
  };
}

/**
 * Makes sure that `.vscode-test/<name>` holds these npm packages, and answers that folder. It appears only when
 * complete; two runs at once fetch it once. `finish` may add to the folder before it appears.
 */
export async function fetchPackages(
  name: string,
  packages: readonly string[],
  finish?: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = path.join(fetchedFolder, name);
  const marker = path.join(folder, 'complete.json');
  if (fs.existsSync(marker)) return folder;
  fs.mkdirSync(fetchedFolder, { recursive: true });
  const release = await takeLock(`${folder}.lock`);
  try {
    if (fs.existsSync(marker)) return folder;
    console.log(`Fetching ${packages.join(' and ')} from npm (once) ...`);
    const unfinished = `${folder}.unfinished`;
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(unfinished);
    fs.writeFileSync(path.join(unfinished, 'package.json'), '{ "private": true }\n');
    await runNpm(unfinished, ['install', ...packages, '--ignore-scripts', '--no-audit', '--no-fund']);
    await finish?.(unfinished);
    fs.writeFileSync(path.join(unfinished, 'complete.json'), `${JSON.stringify(packages)}\n`);
    fs.renameSync(unfinished, folder);
    return folder;
  } finally {
    release();
  }
}
