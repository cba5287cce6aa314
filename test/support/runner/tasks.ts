import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeTemporaryFolder, outputFolder, removeFolder, repositoryRoot } from '../vscode/paths';
import type { RunOptions, RunResult } from './recorder';

/** What one part of a test run came to. */
export interface TaskResult {
  name: string;
  passed: number;
  /** Each with what a person needs to see. A part that could not run has one. */
  failures: string[];
  durationMs: number;
}

/** How a child process ended, with all that it printed if it was not shown. */
export interface ChildResult {
  code: number | null;
  output: string;
}

export interface ChildOptions {
  environment?: Readonly<Record<string, string>>;
  /** `show` passes its output on as it comes. */
  output: 'show' | 'keep';
  /** After this it is ended. */
  timeoutMs: number;
  /** Absent: the checkout's root. */
  cwd?: string;
}

/** Runs a Node program of the checkout to its end. */
export async function runNode(args: readonly string[], options: ChildOptions): Promise<ChildResult> {
  const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
    cwd: options.cwd ?? repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let output = '';
  const hear = (chunk: Buffer): void => {
    if (options.output === 'show') process.stdout.write(chunk);
    else output += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      output += `\nEnded after ${options.timeoutMs / 1000} s without an end of its own.`;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    child.once('error', reject);
    child.once('close', code => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/** Runs one part and turns every way of going wrong into a failure; prints one line when it is done. */
export async function runTask(
  name: string,
  work: () => Promise<{ passed: number; failures: string[] }>,
): Promise<TaskResult> {
  const start = Date.now();
  let outcome: { passed: number; failures: string[] };
  try {
    outcome = await work();
  } catch (error: unknown) {
    const text = error instanceof Error && error.name !== 'SetupError' ? error.stack : String(error);
    outcome = { passed: 0, failures: [text ?? ''] };
  }
  const result = { name, ...outcome, durationMs: Date.now() - start };
  const seconds = (result.durationMs / 1000).toFixed(1);
  const counts =
    result.failures.length === 0
      ? `${result.passed} passed`
      : `${result.passed} passed, ${result.failures.length} failed`;
  console.log(`${result.failures.length === 0 ? '✓' : '✗'} ${name}: ${counts} (${seconds} s)`);
  for (const failure of result.failures) console.log(indent(failure));
  return result;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map(line => `    ${line}`)
    .join('\n');
}

/** A part that is one command: passed if it ends with 0. */
export function runCheck(name: string, ...commands: (readonly string[])[]): Promise<TaskResult> {
  return runTask(name, async () => {
    for (const command of commands) {
      const { code, output } = await runNode(command, { output: 'keep', timeoutMs: 10 * 60_000 });
      if (code !== 0)
        return { passed: 0, failures: [output.trim() || `${command.join(' ')}: code ${code ?? '?'}`] };
    }
    return { passed: 1, failures: [] };
  });
}

/** The path of a dependency's program, to be run by Node. */
export function binary(dependency: string, file: string): string {
  return path.join(repositoryRoot, 'node_modules', dependency, file);
}

/** Turns mocha's result into counts; nothing run, or something skipped, is a failure too. */
export function countTests(result: RunResult): { passed: number; failures: string[] } {
  const failures = result.failed.map(({ name, error }) => `${name}\n${error}`);
  failures.push(...result.pending.map(name => `${name}\nwas skipped; no test may be.`));
  if (result.passed.length + failures.length === 0) failures.push('No test ran.');
  return { passed: result.passed.length, failures };
}

/** Runs compiled mocha files in a process of their own. */
export async function runTestFiles(
  files: readonly string[],
  options: RunOptions & { output: 'show' | 'keep'; allMs: number },
): Promise<{ passed: number; failures: string[] }> {
  const folder = makeTemporaryFolder();
  const resultFile = path.join(folder, 'result.json');
  const { output: kind, allMs, ...mochaOptions } = options;
  try {
    const child = path.join(outputFolder, 'test', 'support', 'runner', 'mocha-child.js');
    const { code, output } = await runNode(
      [child, resultFile, JSON.stringify(mochaOptions satisfies RunOptions), ...files],
      { output: kind, timeoutMs: allMs },
    );
    if (!fs.existsSync(resultFile)) {
      return {
        passed: 0,
        failures: [`The tests' process ended (code ${code ?? 'none'}) before its end.\n${output}`],
      };
    }
    const counts = countTests(JSON.parse(fs.readFileSync(resultFile, 'utf8')) as RunResult);
    // Shown tests have told their errors already.
    const isTold = kind === 'show';
    return {
      ...counts,
      failures: isTold ? counts.failures.map(text => text.split('\n')[0] ?? '') : counts.failures,
    };
  } finally {
    removeFolder(folder);
  }
}

/** How many things this machine can do at once. */
const PARALLEL = Math.max(1, Math.min(4, os.availableParallelism()));

/** Runs jobs, at most `PARALLEL` at once, and answers their results in the order of the jobs. */
export async function runInParallel<T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const queue = jobs.entries();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const [index, job] of queue) results[index] = await job();
    }),
  );
  return results;
}
