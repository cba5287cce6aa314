import fs from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { fetchPackages, SetupError } from './npm';

/** A Chromium that can be driven, and variables that it needs. */
interface FoundBrowser {
  executablePath: string;
  environment: Readonly<Record<string, string>>;
}

/** What keeps Chromium quiet where there is no network, no GPU and no sandbox. */
const QUIET_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** What to tell someone whose machine has no browser and gets none from npm. */
const HOW_TO_GET_A_BROWSER =
  'No Chrome, Chromium or Edge was found: install one (on Debian and Ubuntu "apt-get install -y chromium"), ' +
  'or run "npx playwright-core install chromium", or name one in EVENTSUB_BROWSER.';

const ON_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

const MAC_APPLICATIONS = ['Google Chrome', 'Chromium', 'Microsoft Edge'];

const WINDOWS_PROGRAMS = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];

function* installedPaths(): Generator<string> {
  const { env, platform } = process;
  if (platform === 'darwin') {
    for (const base of ['/Applications', path.join(env['HOME'] ?? '', 'Applications')]) {
      for (const name of MAC_APPLICATIONS) yield path.join(base, `${name}.app`, 'Contents', 'MacOS', name);
    }
  }
  if (platform === 'win32') {
    for (const variable of ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA']) {
      const base = env[variable];
      if (base !== undefined) for (const program of WINDOWS_PROGRAMS) yield path.join(base, program);
    }
  }
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const ending = platform === 'win32' ? '.exe' : '';
    for (const name of ON_PATH) yield path.join(folder, name + ending);
  }
}

/** A Chromium inside an npm package, for Linux x64 only, with the libraries that a bare system lacks. */
async function fromNpm(): Promise<FoundBrowser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = await fetchPackages('browser', ['@sparticuz/chromium@138']);
  const module = path.join(folder, 'node_modules', '@sparticuz', 'chromium', 'build', 'esm', 'index.js');
  const before = process.env['LD_LIBRARY_PATH'];
  // Where it believes to be on a bare cloud machine, it unpacks the libraries too, and names them in this variable.
  process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs20.x';
  try {
    const { default: packaged } = (await import(module)) as {
      default: { executablePath(): Promise<string> };
    };
    const executablePath = await packaged.executablePath();
    return { executablePath, environment: { LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] ?? '' } };
  } finally {
    delete process.env['AWS_LAMBDA_JS_RUNTIME'];
    if (before === undefined) delete process.env['LD_LIBRARY_PATH'];
    else process.env['LD_LIBRARY_PATH'] = before;
  }
}

/**
 * Finds a browser: the one named by `EVENTSUB_BROWSER`, an installed Chrome, Chromium or Edge, Playwright's own,
 * or one from npm. Rejects with a `SetupError` that says how to get one.
 */
async function findBrowser(): Promise<FoundBrowser> {
  const named = process.env['EVENTSUB_BROWSER'];
  if (named !== undefined && named !== '') {
    if (!fs.existsSync(named)) throw new SetupError(`EVENTSUB_BROWSER names ${named}, which is not there.`);
    return { executablePath: named, environment: {} };
  }
  for (const candidate of [...installedPaths(), chromium.executablePath()]) {
    if (candidate !== '' && fs.existsSync(candidate)) return { executablePath: candidate, environment: {} };
  }
  try {
    const found = await fromNpm();
    if (found) return found;
  } catch (error: unknown) {
    throw new SetupError(HOW_TO_GET_A_BROWSER, { cause: error });
  }
  throw new SetupError(HOW_TO_GET_A_BROWSER);
}

/** Starts a browser without a window. Whoever launches it closes it. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, environment } = await findBrowser();
  const inherited = Object.entries(process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return chromium.launch({
    executablePath,
    args: [...QUIET_FLAGS],
    env: { ...Object.fromEntries(inherited), ...environment },
  });
}
