import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { waitFor } from '../support/poll';
import { findSeriousFaults } from '../support/workbench/axe';
import { signInWithToken, useChannel } from '../support/workbench/use-channel';
import { takePicture } from '../support/workbench/use-workbench';
import { DashboardPage } from './pages/dashboard-page';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';

/** A theme's name for pictures, its own, the workbench's class, and its colour behind the side bar. */
const THEMES = [
  ['light', 'Default Light Modern', 'vs', '#f8f8f8'],
  ['high-contrast-light', 'Default High Contrast Light', 'hc-light', '#ffffff'],
  ['high-contrast', 'Default High Contrast', 'hc-black', '#000000'],
  ['dark', 'Default Dark Modern', 'vs-dark', '#181818'],
] as const;

/** Where the keyboard is in a page, and whether that can be seen. */
const READ_FOCUS = `(() => {
  const { activeElement: element } = document;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return { name: element.getAttribute('aria-label') ?? element.textContent ?? '', tag: element.tagName, isRow: 'row' in element.dataset,
    isVisible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 };
})()`;

interface Focus {
  name: string;
  tag: string;
  isRow: boolean;
  isVisible: boolean;
}

async function readSideBar(frame: Frame): Promise<string> {
  return await frame.evaluate<string>(
    `getComputedStyle(document.documentElement).getPropertyValue('--vscode-sideBar-background').trim().toLowerCase()`,
  );
}

