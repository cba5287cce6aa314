import fs from 'node:fs';
import path from 'node:path';
import { makeTemporaryFolder, removeFolder, repositoryRoot } from '../vscode/paths';
import { isPicture, SHIPPED_BUDGETS } from './budgets';
import { runNode } from './tasks';

/** What can be weighed without packing; `npm run package` weighs the VSIX itself. */
type Part = Exclude<keyof typeof SHIPPED_BUDGETS, 'vsix'>;

function listFiles(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name));
}

const isCharts = (file: string): boolean => fs.readFileSync(file, 'utf8').includes('u-legend');

const sizeOf = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + fs.statSync(file).size, 0);

/** Builds what ships into a folder of its own, weighs it, and answers what is over its budget. */
export async function checkSizes(): Promise<{ passed: number; failures: string[] }> {
  const dist = makeTemporaryFolder();
  try {
    const build = await runNode(['esbuild.js', '--production', `--dist=${dist}`], {
      output: 'keep',
      timeoutMs: 5 * 60_000,
    });
    if (build.code !== 0) return { passed: 0, failures: [build.output] };
    const webview = listFiles(path.join(dist, 'webview')).filter(file => file.endsWith('.js'));
    const sizes: Readonly<Record<Part, number>> = {
      host: sizeOf([path.join(dist, 'extension.js')]),
      leader: sizeOf([path.join(dist, 'leader.js')]),
      simulator: sizeOf([path.join(dist, 'simulator.js')]),
      worker: sizeOf([path.join(dist, 'data-worker.js')]),
      webview: sizeOf(webview.filter(file => !isCharts(file))),
      pictures: sizeOf(listFiles(path.join(repositoryRoot, 'media')).filter(isPicture)),
    };
    const parts = Object.keys(sizes) as Part[];
    const failures = parts
      .filter(part => sizes[part] > SHIPPED_BUDGETS[part])
      .map(part => `${part}: ${sizes[part]} bytes; at most ${SHIPPED_BUDGETS[part]}.`);
    const weights = parts.map(part => `${part} ${sizes[part]} of ${SHIPPED_BUDGETS[part]}`);
    console.log(`  size: ${weights.join(', ')} bytes`);
    return { passed: parts.length - failures.length, failures };
  } finally {
    removeFolder(dist);
  }
}
