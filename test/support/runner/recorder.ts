import fs from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';

/** What a run of mocha came to. Names are full sentences: suites and test. */
export interface RunResult {
  passed: string[];
  failed: { name: string; error: string }[];
  /** Tests that were skipped, which we never do. */
  pending: string[];
}

export interface RunOptions {
  timeoutMs: number;
  /** Only tests whose name holds this. */
  grep?: string;
  /** `spec` prints each test as it ends; `none` prints nothing. */
  print: 'spec' | 'none';
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  caused by: ${describeError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** Runs compiled test files in this process and answers what came of them; rejects if mocha itself breaks. */
export async function runMocha(files: readonly string[], options: RunOptions): Promise<RunResult> {
  const mocha = new Mocha({
    timeout: options.timeoutMs,
    color: process.env['CI'] === undefined && process.stdout.isTTY,
    forbidOnly: true,
    reporter: options.print === 'spec' ? Mocha.reporters.Spec : Mocha.reporters.Base,
    ...(options.grep === undefined ? {} : { fgrep: options.grep }),
  });
  for (const file of files) mocha.addFile(file);
  const result: RunResult = { passed: [], failed: [], pending: [] };
  await new Promise<void>(resolve => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', test => result.passed.push(test.fullTitle()));
    runner.on('fail', (test, error: unknown) => {
      result.failed.push({ name: test.fullTitle(), error: describeError(error) });
    });
    runner.on('pending', test => result.pending.push(test.fullTitle()));
  });
  return result;
}

/** All compiled test files below a folder, in a steady order. */
export function findTestFiles(folder: string, ending: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => path.join(folder, name));
}
