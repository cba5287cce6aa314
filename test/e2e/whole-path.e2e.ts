import assert from 'node:assert/strict';
import path from 'node:path';
import { CATALOGUE, EVENT_TYPES } from '../../src/shared/catalogue';
import { waitFor } from '../support/poll';
import { queryDatabase } from '../support/query-database';
import { takePicture, useWorkbench } from '../support/workbench/use-workbench';
import type { WorkbenchWindow } from '../support/workbench/window';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

const THEMES = [
  ['light', 'Default Light Modern', 'vs'],
  ['dark', 'Default Dark Modern', 'vs-dark'],
  ['high-contrast', 'Default High Contrast', 'hc-black'],
] as const;

/** Each must find a row. */
const KEPT = [
  "SELECT * FROM follower_history h JOIN viewers v ON v.id = h.viewer_id WHERE h.action = 'follow' AND v.display_name = 'Ada_of_the_test'",
  "SELECT * FROM viewer_roles WHERE role_type = 'moderator' AND revoked_at IS NOT NULL",
  "SELECT * FROM viewer_roles WHERE role_type = 'vip' AND revoked_at IS NOT NULL",
  "SELECT * FROM viewer_subscriptions WHERE is_gift = 1 AND tier IN ('1000', '2000', '3000')",
  'SELECT * FROM viewer_subscriptions WHERE end_date IS NOT NULL',
  ...EVENT_TYPES.map(type => `SELECT * FROM events WHERE event_type = '${type}'`),
];

const untilStatusBarSays = (window: WorkbenchWindow, text: string): Promise<void> =>
  new StatusBarPage(window).untilItSays(text);

describe('The whole path once', () => {
  const bench = useWorkbench({
    settings: { 'eventsub.server': 'simulator' },
    size: { width: 1280, height: 1000 },
  });

  it('the status bar says Live, and the tree shows eight of eight', async () => {
    await untilStatusBarSays(bench.window, 'Live');
    await bench.window.runCommand('View: Show EventSub');
    await new SubscriptionsPage(bench.window).untilAllLive();
  });

  it('the feed shows all eight types with their descriptions', async () => {
    const feed = await FeedPage.open(bench.window);
    const ms = await feed.untilAllTypesWereSeen();
    console.log(`      (all eight after ${ms} ms)`);
  });

  it('an event of the palette arrives in the feed with the name that was given', async () => {
    const { window } = bench;
    await window.runCommand('EventSub: Simulate Event…');
    await window.pick(CATALOGUE['channel.follow'].description);
    await window.answer('Ada_of_the_test');
    await window.answer('1');
    const feed = await FeedPage.open(window);
    const row = feed.rowsSaying('Ada_of_the_test').first();
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', /New Follower/);
  });

  it('a row opens to the JSON of its event', async () => {
    const feed = await FeedPage.open(bench.window);
    await feed.rowsSaying('Ada_of_the_test').first().click();
    await feed.frame.getByText('"user_name"').first().waitFor();
    await feed.rowsSaying('Ada_of_the_test').first().click();
    await feed.frame.getByText('"user_name"').first().waitFor({ state: 'detached' });
  });

  for (const [name, theme, themeClass] of THEMES) {
    it(`has a picture of feed, tree and status bar in ${name}`, async () => {
      const { window, workbench } = bench;
      workbench.changeSettings({ 'workbench.colorTheme': theme });
      await window.page.locator(`.monaco-workbench.${themeClass}`).waitFor();
      const feed = await FeedPage.open(window);
      await feed.rows().first().waitFor();
      await takePicture(window, `whole-path-${name}`);
    });
  }

  it('disconnecting goes over to polling, and connecting comes back to live', async () => {
    const { window } = bench;
    await window.runCommand('EventSub: Disconnect');
    await untilStatusBarSays(window, 'Polling');
    await window.runCommand('EventSub: Connect');
    await untilStatusBarSays(window, 'Live');
    await new SubscriptionsPage(window).untilAllLive();
  });

  it('any SQLite tool finds what happened in the database on disk', async () => {
    const file = path.join(bench.workbench.storageFolder, 'simulator', 'eventsub.sqlite');
    for (const query of KEPT) {
      await waitFor(query, async () => (await queryDatabase(file, query)).length > 0);
    }
    for (const view of ['current_followers', 'subscription_status', 'current_roles']) {
      await queryDatabase(file, `SELECT * FROM ${view} LIMIT 1`);
    }
  });
});
