// `npm run test:desktop`: test/integration in a desktop VS Code that @vscode/test-electron downloads.
// EVENTSUB_DESKTOP_VERSION names the version (`stable`, `1.100.3`); absent: the oldest that is supported.
import fs from 'node:fs';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import {
  fetchedFolder,
  makeTemporaryFolder,
  outputFolder,
  removeFolder,
  repositoryRoot,
} from '../vscode/paths';
import { OLDEST } from '../vscode/versions';
import type { RunResult } from './recorder';
import { countTests, runCheck, runTask } from './tasks';

const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|Failed to (?:download|parse)/;

async function runInDesktop(version: string): Promise<{ passed: number; failures: string[] }> {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { passed: 0, failures: ['There is no display: run "xvfb-run -a npm run test:desktop".'] };
  }
  const folder = makeTemporaryFolder();
  const resultFile = path.join(folder, 'result.json');
  try {
    await runTests({
      version,
      cachePath: fetchedFolder,
      extensionDevelopmentPath: repositoryRoot,
      extensionTestsPath: path.join(outputFolder, 'test', 'integration', 'index.js'),
      extensionTestsEnv: { EVENTSUB_TEST_RESULT: resultFile },
      launchArgs: [
        '--disable-extensions',
        '--disable-workspace-trust',
        '--disable-gpu',
        // Short: Unix sockets stop at about 100 bytes.
        `--user-data-dir=${path.join(folder, 'u')}`,
        `--extensions-dir=${path.join(folder, 'x')}`,
        ...(process.platform === 'linux' ? ['--no-sandbox'] : []),
      ],
    });
    return countTests(JSON.parse(fs.readFileSync(resultFile, 'utf8')) as RunResult);
  } catch (error: unknown) {
    // VS Code's exit code says that a test failed; which one stands in the result.
    if (fs.existsSync(resultFile))
      return countTests(JSON.parse(fs.readFileSync(resultFile, 'utf8')) as RunResult);
    const message = error instanceof Error ? error.message : String(error);
    const [line = ''] = message.split('\n');
    const failure = NO_NETWORK.test(message)
      ? `VS Code ${version} cannot be downloaded here (${line}).`
      : message;
    return { passed: 0, failures: [failure] };
  } finally {
    removeFolder(folder);
  }
}

async function main(): Promise<void> {
  const built = await runCheck('build', ['esbuild.js', '--tests']);
  const version = process.env['EVENTSUB_DESKTOP_VERSION'] ?? OLDEST.vsCode;
  const results = [
    built,
    ...(built.failures.length === 0
      ? [await runTask(`integration, desktop VS Code ${version}`, () => runInDesktop(version))]
      : []),
  ];
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failures.length, 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exit(1);
});
