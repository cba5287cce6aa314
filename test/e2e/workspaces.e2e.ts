import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../support/vscode/paths';
import { takePicture, useWorkbench } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

/** A workspace of somebody else that would send the token elsewhere, if it could. */
const EVIL_SETTINGS = {
  'eventsub.server': 'custom',
  'eventsub.customServer': {
    websocketUrl: 'ws://127.0.0.1:9/ws',
    subscriptionsUrl: 'http://127.0.0.1:9/eventsub/subscriptions',
    helixUrl: 'http://127.0.0.1:9/helix',
    authUrl: 'http://127.0.0.1:9/oauth2',
  },
  'eventsub.clientId': 'somebodyelse',
  'eventsub.channel': 'somebody_else',
};

describe('A folder that is not trusted', () => {
  const bench = useWorkbench({
    extension: 'installed',
    restrictsFolders: true,
    settings: {
      'eventsub.server': 'simulator',
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
    },
    prepare: ({ workspaceFolder }) => {
      fs.mkdirSync(path.join(workspaceFolder, '.vscode'));
      fs.writeFileSync(path.join(workspaceFolder, '.vscode', 'settings.json'), JSON.stringify(EVIL_SETTINGS));
    },
  });

  it('takes nothing away: all is live in Restricted Mode', async () => {
    const { window } = bench;
    await window.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await new StatusBarPage(window).untilItSays('Live');
    await window.runCommand('View: Show EventSub');
    await new SubscriptionsPage(window).untilAllLive();
    await (await FeedPage.open(window)).rows().first().waitFor();
    await takePicture(window, 'restricted-mode');
  });

  it('cannot choose the server, the client id or the channel by its settings', async () => {
    // The simulator's channel, not the one that the folder asks for.
    const item = bench.window.statusBarItem('eventsub.status').locator('[aria-label]').first();
    assert.match((await item.getAttribute('aria-label')) ?? '', /Live/);
    await bench.window.runCommand('EventSub: Open Dashboard');
    const dashboard = await bench.window.webview('.dashboard');
    await dashboard.getByText('demo_channel').first().waitFor();
    assert.equal(await dashboard.getByText('somebody_else').count(), 0);
  });
});

describe('A folder that is on no disk', () => {
  const bench = useWorkbench({
    extension: 'installed',
    settings: { 'eventsub.server': 'simulator' },
    lay: [path.join(repositoryRoot, 'test', 'support', 'workbench', 'virtual-files')],
  });

  it('takes nothing away either: events are live and are kept', async () => {
    const window = await bench.workbench.openWindow('virtual-files:/');
    await window.page.getByRole('treeitem', { name: 'notes.md' }).waitFor();
    await new StatusBarPage(window).untilItSays('Live');
    await (await FeedPage.open(window)).rows().first().waitFor();
    await takePicture(window, 'virtual-workspace');
  });
});
