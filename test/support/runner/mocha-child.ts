// The process in which one tier's, or one e2e file's, tests run: a crash of it cannot take the runner along.
// Arguments: the file for the result, a JSON of `RunOptions`, the compiled test files.
import fs from 'node:fs';
import { runMocha, type RunOptions } from './recorder';

const [resultFile, options, ...files] = process.argv.slice(2);

if (resultFile === undefined || options === undefined) throw new Error('Started by hand?');

runMocha(files, JSON.parse(options) as RunOptions).then(
  result => {
    fs.writeFileSync(resultFile, JSON.stringify(result));
    process.exit(result.failed.length === 0 ? 0 : 1);
  },
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);
