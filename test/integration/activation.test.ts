import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CATALOGUE, EVENT_TYPES } from '../../src/shared/catalogue';
import { waitFor } from '../support/poll';

const EXTENSION = 'eventsub-live.eventsub-live';

/** The names that DESIGN.md fixes. */
const COMMANDS = [
  'connect',
  'disconnect',
  'refresh',
  'openDashboard',
  'showMenu',
  'signIn',
  'signInWithToken',
  'signOut',
  'subscribe',
  'unsubscribe',
  'retry',
  'simulateEvent',
  'exportEvents',
  'revealDatabase',
  'markAllRead',
  'toggleStreamerMode',
  'showLog',
].map(name => `eventsub.${name}`);

const DEFAULTS: Readonly<Record<string, unknown>> = {
  clientId: '',
  channel: '',
  connectOnStartup: true,
  events: [...EVENT_TYPES],
  keepaliveTimeoutSeconds: 10,
  'polling.followersSeconds': 60,
  'polling.rolesMinutes': 30,
  'polling.reconcileHours': 3,
  'history.retentionDays': 0,
  notifications: [],
  streamerMode: false,
};

interface DeclaredSetting {
  scope?: string;
  items?: { enum?: string[] };
}

interface Configuration {
  properties: Record<string, DeclaredSetting>;
}

interface Manifest {
  contributes: {
    commands: { command: string; category?: string; title: string }[];
    views: Record<string, { id: string; type?: string }[]>;
    configuration: Configuration | Configuration[];
  };
}

function ourExtension(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension(EXTENSION);
  assert.ok(extension, `${EXTENSION} is not there`);
  return extension;
}

const manifest = (): Manifest['contributes'] => (ourExtension().packageJSON as Manifest).contributes;

function declaredSettings(): Record<string, DeclaredSetting> {
  const { configuration } = manifest();
  const parts = Array.isArray(configuration) ? configuration : [configuration];
  return Object.assign({}, ...parts.map(part => part.properties)) as Record<string, DeclaredSetting>;
}

describe('In the extension host', () => {
  it('the extension activates', async () => {
    await ourExtension().activate();
    assert.equal(ourExtension().isActive, true);
  });

  it('every command of the manifest is registered, and every one that DESIGN.md names is in it', async () => {
    await ourExtension().activate();
    const declared = manifest().commands.map(({ command }) => command);
    assert.deepEqual(
      COMMANDS.filter(command => !declared.includes(command)),
      [],
    );
    const missing = await waitFor('the commands to be registered', async () => {
      const registered = await vscode.commands.getCommands(true);
      const absent = declared.filter(command => !registered.includes(command));
      return absent.length === 0 ? ('none' as const) : undefined;
    });
    assert.equal(missing, 'none');
  });

  it('every command stands in the category EventSub', () => {
    for (const { command, category } of manifest().commands) assert.equal(category, 'EventSub', command);
  });

  it('the container holds the tree and the feed', async () => {
    const [tree, feed] = manifest().views['eventsub'] ?? [];
    assert.equal(tree?.id, 'eventsub.subscriptions');
    assert.equal(feed?.id, 'eventsub.feed');
    assert.equal(feed.type, 'webview');
    const commands = await vscode.commands.getCommands(true);
    for (const id of ['eventsub.subscriptions', 'eventsub.feed']) {
      assert.ok(commands.includes(`${id}.focus`), `VS Code knows no view ${id}`);
    }
  });

  it('every setting has the default that DESIGN.md gives, and belongs to the application alone', () => {
    const settings = vscode.workspace.getConfiguration('eventsub');
    for (const [key, value] of Object.entries(DEFAULTS)) {
      assert.deepEqual(settings.inspect(key)?.defaultValue, value, key);
    }
    assert.equal(settings.inspect('server')?.defaultValue, 'twitch');
    const declared = declaredSettings();
    for (const key of [...Object.keys(DEFAULTS), 'server', 'customServer']) {
      assert.ok(`eventsub.${key}` in declared, `eventsub.${key} is not declared`);
    }
    for (const [key, setting] of Object.entries(declared)) assert.equal(setting.scope, 'application', key);
  });

  it('the views open without an error', async () => {
    await vscode.commands.executeCommand('eventsub.subscriptions.focus');
    await vscode.commands.executeCommand('eventsub.feed.focus');
  });

  it('the catalogue offers in the settings exactly the eight types', () => {
    assert.deepEqual(declaredSettings()['eventsub.events']?.items?.enum, Object.keys(CATALOGUE));
  });
});
