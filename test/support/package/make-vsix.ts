import fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { binary, runNode } from '../runner/tasks';
import { makeTemporaryFolder, removeFolder, repositoryRoot } from '../vscode/paths';
import { findPackageFolders, readPackage, type BuildRecord } from './bundled-packages';
import { findLicenceProblems, writeNotices } from './notices';

const PATIENCE_MS = 5 * 60_000;

/** What the build does not make; .vscodeignore chooses among it what ships. */
const SOURCES: readonly string[] = ['README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'media', 'l10n'];

/** What npm needs of package.json and an installed extension does not. */
const FOR_NPM: ReadonlySet<string> = new Set([
  'private',
  'scripts',
  'dependencies',
  'devDependencies',
  'allowScripts',
]);

/**
 * Makes the VSIX that ships: a production build, the licences of what is in it, and the manifest, packed by `vsce`.
 * All of it happens in a temporary folder; the checkout's own `dist` stays as it is. Answers the VSIX's path.
 */
export async function makeVsix(target: string): Promise<string> {
  const stage = makeTemporaryFolder();
  try {
    const record = path.join(stage, 'builds.json');
    await run(
      'The production build',
      ['esbuild.js', '--production', `--dist=${path.join(stage, 'dist')}`, `--metafile=${record}`],
      repositoryRoot,
    );
    packWasm(path.join(stage, 'dist', 'sql-wasm.wasm'));
    const builds = JSON.parse(fs.readFileSync(record, 'utf8')) as BuildRecord[];
    fs.writeFileSync(path.join(stage, 'THIRD-PARTY-NOTICES.txt'), makeNotices(builds));
    const names = fs
      .readdirSync(repositoryRoot)
      .filter(name => /^package\.nls(?:\.[\w-]+)?\.json$/.test(name));
    for (const name of [...names, ...SOURCES]) {
      fs.cpSync(path.join(repositoryRoot, name), path.join(stage, name), { recursive: true });
    }
    const { manifest, hasRepository } = readManifest();
    fs.writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    // As long as no repository is named, vsce can make no absolute addresses of the README's pictures.
    const atHome = hasRepository ? [] : ['--allow-missing-repository', '--no-rewrite-relative-links'];
    await run(
      'vsce',
      [binary('@vscode/vsce', 'vsce'), 'package', '--no-dependencies', ...atHome, '--out', target],
      stage,
    );
    return target;
  } finally {
    removeFolder(stage);
  }
}

/** Packs SQLite's code as the data worker unpacks it: zip alone would leave a seventh more. */
function packWasm(file: string): void {
  const bytes = fs.readFileSync(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  fs.writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  fs.rmSync(file);
}

function makeNotices(builds: readonly BuildRecord[]): string {
  const packages = findPackageFolders(builds).map(folder => readPackage(path.join(repositoryRoot, folder)));
  const problems = findLicenceProblems(packages);
  if (problems.length > 0) throw new Error(`What is bundled may not be passed on:\n${problems.join('\n')}`);
  return writeNotices(packages);
}

function readManifest(): { manifest: Record<string, unknown>; hasRepository: boolean } {
  const text = fs.readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8');
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
  const manifest = Object.fromEntries(entries.filter(([key]) => !FOR_NPM.has(key)));
  return { manifest, hasRepository: manifest['repository'] !== undefined };
}

async function run(name: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runNode(args, { output: 'keep', timeoutMs: PATIENCE_MS, cwd });
  if (code !== 0) throw new Error(`${name} failed:\n${output.trim()}`);
}
