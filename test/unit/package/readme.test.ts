import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import initSqlJs from 'sql.js';
import { FIRST_MIGRATION } from '../../../src/data/migrations/001-first';
import { CATALOGUE } from '../../../src/shared/catalogue';
import { parseSettings } from '../../../src/shared/settings';

interface Manifest {
  scripts: Record<string, string>;
  contributes: {
    commands: { title: string; category: string }[];
    configuration: { properties: Record<string, { default: unknown; minimum?: number; maximum?: number }> };
  };
}

const readme = fs.readFileSync('README.md', 'utf8');
const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8')) as Manifest;
const english = JSON.parse(fs.readFileSync('package.nls.json', 'utf8')) as Record<string, string>;

/** The rows of a section's tables, as cells. */
function tableOf(heading: string): string[][] {
  const [, section = ''] = readme.split(`\n## ${heading}\n`);
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    );
}

const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

describe('The README', () => {
  it('names exactly the commands that there are, by their titles', () => {
    const titles = manifest.contributes.commands.map(
      ({ title, category }) => `\`${category}: ${english[title.slice(1, -1)] ?? ''}\``,
    );
    assert.deepEqual(
      tableOf('Commands').map(([name]) => name),
      titles,
    );
  });

  it('names exactly the settings that there are, with their defaults and ranges', () => {
    const { properties } = manifest.contributes.configuration;
    const rows = tableOf('Settings');
    assert.deepEqual(
      rows.map(([name]) => name),
      Object.keys(properties).map(id => `\`${id}\``),
    );
    for (const [name = '', fallback = '', text = ''] of rows) {
      const property = properties[name.slice(1, -1)]!;
      if (/^`/.test(fallback)) assert.equal(fallback, `\`${String(property.default)}\``, name);
      if (property.minimum !== undefined && property.minimum > 0) {
        assert.ok(text.includes(`${property.minimum} to ${property.maximum}`), name);
      }
    }
  });

  it('names the event types with the versions and words of the catalogue', () => {
    const rows = tableOf('What it records, and where').slice(0, Object.keys(CATALOGUE).length);
    assert.deepEqual(
      rows.map(([type, description]) => [type, description]),
      Object.entries(CATALOGUE).map(([type, { version, description }]) => [
        `\`${type}\` (${version})`,
        description,
      ]),
    );
  });

  it('names only npm scripts that there are', () => {
    for (const [, script = ''] of readme.matchAll(/npm run ([\w:]+)/g)) {
      assert.ok(script in manifest.scripts, script);
    }
  });

  it('links only to files and pictures that there are', () => {
    for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      assert.ok(fs.existsSync(target), target);
    }
  });

  it('shows tables and queries that the database really has', async () => {
    const wasmBinary = fs.readFileSync(path.join('node_modules', 'sql.js', 'dist', 'sql-wasm.wasm'));
    const { Database } = await initSqlJs({ wasmBinary: new Uint8Array(wasmBinary).buffer });
    const database = new Database();
    database.run(FIRST_MIGRATION);
    const queries = blocks('sql');
    assert.equal(queries.length, 3);
    for (const query of queries) database.exec(query);
    for (const [table = '', , columns = ''] of tableOf('The database')) {
      const named = [...columns.matchAll(/`(\w+)`/g)].map(([, column]) => column);
      const name = table.slice(1, -1);
      const [found] = database.exec(`SELECT name FROM pragma_table_info('${name}')`);
      assert.deepEqual(named, found?.values.flat(), name);
    }
    database.close();
  });

  it('shows settings for the twitch CLI that can be used as they stand', () => {
    const [first = '', second = ''] = blocks('json');
    const settings = JSON.parse(first) as Record<string, unknown>;
    const raw = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key.replace('eventsub.', ''), value]),
    );
    const parsed = parseSettings(raw);
    assert.deepEqual(parsed.problems, []);
    assert.equal(parsed.settings.server, 'custom');
    const more = { ...(raw['customServer'] as object), ...(JSON.parse(second) as object) };
    assert.deepEqual(parseSettings({ ...raw, customServer: more }).problems, []);
  });
});
