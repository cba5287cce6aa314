import fs from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { makeTemporaryFolder, removeFolder, repositoryRoot } from '../vscode/paths';
import { runNode } from './tasks';

/** What ships may weigh, in bytes. kB are thousands of bytes. */
const BUDGETS = {
  /** The whole VSIX: what is packed, deflated. */
  vsix: 700_000,
  /** Pictures in the VSIX. */
  pictures: 120_000,
  /** The webview's own JavaScript, minified, without the chart library, which is loaded only for a chart. */
  webview: 90_000,
} as const;

function listFiles(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name));
}

function deflatedSize(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + deflateRawSync(fs.readFileSync(file), { level: 9 }).length, 0);
}

const isPicture = (file: string): boolean => /\.(?:png|jpe?g|gif|webp)$/.test(file);

const isCharts = (file: string): boolean => fs.readFileSync(file, 'utf8').includes('u-legend');

/** Builds what ships into a folder of its own, weighs it, and answers what is over its budget. */
export async function checkSizes(): Promise<{ passed: number; failures: string[] }> {
  const dist = makeTemporaryFolder();
  try {
    const build = await runNode(['esbuild.js', '--production', `--dist=${dist}`], {
      output: 'keep',
      timeoutMs: 5 * 60_000,
    });
    if (build.code !== 0) return { passed: 0, failures: [build.output] };
    const media = listFiles(path.join(repositoryRoot, 'media'));
    const texts = ['package.json', 'package.nls.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'l10n']
      .map(name => path.join(repositoryRoot, name))
      .flatMap(name => (fs.existsSync(name) && fs.statSync(name).isFile() ? [name] : listFiles(name)));
    const webview = listFiles(path.join(dist, 'webview')).filter(
      file => file.endsWith('.js') && !isCharts(file),
    );
    const sizes = {
      vsix: deflatedSize([...listFiles(dist), ...media, ...texts]),
      pictures: media.filter(isPicture).reduce((sum, file) => sum + fs.statSync(file).size, 0),
      webview: webview.reduce((sum, file) => sum + fs.statSync(file).size, 0),
    };
    const failures = Object.entries(BUDGETS).flatMap(([name, limit]) => {
      const size = sizes[name as keyof typeof BUDGETS];
      return size > limit ? [`${name}: ${size} bytes; at most ${limit}.`] : [];
    });
    console.log(
      `  size: VSIX about ${sizes.vsix} of ${BUDGETS.vsix}, webview ${sizes.webview} of ${BUDGETS.webview}, ` +
        `pictures ${sizes.pictures} of ${BUDGETS.pictures} bytes`,
    );
    return { passed: Object.keys(BUDGETS).length - failures.length, failures };
  } finally {
    removeFolder(dist);
  }
}
