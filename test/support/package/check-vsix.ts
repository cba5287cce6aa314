import fs from 'node:fs';
import { isPicture, SHIPPED_BUDGETS } from '../runner/budgets';
import { readZip } from './zip-directory';

/** Every file that may be in the VSIX, by its name there. What is not in here is too much. */
const MAY_SHIP: readonly RegExp[] = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/package(?:\.nls(?:\.[\w-]+)?)?\.json$/,
  /^extension\/(?:readme|changelog)\.md$/,
  /^extension\/(?:LICENSE|THIRD-PARTY-NOTICES)\.txt$/,
  /^extension\/l10n\/bundle\.l10n\.[\w-]+\.json$/,
  /^extension\/dist\/(?:extension|leader|simulator|data-worker)\.js$/,
  /^extension\/dist\/sql-wasm\.wasm\.br$/,
  /^extension\/dist\/webview\/(?:app\.(?:js|css)|[\w-]+-[A-Z0-9]{8}\.(?:js|css)|codicon\.ttf)$/,
  /^extension\/media\/(?:[\w-]+\.svg|icon\.png)$/,
  /^extension\/media\/(?:walkthrough|pictures)\/[\w.-]+\.(?:md|png)$/,
];

/** What an installed extension cannot do without. */
const MUST_SHIP: readonly string[] = [
  'package.json',
  'package.nls.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'THIRD-PARTY-NOTICES.txt',
  'dist/extension.js',
  'dist/leader.js',
  'dist/simulator.js',
  'dist/data-worker.js',
  'dist/sql-wasm.wasm.br',
  'dist/webview/app.js',
  'dist/webview/app.css',
  'dist/webview/codicon.ttf',
];

/** What a VSIX is: its weight in bytes, and what is wrong with it. */
export interface VsixReport {
  size: number;
  pictures: number;
  files: { name: string; size: number; packedSize: number }[];
  problems: string[];
}

/** Weighs a VSIX and looks for what it has too much or too little. */
export function checkVsix(file: string): VsixReport {
  const files = readZip(file);
  const { size } = fs.statSync(file);
  const pictures = files.filter(({ name }) => isPicture(name)).reduce((sum, entry) => sum + entry.size, 0);
  const names = new Set(files.map(({ name }) => name));
  const problems = [
    ...files
      .filter(({ name }) => !MAY_SHIP.some(pattern => pattern.test(name)))
      .map(({ name }) => `${name} does not belong into it.`),
    ...MUST_SHIP.filter(name => !names.has(`extension/${name}`)).map(name => `${name} is missing.`),
    ...(size > SHIPPED_BUDGETS.vsix ? [`It has ${size} bytes; at most ${SHIPPED_BUDGETS.vsix}.`] : []),
    ...(pictures > SHIPPED_BUDGETS.pictures
      ? [`Its pictures have ${pictures} bytes; at most ${SHIPPED_BUDGETS.pictures}.`]
      : []),
  ];
  return { size, pictures, files, problems };
}
