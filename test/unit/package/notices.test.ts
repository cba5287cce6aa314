import assert from 'node:assert/strict';
import path from 'node:path';
import { findPackageFolders, readPackage, type BundledPackage } from '../../support/package/bundled-packages';
import { findLicenceProblems, isPermissive, writeNotices } from '../../support/package/notices';

const build = (inputs: Record<string, number>) => ({
  outputs: {
    'dist/a.js': {
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([file, bytesInOutput]) => [file, { bytesInOutput }]),
      ),
    },
  },
});

const sample = (change: Partial<BundledPackage> = {}): BundledPackage => ({
  name: 'a',
  version: '1.2.3',
  license: 'MIT',
  texts: ['Permission is hereby granted'],
  ...change,
});

describe('The third-party notices', () => {
  it('name each package that left a byte in a bundle once, scoped and nested ones too', () => {
    const builds = [
      build({ 'src/extension.ts': 900, 'node_modules/zod/v4/core.js': 10, 'node_modules/zod/index.js': 5 }),
      build({
        'node_modules/@preact/signals/dist/signals.mjs': 1,
        'node_modules/a/node_modules/b/index.js': 1,
        'node_modules/left-out/index.js': 0,
        'node_modules\\ws\\lib\\sender.js': 7,
      }),
    ];
    assert.deepEqual(findPackageFolders(builds), [
      'node_modules/@preact/signals',
      'node_modules/a/node_modules/b',
      'node_modules/ws',
      'node_modules/zod',
    ]);
  });

  it('read licences and their texts from the packages themselves', () => {
    for (const name of ['ws', 'sql.js', 'uplot', '@vscode/codicons']) {
      const found = readPackage(path.join('node_modules', name));
      assert.equal(found.name, name);
      assert.match(found.version, /^\d+\.\d+\.\d+$/);
      assert.deepEqual(findLicenceProblems([found]), []);
    }
  });

  it('hold name, version, licence and text, and what must be said of fonts and SQLite', () => {
    const text = writeNotices([
      sample(),
      sample({ name: '@vscode/codicons', license: 'CC-BY-4.0', texts: ['Attribution 4.0 International'] }),
      sample({ name: 'sql.js', texts: ['\uFEFFMIT license  \r\nMore'] }),
    ]);
    assert.match(text, /^a 1\.2\.3 \(MIT\)$/m);
    assert.match(text, /Permission is hereby granted/);
    assert.match(text, /creativecommons\.org\/licenses\/by\/4\.0/);
    assert.match(text, /reduced to the icons/);
    assert.match(text, /^MIT license\nMore$/m);
    assert.match(text, /public domain/);
    assert.doesNotMatch(text, /\r|\uFEFF| $/m);
  });

  it('refuse a licence that is not permissive, or not understood', () => {
    for (const good of ['MIT', 'ISC', '(MIT OR GPL-3.0-only)', 'MIT AND BSD-3-Clause', 'CC-BY-4.0']) {
      assert.equal(isPermissive(good), true, good);
    }
    for (const bad of [
      'GPL-3.0-only',
      'AGPL-3.0',
      'MPL-2.0',
      'SEE LICENSE IN x',
      'not named',
      '',
      'MIT AND GPL-2.0-only',
      'MIT OR (ISC AND GPL-2.0-only)',
    ]) {
      assert.equal(isPermissive(bad), false, bad);
    }
    const problems = findLicenceProblems([sample(), sample({ name: 'b', license: 'GPL-3.0-only' })]);
    assert.deepEqual(problems, ['b: its licence (GPL-3.0-only) is not known to be permissive.']);
  });

  it('refuse a package without the text of its licence', () => {
    for (const texts of [[], ['  \n']]) {
      assert.deepEqual(findLicenceProblems([sample({ texts })]), ['a: the text of its licence is missing.']);
    }
  });
});
