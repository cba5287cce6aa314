import fs from 'node:fs';
import path from 'node:path';
import { makeVsix } from '../../support/package/make-vsix';
import { makeTemporaryFolder, removeFolder } from '../../support/vscode/paths';
import { stagedBundles } from '../bundles';
import type { Figure } from '../figures';

const sizeOf = (...files: string[]): number =>
  files.reduce((sum, file) => sum + fs.statSync(file).size, 0) / 1000;

const isCharts = (file: string): boolean => fs.readFileSync(file, 'utf8').includes('u-legend');

function weigh(what: string, kilobytes: number, limit: number | null): Figure {
  return {
    row: 'sizes',
    what,
    unit: 'kB',
    runs: [kilobytes],
    beside: { what: limit === null ? 'both halves' : 'limit', runs: [limit ?? kilobytes] },
    target: limit === null ? null : { sense: 'atMost', ratio: 1, says: `${limit} kB` },
  };
}

/** What ships, in thousands of bytes; the same in each run. */
export async function measureSizes(): Promise<Figure[]> {
  const folder = makeTemporaryFolder();
  try {
    const vsix = await makeVsix(path.join(folder, 'bench.vsix'));
    const webviewFolder = path.join(stagedBundles, 'webview');
    const webview = fs
      .readdirSync(webviewFolder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.js'))
      .map(name => path.join(webviewFolder, name));
    const host = path.join(stagedBundles, 'extension.js');
    const leader = path.join(stagedBundles, 'leader.js');
    return [
      weigh('VSIX', sizeOf(vsix), 700),
      weigh('host, loaded at activation', sizeOf(host), 200),
      weigh("host with the leader's half, loaded later", sizeOf(host, leader), null),
      weigh('worker', sizeOf(path.join(stagedBundles, 'data-worker.js')), 250),
      weigh('webview without charts', sizeOf(...webview.filter(file => !isCharts(file))), 90),
    ];
  } finally {
    removeFolder(folder);
  }
}
