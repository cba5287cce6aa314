import fs from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { repositoryRoot } from '../vscode/paths';

interface AxeResult {
  violations: {
    id: string;
    impact: string | null;
    help: string;
    nodes: { html: string; failureSummary?: string }[];
  }[];
}

let source: string | undefined;

/** What axe finds in a webview that is serious or worse, each in one line. */
export async function findSeriousFaults(frame: Frame): Promise<string[]> {
  source ??= fs.readFileSync(path.join(repositoryRoot, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
  await frame.evaluate(source);
  const { violations } = await frame.evaluate<AxeResult>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`,
      ),
    );
}
