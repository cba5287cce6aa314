import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../support/poll';
import { signInWithToken, useChannel } from '../support/workbench/use-channel';
import { takePicture } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';

const FORMULA = '=HYPERLINK("http://evil.example")';

describe('Notifications and export', () => {
  const bench = useChannel({
    extension: 'installed',
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
  });
  let feed: FeedPage;

  const told = async (): Promise<string[]> => {
    await bench.window.showAllNotifications();
    return bench.window.page
      .locator('.notifications-center .notification-list-item-message')
      .allTextContents();
  };
  const untilTold = (text: string | RegExp): Promise<unknown> =>
    waitFor(`a notification: ${String(text)}`, async () => (await told()).some(said => said.match(text)));
  const forget = (): Promise<void> => bench.window.runCommand('Notifications: Clear All Notifications');

  /** Changes settings, and another after them that can be seen to have taken effect. */
  const untilApplied = async (settings: Record<string, unknown>): Promise<void> => {
    const counts = feed.frame.locator('.chip-count').first();
    await counts.waitFor();
    bench.workbench.changeSettings({ ...settings, 'eventsub.streamerMode': true });
    await counts.waitFor({ state: 'detached' });
    bench.workbench.changeSettings({ 'eventsub.streamerMode': false });
    await counts.waitFor();
  };

  const exportTo = async (file: string, range: string, format: string): Promise<void> => {
    const { window } = bench;
    await window.runCommand('EventSub: Export Events…');
    await window.pick(range);
    await window.acceptPick('which?');
    await window.pick(format);
    await window.saveAs(file);
    await waitFor('the exported file', () => fs.existsSync(file));
    await untilTold(/exported/);
    await forget();
  };

  before(async function () {
    this.timeout(180_000);
    await signInWithToken(bench.window, bench.simulator);
    await new StatusBarPage(bench.window).untilItSays('Live');
    feed = await FeedPage.open(bench.window);
    await untilTold('Signed in as demo_channel.');
    await forget();
  });

  it('says nothing until a type is turned on', async () => {
    await bench.send('channel.follow', 'Quiet_Follower');
    await feed.rowsSaying('Quiet_Follower').waitFor();
    await untilApplied({ 'eventsub.notifications': ['channel.vip.add', 'channel.moderator.add'] });
    await bench.send('channel.vip.add', 'barbara');
    // It is the first that comes: whatever was turned off has been passed over.
    await untilTold('barbara is now a VIP');
    assert.ok(!(await told()).some(said => said.includes('Quiet_Follower')));
  });

  it('opens the row of what it told', async () => {
    await forget();
    await feed.button('Mark all as read').click();
    await bench.send('channel.moderator.add', 'margaret');
    await untilTold('margaret is now a moderator');
    await takePicture(bench.window, 'notification');
    await bench.window.runCommand('View: Show Explorer');
    await bench.window.showAllNotifications();
    const item = bench.window.notifications().filter({ hasText: 'margaret' });
    await item.getByText('Show', { exact: true }).click();
    feed = new FeedPage(await bench.window.webview('.feed-alone'));
    await waitFor('the row to be open', async () => {
      const row = feed.rowsSaying('margaret is now a moderator');
      return (await row.getAttribute('aria-expanded')) === 'true';
    });
  });

  it('never tells what polling recovered, and says many as one', async () => {
    await forget();
    bench.simulator.makeOffline({ kind: 'addVip', user: 'Missed_Viewer' });
    await bench.window.runCommand('EventSub: Refresh');
    await feed.rowsSaying('Missed_Viewer').filter({ hasText: 'recovered' }).waitFor();
    await bench.send('channel.vip.add', '', 6);
    await untilTold(/6 new events: 6 × VIP Added/);
    const all = await told();
    assert.ok(!all.some(said => said.includes('Missed_Viewer')), all.join(' | '));
    assert.equal(all.filter(said => said.includes('VIP')).length, 1, all.join(' | '));
    await forget();
  });

  it('exports as CSV, and makes formulas in names harmless', async () => {
    await bench.send('channel.vip.add', FORMULA);
    await feed.rowsSaying('HYPERLINK').waitFor();
    const file = path.join(bench.workbench.workspaceFolder, 'all.csv');
    await exportTo(file, 'Everything', 'CSV');
    const text = fs.readFileSync(file, 'utf8');
    const lines = text.trim().split(/\r?\n/);
    assert.ok(lines.length > 8, `${lines.length} lines`);
    assert.ok(text.includes('margaret'));
    assert.ok(text.includes('HYPERLINK'));
    assert.doesNotMatch(text, /(?:^|[,;\n])"?=HYPERLINK/);
  });

  it('exports a range and a family as JSON Lines', async () => {
    const { window } = bench;
    const file = path.join(bench.workbench.workspaceFolder, 'vips.jsonl');
    const today = new Date();
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()]
      .map(part => String(part).padStart(2, '0'))
      .join('-');
    await window.runCommand('EventSub: Export Events…');
    await window.pick('From one day to another');
    await window.answer(day);
    await window.answer(day);
    for (const family of ['Follows', 'Subs', 'Gifts', 'Mods']) await window.tick(family);
    await window.acceptPick('which?');
    await window.pick('JSON Lines');
    await window.saveAs(file);
    await waitFor('the exported file', () => fs.existsSync(file));
    await untilTold(/exported/);
    const records = fs
      .readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);
    assert.ok(records.length > 7, `${records.length} records`);
    assert.ok(records.every(record => JSON.stringify(record).includes('channel.vip.')));
    await forget();
  });

  it('shows where the database is', async () => {
    await bench.window.runCommand('EventSub: Reveal Database');
    await untilTold(/The database: .*custom.*eventsub\.sqlite/);
  });
});
