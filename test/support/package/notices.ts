import type { BundledPackage } from './bundled-packages';

/** Licences that let anyone use, change and pass on, also in a program under the MIT licence. */
const PERMISSIVE: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
];

const INTRODUCTION = `EventSub Live contains parts of the packages below. Each comes with its own licence; all of them are permissive.
This file is generated from what the bundler really put into the extension.
`;

/** Long texts that may be given by their address (CC BY 4.0, section 3(a)(1)(C)). */
const GIVEN_BY_ADDRESS: readonly string[] = ['CC-BY-4.0'];

/** What a licence text alone does not say. */
const REMARKS: Readonly<Record<string, string>> = {
  '@vscode/codicons':
    'The icon font "Codicons" by Microsoft (https://github.com/microsoft/vscode-codicons) is used under the Creative\n' +
    'Commons Attribution 4.0 International licence, whose text stands at\n' +
    'https://creativecommons.org/licenses/by/4.0/legalcode. It was reduced to the icons that are shown; their outlines are\n' +
    'unchanged. It comes without any warranty.',
  'sql.js':
    'sql-wasm.wasm.br holds SQLite (https://sqlite.org), which its authors have put into the public domain\n' +
    '(https://sqlite.org/copyright.html), compiled with Emscripten (https://emscripten.org, MIT licence).',
};

/**
 * Whether an SPDX expression lets us pass the package on: all parts of an AND, or one of an OR, must be permissive.
 * Anything that is not understood is not.
 */
export function isPermissive(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, ' ').trim();
  const choices = plain.split(/\s+OR\s+/);
  // Mixed expressions nest, and none that we bundle has one: then a person has to look.
  if (choices.length > 1 && /\sAND\s/.test(plain)) return false;
  const isKnown = (name: string): boolean => PERMISSIVE.includes(name.trim());
  return choices.length > 1 ? choices.some(isKnown) : plain.split(/\s+AND\s+/).every(isKnown);
}

/** Why these packages must not be passed on as they are; empty if all is well. */
export function findLicenceProblems(packages: readonly BundledPackage[]): string[] {
  return packages.flatMap(({ name, license, texts }) => [
    ...(isPermissive(license) ? [] : [`${name}: its licence (${license}) is not known to be permissive.`]),
    ...(texts.every(text => text.trim() === '') ? [`${name}: the text of its licence is missing.`] : []),
  ]);
}

/** Writes THIRD-PARTY-NOTICES: every package with its version, its licence and the licence's text, in one order. */
export function writeNotices(packages: readonly BundledPackage[]): string {
  const rule = '-'.repeat(80);
  const sections = packages.map(({ name, version, license, texts }) =>
    [
      `${rule}\n${name} ${version} (${license})\n${rule}`,
      ...(REMARKS[name] === undefined ? [] : [REMARKS[name]]),
      ...(GIVEN_BY_ADDRESS.includes(license) ? [] : texts.map(cleanText)),
    ].join('\n\n'),
  );
  return `${[INTRODUCTION, ...sections].join('\n').trimEnd()}\n`;
}

function cleanText(text: string): string {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return `${lines
    .map(line => line.trimEnd())
    .join('\n')
    .trim()}\n`;
}
