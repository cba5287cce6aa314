import { builtinModules } from 'node:module';
import path from 'node:path';

/** One import in a source file. Paths are relative to the checkout's root, with forward slashes. */
export interface ImportFact {
  file: string;
  specifier: string;
}

interface Room {
  /** Path prefixes of our own that may be imported besides the room itself. */
  mayImport: readonly string[];
  /** What it must not know. */
  mustNotKnow: readonly Knowledge[];
}

type Knowledge = 'node' | 'vscode' | 'sql' | 'network' | 'sockets' | 'zod';

const NETWORK = ['ws', 'undici', 'http', 'https', 'http2', 'net', 'tls', 'dgram'];

const KNOWLEDGE: Readonly<Record<Knowledge, (specifier: string) => boolean>> = {
  node: specifier => specifier.startsWith('node:') || builtinModules.includes(specifier),
  vscode: specifier => specifier === 'vscode',
  sql: specifier => /^sql\.js(?:\/|$)/.test(specifier),
  network: specifier => NETWORK.includes(specifier.replace(/^node:/, '')),
  sockets: specifier => NETWORK.includes(specifier.replace(/^node:/, '')),
  zod: specifier => /^zod(?:\/|$)/.test(specifier),
};

/** DESIGN.md's table "One way through the house". A longer prefix wins. */
const ROOMS: Readonly<Record<string, Room>> = {
  'src/shared/': { mayImport: [], mustNotKnow: ['node', 'vscode'] },
  'src/twitch/': { mayImport: ['src/shared/'], mustNotKnow: ['vscode', 'sql'] },
  'src/data/': { mayImport: ['src/shared/'], mustNotKnow: ['vscode', 'network'] },
  'src/service/': {
    // Of the data room only what speaks to the worker from outside: its client.
    mayImport: ['src/shared/', 'src/twitch/', 'src/data/data-client'],
    mustNotKnow: ['vscode', 'sql'],
  },
  'src/views/': { mayImport: ['src/shared/', 'src/service/'], mustNotKnow: ['sql', 'sockets'] },
  'src/simulator/': { mayImport: ['src/shared/'], mustNotKnow: ['vscode', 'sql'] },
  'src/extension.ts': { mayImport: ['src/'], mustNotKnow: [] },
  'webview/': { mayImport: ['src/shared/'], mustNotKnow: ['node', 'vscode', 'sql', 'zod'] },
};

const WORDS: Readonly<Record<Knowledge, string>> = {
  node: 'Node',
  vscode: 'vscode',
  sql: 'SQL',
  network: 'the network',
  sockets: 'sockets',
  zod: 'zod',
};

function roomOf(file: string): [prefix: string, room: Room] | undefined {
  return Object.entries(ROOMS)
    .filter(([prefix]) => file.startsWith(prefix))
    .sort(([a], [b]) => b.length - a.length)[0];
}

/** Where a relative specifier leads, without its extension; undefined for a package. */
export function resolveOwn({ file, specifier }: ImportFact): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
}

/** Says what is wrong with an import, by DESIGN.md's table; null if nothing is. */
export function findFault(fact: ImportFact): string | null {
  const found = roomOf(fact.file);
  if (!found) return `${fact.file} lies in no room of DESIGN.md.`;
  const [prefix, room] = found;
  const target = resolveOwn(fact);
  if (target === undefined) {
    const known = room.mustNotKnow.find(knowledge => KNOWLEDGE[knowledge](fact.specifier));
    return known === undefined
      ? null
      : `${fact.file} imports "${fact.specifier}": ${prefix} must not know ${WORDS[known]}.`;
  }
  const isAllowed =
    target.startsWith(prefix) ||
    room.mayImport.some(allowed => target.startsWith(allowed)) ||
    isAsset(target);
  return isAllowed ? null : `${fact.file} imports ${target}: ${prefix} may not import that.`;
}

/** Styles, fonts and JSON are no code that could turn an arrow back. */
function isAsset(target: string): boolean {
  return /\.(?:css|ttf|json|svg)$/.test(target);
}
