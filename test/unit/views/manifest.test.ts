import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { CATALOGUE, EVENT_TYPES } from '../../../src/shared/catalogue';
import { NUMBER_SETTINGS, parseSettings, SERVERS } from '../../../src/shared/settings';
import { WEBVIEW_COMMANDS } from '../../../src/shared/webview-protocol';
import { contextOf } from '../../../src/views/connection-phase';
import { SETTING_KEYS } from '../../../src/views/setting-words';

interface Property {
  default: unknown;
  scope: string;
  minimum?: number;
  maximum?: number;
  enum?: string[];
  items?: { enum: string[]; enumDescriptions: string[] };
}
interface Manifest {
  contributes: {
    commands: { command: string; enablement?: string }[];
    configuration: { properties: Record<string, Property> };
    menus: Record<string, { command: string; when?: string }[]>;
    walkthroughs: { steps: { media: { markdown: string } }[] }[];
    viewsContainers: { activitybar: { icon: string }[] };
  };
  icon: string;
  activationEvents: string[];
}

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const text = readFileSync('package.json', 'utf8');
const manifest = read('package.json') as Manifest;
const english = read('package.nls.json') as Record<string, string>;
const german = read('package.nls.de.json') as Record<string, string>;
const { contributes } = manifest;
const properties = contributes.configuration.properties;

describe('The manifest', () => {
  it('declares exactly the settings that are read, all for the whole application', () => {
    assert.deepEqual(Object.keys(properties).sort(), SETTING_KEYS.map(key => `eventsub.${key}`).sort());
    for (const [id, property] of Object.entries(properties)) assert.equal(property.scope, 'application', id);
  });

  it('repeats the ranges and defaults of the code', () => {
    for (const [key, range] of Object.entries(NUMBER_SETTINGS)) {
      const { default: fallback, minimum, maximum } = properties[`eventsub.${key}`]!;
      assert.deepEqual({ default: fallback, minimum, maximum }, range, key);
    }
    const defaults = Object.fromEntries(
      SETTING_KEYS.map(key => [key, properties[`eventsub.${key}`]!.default]),
    );
    const parsed = parseSettings(defaults);
    assert.deepEqual(parsed.problems, []);
    assert.deepEqual(parsed.settings, parseSettings({}).settings);
  });

  it('offers the servers and the catalogue’s types, with their descriptions', () => {
    assert.deepEqual(properties['eventsub.server']!.enum, [...SERVERS]);
    for (const key of ['eventsub.events', 'eventsub.notifications']) {
      assert.deepEqual(properties[key]!.items!.enum, [...EVENT_TYPES]);
      assert.deepEqual(
        properties[key]!.items!.enumDescriptions.map(name => english[name.slice(1, -1)]),
        EVENT_TYPES.map(type => CATALOGUE[type].description),
      );
    }
  });

  it('has every text in English and German', () => {
    const used = [...new Set(text.match(/%[\w.]+%/g) ?? [])].map(name => name.slice(1, -1)).sort();
    assert.deepEqual(Object.keys(english).sort(), used);
    assert.deepEqual(Object.keys(german).sort(), used);
  });

  it('names only files that exist, and an icon of at most 20 kB', () => {
    for (const table of [english, german]) {
      for (const { steps } of contributes.walkthroughs) {
        for (const { media } of steps)
          assert.ok(existsSync(table[media.markdown.slice(1, -1)] ?? ''), media.markdown);
      }
    }
    for (const { icon } of contributes.viewsContainers.activitybar) assert.ok(existsSync(icon));
    assert.ok(statSync(manifest.icon).size <= 20_000);
  });

  it('uses only commands that are declared and context keys that are kept', () => {
    const declared = new Set(contributes.commands.map(({ command }) => command));
    for (const items of Object.values(contributes.menus)) {
      for (const { command } of items) assert.ok(declared.has(command), command);
    }
    for (const command of WEBVIEW_COMMANDS) {
      if (command.startsWith('eventsub.')) assert.ok(declared.has(command), command);
    }
    const links = [...Object.values(english), ...Object.values(german)]
      .join('\n')
      .matchAll(/command:([\w.]+)\)/g);
    for (const [, command] of links) {
      assert.ok(command && (declared.has(command) || command.endsWith('.focus')), command);
    }
    const kept = Object.keys(contextOf(null));
    for (const [key] of text.matchAll(/(?<=!|onContext:|&& |")eventsub\.(?:is|has)\w+(?![\w.])/g)) {
      assert.ok(kept.includes(key), key);
    }
  });

  it('declares exactly the commands that are registered', () => {
    const registered = readFileSync('src/views/commands.ts', 'utf8').matchAll(/^ +'(eventsub\.\w+)': /gm);
    assert.deepEqual(
      [...registered].map(([, id]) => id).sort(),
      contributes.commands.map(({ command }) => command).sort(),
    );
  });

  it('wakes the extension for a dashboard that the editor restores', () => {
    assert.deepEqual(manifest.activationEvents, ['onStartupFinished', 'onWebviewPanel:eventsub.dashboard']);
  });
});
