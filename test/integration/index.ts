import fs from 'node:fs';
import { findTestFiles, runMocha } from '../support/runner/recorder';

/**
 * What VS Code's extension host calls (`extensionTestsPath`): runs the tests beside this file, and writes what came
 * of them where `EVENTSUB_TEST_RESULT` says. Rejects when a test failed, so that VS Code's exit code says so too.
 */
export async function run(): Promise<void> {
  const grep = process.env['EVENTSUB_TEST_GREP'];
  const result = await runMocha(findTestFiles(__dirname, '.test.js'), {
    timeoutMs: 60_000,
    print: 'none',
    ...(grep === undefined ? {} : { grep }),
  });
  const file = process.env['EVENTSUB_TEST_RESULT'];
  if (file !== undefined) fs.writeFileSync(file, JSON.stringify(result));
  const count = result.failed.length;
  if (count > 0) throw new Error(`${count} of the integration tests failed.`);
}
