import assert from 'node:assert/strict';
import path from 'node:path';
import { CATALOGUE } from '../../src/shared/catalogue';
import { waitFor } from '../support/poll';
import { queryDatabase } from '../support/query-database';
import { useWorkbench } from '../support/workbench/use-workbench';
import type { WorkbenchWindow } from '../support/workbench/window';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';

async function simulateFollow(window: WorkbenchWindow, viewer: string): Promise<void> {
  await window.runCommand('EventSub: Simulate Event…');
  await window.pick(CATALOGUE['channel.follow'].description);
  await window.answer(viewer);
  await window.answer('1');
}

describe('Several windows', () => {
  const bench = useWorkbench({ settings: { 'eventsub.server': 'simulator' } });
  let second: WorkbenchWindow;

  it('are faces of one connection: both say Live', async () => {
    await new StatusBarPage(bench.window).untilItSays('Live');
    second = await bench.workbench.openWindow();
    await new StatusBarPage(second).untilItSays('Live');
  });

  it('show an event that was asked for in the other', async () => {
    await simulateFollow(second, 'Seen_by_both');
    for (const window of [bench.window, second]) {
      const feed = await FeedPage.open(window);
      await feed.rowsSaying('Seen_by_both').first().waitFor();
    }
  });

  it('go on when the extension host of the leading one dies', async () => {
    bench.window.killExtensionHost();
    await new StatusBarPage(second).untilItSays('Live');
    await simulateFollow(second, 'After_the_crash');
    const feed = await FeedPage.open(second);
    await feed.rowsSaying('After_the_crash').first().waitFor();
    await feed.rowsSaying('Seen_by_both').first().waitFor();
  });

  it('record nothing twice', async () => {
    const file = path.join(bench.workbench.storageFolder, 'simulator', 'eventsub.sqlite');
    const recorded = (name: string): Promise<string[]> =>
      queryDatabase(
        file,
        `SELECT e.* FROM events e JOIN viewers v ON v.id = e.viewer_id WHERE v.display_name = '${name}' AND e.event_type = 'channel.follow'`,
      ).then(rows => rows.map(row => JSON.stringify(row)));
    await waitFor('the last event on disk', async () => (await recorded('After_the_crash')).length > 0);
    for (const name of ['Seen_by_both', 'After_the_crash']) {
      const rows = await recorded(name);
      assert.equal(rows.length, 1, rows.join('\n'));
    }
  });
});
