import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as TypeScript from 'typescript';
import { HOST_STRINGS } from '../../../src/views/host-strings';

// Not bundled: the parser is ten megabytes.
const ts = createRequire(join(process.cwd(), 'package.json'))('typescript') as typeof TypeScript;

/** Errors of these kinds are shown with their own message; the others have a sentence of the views. */
const SHOWN_KINDS = ['expired', 'notAvailable', 'badRequest', 'storage', 'internal'];

type Bundle = Record<string, string>;

const english = readBundle('l10n/bundle.l10n.json');
const german = readBundle('l10n/bundle.l10n.de.json');

describe('The translations', () => {
  it('hold every text that the code gives to l10n.t, in both languages', () => {
    const used = new Set<string>(Object.values(HOST_STRINGS));
    for (const file of listSources('src')) for (const text of findTranslated(file)) used.add(text);
    assert.ok(used.size > 100, 'the parser found the calls');
    assert.deepEqual(
      [...used].filter(text => !(text in english)),
      [],
      'missing in bundle.l10n.json',
    );
    assert.deepEqual(
      [...used].filter(text => !(text in german)),
      [],
      'missing in bundle.l10n.de.json',
    );
  });

  it('have the same keys in both languages', () => {
    assert.deepEqual(Object.keys(german).sort(), Object.keys(english).sort());
  });

  it('keep every placeholder', () => {
    for (const [key, text] of Object.entries(german)) {
      assert.deepEqual(findPlaceholders(text), findPlaceholders(key), key);
    }
  });

  it('leave the English as it stands in the code', () => {
    for (const [key, text] of Object.entries(english)) assert.equal(text, key);
  });
});

function findPlaceholders(text: string): string[] {
  return [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();
}

function readBundle(path: string): Bundle {
  return JSON.parse(readFileSync(path, 'utf8')) as Bundle;
}

function listSources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name));
}

/** What a file says to a person: literals given to `l10n.t`, messages of problems and of expected errors. */
function findTranslated(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isCallExpression(node) && /(?:^|\.)l10n\.t$/.test(node.expression.getText(source))) {
      found.push(...literalsIn(node.arguments[0]));
    }
    if (ts.isObjectLiteralExpression(node) && findProperty(node, 'severity')) {
      found.push(...literalsIn(findProperty(node, 'message')));
    }
    if (ts.isNewExpression(node) && node.expression.getText(source) === 'ServiceError') {
      const [kind, message] = node.arguments ?? [];
      if (kind && ts.isStringLiteral(kind) && SHOWN_KINDS.includes(kind.text))
        found.push(...literalsIn(message));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function findProperty(
  node: TypeScript.ObjectLiteralExpression,
  name: string,
): TypeScript.Expression | undefined {
  for (const property of node.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === name) return property.initializer;
  }
  return undefined;
}

/** A literal, or the two of a condition. */
function literalsIn(node: TypeScript.Expression | undefined): string[] {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...literalsIn(node.whenTrue), ...literalsIn(node.whenFalse)];
  return [];
}
