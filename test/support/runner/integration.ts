import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { waitFor } from '../poll';
import { launchBrowser } from '../vscode/browser';
import { makeTemporaryFolder, outputFolder, removeFolder, repositoryRoot } from '../vscode/paths';
import { startServer } from '../vscode/server';
import type { VsCodeVersion } from '../vscode/versions';
import { ConsoleWatch } from '../workbench/console-watch';
import { remoteUri } from '../workbench/workbench';
import type { RunResult } from './recorder';
import { countTests } from './tasks';

const ALL_TESTS_MS = 10 * 60_000;

/** Runs test/integration inside the extension host of a real VS Code in a browser. */
export async function runIntegration(
  version: VsCodeVersion,
  grep: string | undefined,
): Promise<{ passed: number; failures: string[] }> {
  const browser = await launchBrowser();
  const folder = makeTemporaryFolder();
  const resultFile = path.join(folder, 'result.json');
  const starting = startServer({
    version,
    takesDevelopmentExtension: true,
    settings: { 'eventsub.server': 'simulator' },
    environment: {
      EVENTSUB_TEST_RESULT: resultFile,
      ...(grep === undefined ? {} : { EVENTSUB_TEST_GREP: grep }),
    },
  });
  try {
    const server = await starting;
    const page = await browser.newPage();
    const watch = new ConsoleWatch(page);
    let exitCode: number | undefined;
    await page.exposeFunction('codeAutomationLog', () => undefined);
    await page.exposeFunction('codeAutomationExit', (code: number) => {
      exitCode = code;
    });
    const tests = path.join(outputFolder, 'test', 'integration', 'index.js');
    const address = new URL(`http://127.0.0.1:${server.port}/`);
    address.searchParams.set('folder', pathToFileURL(folder).pathname);
    address.searchParams.set(
      'payload',
      JSON.stringify([
        ['extensionDevelopmentPath', remoteUri(server.port, repositoryRoot)],
        ['extensionTestsPath', remoteUri(server.port, tests)],
      ]),
    );
    await page.goto(address.href);
    await waitFor('the tests in the extension host to end', () => exitCode !== undefined, ALL_TESTS_MS);
    const errors = watch.takeErrors();
    if (!fs.existsSync(resultFile)) {
      return {
        passed: 0,
        failures: [`The extension host ran no tests (code ${String(exitCode)}).\n${errors.join('\n')}`],
      };
    }
    const counts = countTests(JSON.parse(fs.readFileSync(resultFile, 'utf8')) as RunResult);
    // The failures are told by the tests themselves; VS Code repeats that there were some.
    const own = errors.filter(error => !/of the integration tests failed/.test(error));
    if (own.length > 0) counts.failures.push(`Errors in the console of VS Code:\n${own.join('\n')}`);
    return counts;
  } finally {
    await browser.close();
    await starting.then(
      server => server.stop(),
      () => undefined,
    );
    removeFolder(folder);
  }
}
