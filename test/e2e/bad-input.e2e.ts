import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../support/poll';
import { queryDatabase } from '../support/query-database';
import { useWorkbench } from '../support/workbench/use-workbench';
import { StatusBarPage } from './pages/status-bar-page';

const JUNK = 'This is not a database, but it was somebody\u2019s file.\n'.repeat(100);

const simulatorFolder = (storageFolder: string): string => path.join(storageFolder, 'simulator');

describe('Bad input', () => {
  const bench = useWorkbench({
    settings: { 'eventsub.server': 'simulator', 'eventsub.keepaliveTimeoutSeconds': 5 },
    prepare: ({ storageFolder }) => {
      const folder = simulatorFolder(storageFolder);
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'eventsub.sqlite'), JUNK);
    },
  });

  const untilTold = (...parts: readonly string[]): Promise<true> =>
    waitFor(`a notification that says ${parts.join(' and ')}`, async () => {
      await bench.window.showAllNotifications();
      const told = await bench.window.notifications().allTextContents();
      return told.some(text => parts.every(part => text.includes(part)));
    });

  it('a setting outside its range is told with the setting and the range', async () => {
    await untilTold('eventsub.keepaliveTimeoutSeconds', '10', '600');
  });

  it('a database that is none is set aside under another name, told, and a fresh one begun', async () => {
    await new StatusBarPage(bench.window).untilItSays('Live');
    await untilTold('eventsub.sqlite');
    const folder = simulatorFolder(bench.workbench.storageFolder);
    const kept = fs
      .readdirSync(folder)
      .filter(name => fs.statSync(path.join(folder, name)).isFile())
      .filter(name => fs.readFileSync(path.join(folder, name), 'utf8') === JUNK);
    assert.equal(kept.length, 1, `in ${folder}: ${fs.readdirSync(folder).join(', ')}`);
    assert.notEqual(kept[0], 'eventsub.sqlite');
    await waitFor('events in the fresh database', async () => {
      const rows = await queryDatabase(path.join(folder, 'eventsub.sqlite'), 'SELECT id FROM events LIMIT 1');
      return rows.length > 0;
    });
  });

  it('a plain address that is not this machine is refused, with the reason', async () => {
    // VS Code repeats in the console what it shows as an error.
    bench.window.console.expect(/^eventsub\.customServer/);
    bench.workbench.changeSettings({
      'eventsub.server': 'custom',
      'eventsub.customServer': {
        websocketUrl: 'ws://example.com/ws',
        subscriptionsUrl: 'http://127.0.0.1:8080/eventsub/subscriptions',
      },
    });
    await untilTold('eventsub.customServer', 'websocketUrl');
  });

  it('an address that is none is refused', async () => {
    bench.workbench.changeSettings({
      'eventsub.customServer': { websocketUrl: 'nonsense', subscriptionsUrl: 'http://127.0.0.1:8080/x' },
    });
    await untilTold('eventsub.customServer', 'not a URL');
  });
});