describe('Accessible to everybody', () => {
  const bench = useChannel({
    size: { width: 1320, height: 900 },
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
    prepare: ({ storageFolder }) => {
      // Another server's database, of a version that nobody knows: that feed cannot be loaded.
      const folder = path.join(storageFolder, 'simulator');
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'eventsub.sqlite'), makeNewerDatabase());
    },
  });
  let feed: FeedPage;
  let dashboard: DashboardPage | null = null;

  const showTheme = async (theme: string, look: string, colour: string): Promise<void> => {
    bench.workbench.changeSettings({ 'workbench.colorTheme': theme });
    await bench.window.page.locator(`.monaco-workbench.${look}`).waitFor();
    const kinds = { vs: 'vscode-light', 'vs-dark': 'vscode-dark' } as Record<string, string>;
    for (const frame of [feed.frame, dashboard?.frame]) {
      const kind =
        kinds[look] ?? (look === 'hc-light' ? 'vscode-high-contrast-light' : 'vscode-high-contrast');
      await frame?.locator(`body.${kind}`).waitFor();
      // Before a theme is loaded the workbench has another's colours and the same class.
      if (frame) await waitFor(`the colours of ${theme}`, async () => (await readSideBar(frame)) === colour);
    }
  };
  /** Lets axe look at what is open, in all four themes. */
  const examine = async (state: string): Promise<void> => {
    const faults: string[] = [];
    for (const [name, theme, look, colour] of THEMES) {
      await showTheme(theme, look, colour);
      const found = await findSeriousFaults(feed.frame, 'sideBar-background');
      if (dashboard) found.push(...(await findSeriousFaults(dashboard.frame, 'editor-background')));
      faults.push(...found.map(fault => `${state}, ${name}: ${fault}`));
    }
    assert.deepEqual(faults, []);
  };

  it('signed out', async () => {
    feed = await FeedPage.open(bench.window);
    dashboard = await DashboardPage.open(bench.window);
    await feed.frame.getByText('Not signed in').waitFor();
    await examine('signed out');
  });

  it('live and empty', async () => {
    await signInWithToken(bench.window, bench.simulator);
    await new StatusBarPage(bench.window).untilItSays('Live');
    await feed.frame.getByText('No events yet').waitFor();
    await examine('empty');
  });

  it('with all kinds of rows, opened', async () => {
    await bench.simulator.scenes.oneOfEach();
    await bench.simulator.scenes.giftBomb(5, { gifter: 'linus' });
    await bench.simulator.scenes.followBots(20);
    bench.simulator.makeOffline({ kind: 'addVip', user: 'ken' });
    await bench.window.runCommand('EventSub: Refresh');
    for (const text of ['linus gifted', 'people followed', 'ken is now a VIP']) {
      await feed.rowsSaying(text).click();
    }
    await feed.slotSaying('ken is now a VIP').locator('.facts-list').waitFor();
    await examine('rows');
    await takePicture(bench.window, 'accessible-dark');
    for (const text of ['linus gifted', 'people followed', 'ken is now a VIP']) {
      await feed.rowsSaying(text).click();
    }
  });

  it('by keyboard alone, with a focus that can be seen', async () => {
    const { page } = bench.window;
    await bench.window.runCommand('EventSub: Search Events');
    await waitFor(
      'the cursor in the search field',
      async () => (await readFocus(feed.frame)).tag === 'INPUT',
    );
    const stops: Focus[] = [await readFocus(feed.frame)];
    while (stops.length < 12 && stops.at(-1)?.isRow === false) {
      await page.keyboard.press('Tab');
      stops.push(await readFocus(feed.frame));
    }
    assert.ok(stops.at(-1)?.isRow, 'the rows are reached');
    assert.deepEqual(
      stops.filter(stop => !stop.isVisible),
      [],
      'every stop can be seen',
    );
    assert.ok(
      stops.some(stop => stop.name.startsWith('Gifts')),
      'the chips are among the stops',
    );
    for (const key of ['ArrowDown', 'ArrowDown', 'Home']) await page.keyboard.press(key);
    const [first = ''] = await feed.sentences();
    await waitFor('the keyboard on the first row', async () =>
      (await readFocus(feed.frame)).name.includes(first),
    );
    assert.ok((await readFocus(feed.frame)).isVisible);
    const opened = feed.frame.locator('.row-open');
    await page.keyboard.press('Enter');
    await opened.waitFor();
    await page.keyboard.press('Escape');
    await opened.waitFor({ state: 'detached' });
  });

  it('a new event is told politely, and moves nothing for those who want no motion', async () => {
    const animation = (): Promise<string> =>
      feed.frame.evaluate<string>(`new Promise(resolve => {
        new MutationObserver((_records, observer) => {
          const row = document.querySelector('.feed-row.is-fresh');
          if (!row) return;
          observer.disconnect();
          resolve(getComputedStyle(row, '::before').animationName);
        }).observe(document, { subtree: true, childList: true, attributes: true });
      })`);
    const live = feed.frame.locator('[aria-live=polite]');
    for (const [motion, expected] of [
      ['reduce', 'none'],
      ['no-preference', 'appear'],
    ] as const) {
      await bench.window.page.emulateMedia({ reducedMotion: motion });
      const seen = animation();
      await bench.send('channel.moderator.add', `Calm_${expected}`);
      assert.equal(await seen, expected);
    }
    await live
      .filter({ hasText: 'Calm_none is now a moderator' })
      .or(live.filter({ hasText: /new events/ }))
      .waitFor({ state: 'attached' });
  });

  it('disconnected, and while a search finds nothing', async () => {
    await bench.window.runCommand('EventSub: Disconnect');
    await feed.frame.locator('.notice').getByText('Live events are off').waitFor();
    await dashboard?.feed.searchField.fill('nobody at all');
    await dashboard?.frame.getByText('Nothing found for').waitFor();
    await examine('disconnected');
  });

  it('when the connection is down', async () => {
    bench.simulator.faults.inject({ kind: 'handshakeRefused', status: 503 });
    await bench.window.runCommand('EventSub: Connect');
    await feed.frame.locator('.notice-warning').getByRole('button', { name: 'Retry' }).waitFor();
    await examine('waiting');
    bench.simulator.faults.clear();
    await bench.window.runCommand('EventSub: Retry');
    await new StatusBarPage(bench.window).untilItSays('Live');
  });

  it('in streamer mode', async () => {
    bench.workbench.changeSettings({ 'eventsub.streamerMode': true });
    await dashboard?.frame.locator('.number-hidden').first().waitFor();
    await examine('streamer mode');
    bench.workbench.changeSettings({ 'eventsub.streamerMode': false });
    await dashboard?.frame.locator('.number-hidden').first().waitFor({ state: 'detached' });
  });

  it('narrow, 200 px', async () => {
    await bench.window.setSideBarWidth(200);
    await feed.frame.locator('.feed-row').first().waitFor();
    const overflow = await feed.frame.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    assert.equal(overflow, 0);
    for (const [name, theme, look, colour] of THEMES) {
      await showTheme(theme, look, colour);
      await takePicture(bench.window, `narrow-${name}`);
    }
    await bench.window.setSideBarWidth(340);
  });

  it('when nothing can be loaded', async () => {
    bench.window.console.expect(/newer version/);
    bench.workbench.changeSettings({ 'eventsub.server': 'simulator' });
    await feed.frame.locator('.notice-error, .blank').getByText('newer version').first().waitFor();
    await examine('failed');
    await takePicture(bench.window, 'feed-failed');
  });
});

async function readFocus(frame: Frame): Promise<Focus> {
  return frame.evaluate<Focus>(READ_FOCUS);
}

/** An empty SQLite file whose `user_version` is 9999. */
function makeNewerDatabase(): Buffer {
  const page = Buffer.alloc(4096);
  page.write('SQLite format 3\0', 0, 'latin1');
  page.writeUInt16BE(4096, 16);
  page.set([1, 1, 0, 64, 32, 32], 18);
  page.writeUInt32BE(1, 24);
  page.writeUInt32BE(1, 28);
  page.writeUInt32BE(4, 44);
  page.writeUInt32BE(1, 56);
  page.writeUInt32BE(9999, 60);
  page.writeUInt32BE(1, 92);
  page.writeUInt32BE(3_046_000, 96);
  page[100] = 13;
  page.writeUInt16BE(4096, 105);
  return page;
}
