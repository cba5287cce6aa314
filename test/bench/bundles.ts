import fs from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { runNode } from '../support/runner/tasks';
import { outputFolder, repositoryRoot } from '../support/vscode/paths';

/** What the benchmarks build and keep; never in git. */
export const benchFolder = path.join(outputFolder, 'bench');

/** The extension as it ships: minified, laid out as installed. */
export const stagedExtension = path.join(benchFolder, 'extension');

/** Its bundles. */
export const stagedBundles = path.join(stagedExtension, 'dist');

const programFolder = path.join(benchFolder, 'programs');

/** What is run in a process of its own, by file name. */
export const PROGRAMS = [
  'frame-server',
  'ingest-ours',
  'ingest-parse',
  'ingest-twurple',
  'fill-database',
  'open-database',
  'grow-database',
  'host-probe',
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** Where a program's bundle lies. */
export function programPath(name: ProgramName): string {
  return path.join(programFolder, `${name}.js`);
}

const STAGED =
  /^(?:package\.json|package\.nls(?:\.[\w-]+)?\.json|README\.md|CHANGELOG\.md|LICENSE|media|l10n)$/;

/** Builds the extension as it ships and every program of the benchmarks, into `out/bench`. */
export async function buildAll(): Promise<void> {
  fs.rmSync(stagedExtension, { recursive: true, force: true });
  fs.mkdirSync(stagedExtension, { recursive: true });
  for (const entry of fs.readdirSync(repositoryRoot)) {
    if (STAGED.test(entry)) {
      fs.cpSync(path.join(repositoryRoot, entry), path.join(stagedExtension, entry), { recursive: true });
    }
  }
  const built = await runNode(['esbuild.js', '--production', `--dist=${stagedBundles}`], {
    output: 'keep',
    timeoutMs: 5 * 60_000,
  });
  if (built.code !== 0) throw new Error(built.output);
  await esbuild.build({
    entryPoints: PROGRAMS.map(name => path.join(repositoryRoot, 'test', 'bench', 'programs', `${name}.ts`)),
    outdir: programFolder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    // Our half of the comparison is what ships, and what ships is minified; peers run as npm has them.
    external: ['bufferutil', 'utf-8-validate', 'esbuild', '@twurple/*'],
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    sourcemap: 'linked',
  });
}
