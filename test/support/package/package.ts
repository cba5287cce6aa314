// `npm run package`: makes eventsub-live-<version>.vsix in the checkout's root, and fails if it holds too much or too little.
import fs from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../vscode/paths';
import { checkVsix } from './check-vsix';
import { makeVsix } from './make-vsix';

async function main(): Promise<void> {
  const { name, version } = JSON.parse(
    fs.readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'),
  ) as { name: string; version: string };
  const vsix = await makeVsix(path.join(repositoryRoot, `${name}-${version}.vsix`));
  const report = checkVsix(vsix);
  for (const file of report.files) {
    console.log(`${String(file.packedSize).padStart(8)}  ${String(file.size).padStart(8)}  ${file.name}`);
  }
  console.log(
    `${path.relative(process.cwd(), vsix)}: ${report.size} bytes, pictures ${report.pictures} bytes`,
  );
  for (const problem of report.problems) console.error(problem);
  if (report.problems.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
