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

/**
 * What axe finds in a webview that is serious or worse, each in one line. A webview is transparent; `background` is
 * the theme's colour of what lies behind it, which axe cannot see.
 */
export async function findSeriousFaults(
  frame: Frame,
  background: 'sideBar-background' | 'editor-background',
): Promise<string[]> {
  source ??= fs.readFileSync(path.join(repositoryRoot, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
  await frame.evaluate(source);
  await frame.evaluate(`document.documentElement.style.background = 'var(--vscode-${background})'`);
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
