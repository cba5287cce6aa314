import assert from 'node:assert/strict';
import { findFault, resolveOwn } from '../support/architecture/import-rules';
import { readAllImports, readImports } from '../support/architecture/read-imports';
import { repositoryRoot } from '../support/vscode/paths';

/** Imports against the table, each with words of the complaint that it must draw. */
const BAD: readonly (readonly [file: string, specifier: string, complaint: RegExp])[] = [
  ['src/shared/events.ts', '../twitch/eventsub-manager', /may not import/],
  ['src/shared/events.ts', 'node:fs', /must not know Node/],
  ['src/shared/events.ts', 'path', /must not know Node/],
  ['src/shared/events.ts', 'vscode', /must not know vscode/],
  ['src/twitch/poller.ts', '../data/event-router', /may not import/],
  ['src/twitch/poller.ts', '../service/leader', /may not import/],
  ['src/twitch/auth/account.ts', 'vscode', /must not know vscode/],
  ['src/twitch/poller.ts', 'sql.js', /must not know SQL/],
  ['src/data/event-router.ts', '../twitch/poller', /may not import/],
  ['src/data/handlers/follow.ts', '../../views/tree', /may not import/],
  ['src/data/database.ts', 'node:net', /must not know the network/],
  ['src/data/database.ts', 'ws', /must not know the network/],
  ['src/data/database.ts', 'vscode', /must not know vscode/],
  ['src/service/leader.ts', '../views/log', /may not import/],
  ['src/service/leader.ts', '../data/event-router', /may not import/],
  ['src/service/leader.ts', '../simulator/simulator', /may not import/],
  ['src/service/leader.ts', 'vscode', /must not know vscode/],
  ['src/views/log.ts', '../twitch/poller', /may not import/],
  ['src/views/log.ts', '../data/data-client', /may not import/],
  ['src/views/log.ts', '../extension', /may not import/],
  ['src/views/log.ts', 'ws', /must not know sockets/],
  ['src/views/log.ts', 'sql.js/dist/sql-wasm.js', /must not know SQL/],
  ['src/simulator/simulator.ts', 'vscode', /must not know vscode/],
  ['src/simulator/simulator.ts', '../data/database', /may not import/],
  ['src/simulator/simulator.ts', '../twitch/poller', /may not import/],
  ['src/views/log.ts', '../../webview/app', /may not import/],
  ['src/extension.ts', '../test/support/poll', /may not import/],
  ['webview/app.tsx', '../src/views/log', /may not import/],
  ['webview/app.tsx', 'zod/mini', /must not know zod/],
  ['webview/app.tsx', 'vscode', /must not know vscode/],
  ['webview/state/clock.ts', 'node:timers', /must not know Node/],
  ['src/helpers/strings.ts', '../shared/events', /no room/],
];

const GOOD: readonly (readonly [file: string, specifier: string])[] = [
  ['src/shared/service-schemas.ts', 'zod/mini'],
  ['src/twitch/poller.ts', '../shared/events'],
  ['src/twitch/poller.ts', 'ws'],
  ['src/data/handlers/follow.ts', '../../shared/events'],
  ['src/data/database.ts', 'sql.js'],
  ['src/service/leader.ts', '../data/data-client'],
  ['src/service/leader.ts', '../twitch/poller'],
  ['src/views/log.ts', '../service/window-service'],
  ['src/views/log.ts', 'vscode'],
  ['src/simulator/simulator.ts', 'ws'],
  ['src/extension.ts', './simulator/simulator'],
  ['webview/app.tsx', './eventsub-dashboard.css'],
  ['webview/components/row.tsx', '../../src/shared/webview-protocol'],
];

describe('The architecture', () => {
  const imports = readAllImports(repositoryRoot, ['src', 'webview']);

  it('has no import that runs against the table of DESIGN.md', () => {
    const faults = [...imports].flatMap(([file, found]) =>
      found.flatMap(({ specifier }) => findFault({ file, specifier }) ?? []),
    );
    assert.deepEqual(faults, []);
  });

  it('lets nothing bring zod into the webview, not even by way of shared', () => {
    const faults: string[] = [];
    const visited = new Set<string>();
    const visit = (file: string, way: readonly string[]): void => {
      if (visited.has(file)) return;
      visited.add(file);
      for (const { specifier, isErased } of imports.get(file) ?? []) {
        if (isErased) continue;
        if (/^zod(?:\/|$)/.test(specifier)) faults.push([...way, file, specifier].join(' > '));
        const target = resolveOwn({ file, specifier });
        if (target === undefined) continue;
        for (const ending of ['.ts', '.tsx']) visit(target + ending, [...way, file]);
      }
    };
    for (const file of imports.keys()) if (file.startsWith('webview/')) visit(file, []);
    assert.deepEqual(faults, []);
  });

  for (const [file, specifier, complaint] of BAD) {
    it(`would refuse "${specifier}" in ${file}`, () => {
      assert.match(findFault({ file, specifier }) ?? 'no fault', complaint);
    });
  }

  for (const [file, specifier] of GOOD) {
    it(`lets ${file} import "${specifier}"`, () => {
      assert.equal(findFault({ file, specifier }), null);
    });
  }

  it('sees every way of writing an import', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from 'b';",
      "export * from 'c';",
      "export type { D } from 'd';",
      "const e = import('e');",
      "const f = require('f');",
      "type G = import('g').G;",
      "import 'h';",
      "import i = require('i');",
      "// import 'not this'",
      'const s = "import \'nor this\'";',
    ].join('\n');
    const found = readImports('x.ts', text);
    assert.equal(found.map(({ specifier }) => specifier).join(''), 'abcdefghi');
    assert.equal(
      found
        .filter(({ isErased }) => isErased)
        .map(({ specifier }) => specifier)
        .join(''),
      'bdg',
    );
  });
});
