// `npm test`, `npm run check` and their parts: `run-tests.ts all|check|unit|integration|e2e [part of a path] [--grep text]`.
// The last line is "N passed, N failed"; whatever could not run counts as failed.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { outputFolder } from '../vscode/paths';
import { chosenVersion, NEWEST, OLDEST } from '../vscode/versions';
import { runIntegration } from './integration';
import { findTestFiles } from './recorder';
import { checkSizes } from './size-budget';
import { binary, runCheck, runInParallel, runTask, runTestFiles, type TaskResult } from './tasks';

const tests = path.join(outputFolder, 'test');

const { positionals, values } = parseArgs({ allowPositionals: true, options: { grep: { type: 'string' } } });

const [tier = 'all', fragment = ''] = positionals;

const chosenTests = values.grep === undefined ? {} : { grep: values.grep };

const isChosen = (file: string): boolean => path.relative(tests, file).includes(fragment);

const build = (): Promise<TaskResult> => runCheck('build', ['esbuild.js', '--tests']);

const unit = (): Promise<TaskResult> =>
  runTask('unit', () =>
    runTestFiles(findTestFiles(path.join(tests, 'unit'), '.test.js').filter(isChosen), {
      timeoutMs: 30_000,
      print: fragment === '' ? 'none' : 'spec',
      output: fragment === '' ? 'keep' : 'show',
      allMs: 10 * 60_000,
      ...chosenTests,
    }),
  );

const check = (): Promise<TaskResult[]> => {
  const tsc = binary('typescript', 'bin/tsc');
  return runInParallel([
    () => runCheck('lint', [binary('eslint', 'bin/eslint.js'), '.', '--max-warnings', '0']),
    () => runCheck('types', [tsc, '-p', 'tsconfig.json'], [tsc, '-p', 'webview/tsconfig.json']),
    () => runCheck('format', [binary('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']),
    () => runTask('size', checkSizes),
    unit,
  ]);
};

const integration = async (): Promise<TaskResult[]> => {
  const versions = process.env['CI'] ? [OLDEST, NEWEST] : [chosenVersion()];
  const results: TaskResult[] = [];
  for (const version of versions) {
    const name = `integration, VS Code ${version.vsCode}`;
    results.push(await runTask(name, () => runIntegration(version, values.grep)));
  }
  return results;
};

const e2e = async (): Promise<TaskResult[]> => {
  const files = findTestFiles(path.join(tests, 'e2e'), '.e2e.js').filter(isChosen);
  if (files.length === 0) {
    return [await runTask('e2e', () => Promise.reject(new Error('There is no e2e test of that name.')))];
  }
  const results: TaskResult[] = [];
  for (const file of files) {
    results.push(
      await runTask(`e2e ${path.basename(file, '.e2e.js')}`, () =>
        runTestFiles([file], {
          timeoutMs: 180_000,
          print: 'spec',
          output: 'show',
          allMs: 20 * 60_000,
          ...chosenTests,
        }),
      ),
    );
  }
  return results;
};

/** What each command runs, after the build. */
const TIERS: Readonly<Record<string, () => Promise<TaskResult[]>>> = {
  check,
  unit: async () => [await unit()],
  integration,
  e2e,
  all: async () => [...(await check()), ...(await integration()), ...(await e2e())],
};

async function main(): Promise<void> {
  const results: TaskResult[] = [];
  const run = TIERS[tier];
  if (run === undefined) {
    results.push(
      await runTask(tier, () => Promise.reject(new Error(`It is one of ${Object.keys(TIERS).join(', ')}.`))),
    );
  } else {
    const built = await build();
    results.push(built);
    if (built.failures.length === 0) results.push(...(await run()));
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failures.length, 0);
  for (const result of results.filter(each => each.failures.length > 0)) {
    console.log(
      `Failed in ${result.name}: ${result.failures.map(text => text.split('\n')[0] ?? '').join(' | ')}`,
    );
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exit(1);
});
