import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fillHistory } from '../support/fill-history';
import { waitFor } from '../support/poll';
import { suspendProcess, resumeProcess } from '../support/vscode/processes';
import { useChannel } from '../support/workbench/use-channel';
import { takePicture } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';

const COUNT = 100_000;

/** What scrolling through the feed was like. */
interface Ride {
  frames: number;
  /** Frames in which the middle of the list showed nothing. */
  blank: number;
  /** The longest time between two frames, in milliseconds. */
  longestMs: number;
  medianMs: number;
}

/** Scrolls by so many screens a frame, as a hand on a wheel does, and looks at each frame after it was drawn. */
const RIDE = (frames: number, screens: number): string => `(async () => {
  const scroller = document.querySelector('.feed-scroll');
  const edge = scroller.getBoundingClientRect();
  const next = () => new Promise(resolve => requestAnimationFrame(resolve));
  const pauses = [];
  let blank = 0;
  let before = await next();
  for (let frame = 0; frame < ${frames}; frame += 1) {
    scroller.scrollTop += ${screens} * edge.height;
    const now = await next();
    pauses.push(now - before);
    before = now;
    const middle = document.elementFromPoint(edge.left + edge.width / 2, edge.top + edge.height / 2);
    if (!middle?.closest('.feed-slot') || middle.closest('.feed-gap')) blank += 1;
  }
  pauses.sort((a, b) => a - b);
  return { frames: ${frames}, blank, longestMs: pauses.at(-1), medianMs: pauses[pauses.length >> 1] };
})()`;

/** Presses a chip and answers how long it took until the rows were others, in milliseconds. */
const TIME_CHIP = (name: string): string => `new Promise(resolve => {
  const chip = [...document.querySelectorAll('.chip')].find(each => each.textContent.startsWith(${JSON.stringify(name)}));
  const first = () => document.querySelector('.feed-text')?.textContent;
  const before = first();
  const start = performance.now();
  new MutationObserver((_records, observer) => {
    if (first() === before) return;
    observer.disconnect();
    resolve(performance.now() - start);
  }).observe(document.querySelector('.feed'), { subtree: true, childList: true, characterData: true });
  chip.click();
})`;

describe('A history of 100 000 events', () => {
  const bench = useChannel({
    extension: 'installed',
    size: { width: 1000, height: 900 },
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
    prepare: ({ storageFolder }) => fillHistory(path.join(storageFolder, 'custom'), COUNT),
  });
  let feed: FeedPage;

  it('is there at once, and says how much there is to search', async () => {
    feed = await FeedPage.open(bench.window);
    await feed.rowsSaying(`Viewer_${COUNT - 1} followed`).waitFor();
    const painted = await waitFor('the measure of the first rows', () =>
      feed.frame.evaluate<number | null>(
        `performance.getEntriesByName('eventsub rows')[0]?.duration ?? null`,
      ),
    );
    console.log(`      (rows painted ${Math.round(painted)} ms after the script started)`);
    await bench.window.runCommand('EventSub: Search Events');
    await waitFor('the number of events', async () =>
      /100,\d{3}/.test((await feed.searchField.getAttribute('placeholder')) ?? ''),
    );
  });

  it('scrolls without a blank frame', async () => {
    // Fast and far, beyond what is kept in memory; then up again as a hand does it; then home.
    for (const [frames, screens] of [
      [500, 4],
      [120, -0.4],
    ] as const) {
      const ride = await feed.frame.evaluate<Ride>(RIDE(frames, screens));
      console.log(`      (${JSON.stringify(ride)})`);
      assert.equal(ride.blank, 0);
    }
    await feed.rows().nth(5).focus();
    await bench.window.page.keyboard.press('Home');
    await feed.rowsSaying(`Viewer_${COUNT - 1} followed`).waitFor();
  });

  it('narrows to a family, and finds a name by its beginning', async () => {
    for (const chip of ['VIPs', 'All', 'VIPs', 'All']) {
      const ms = await feed.frame.evaluate<number>(TIME_CHIP(chip));
      console.log(`      (${chip}: ${Math.round(ms)} ms)`);
    }
    await feed.searchField.fill('viewer_31337');
    await feed.untilItShows('Viewer_31337 followed');
    await feed.searchField.fill('');
    await feed.rowsSaying(`Viewer_${COUNT - 1} followed`).waitFor();
  });

  it('is searched inside its texts, the newest first, as far back as one lets it', async () => {
    await feed.searchField.fill('"user_login":"viewer_7');
    await waitFor('what was found', async () => (await feed.sentences())[0] === 'Viewer_79999 followed');
    const found = (await feed.sentences()).slice(0, 5);
    assert.deepEqual(
      found,
      [0, 1, 2, 3, 4].map(index => `Viewer_${79_999 - index} followed`),
    );
    await takePicture(bench.window, 'big-history-search');
    await feed.searchField.fill('');
    await feed.rowsSaying(`Viewer_${COUNT - 1} followed`).waitFor();
  });

  it('stops a search that takes too long, and goes on when asked to', async () => {
    suspendProcess(bench.window.extensionHostPid);
    try {
      await feed.searchField.fill('"user_login":"viewer_7777"');
      await feed.button('Stop searching').waitFor();
      await takePicture(bench.window, 'big-history-searching');
      await feed.button('Stop searching').click();
      await feed.button('Search further back').waitFor();
    } finally {
      resumeProcess(bench.window.extensionHostPid);
    }
    await feed.button('Search further back').click();
    await feed.untilItShows('Viewer_7777 followed');
    await feed.searchField.press('Escape');
    await feed.searchField.press('Escape');
  });

  it('is exported with progress, and an export that is cancelled leaves nothing behind', async () => {
    const { window } = bench;
    const file = path.join(bench.workbench.workspaceFolder, 'all.jsonl');
    await window.runCommand('EventSub: Export Events…');
    await window.pick('Everything');
    await window.acceptPick('which?');
    await window.pick('JSON Lines');
    await window.saveAs(file);
    const progress = window.page.locator('.notifications-toasts .notification-list-item', {
      hasText: 'Exporting events',
    });
    await waitFor('the export to be cancelled', async () => {
      const cancel = progress.getByRole('button', { name: 'Cancel' });
      if (await cancel.isVisible()) await cancel.click({ timeout: 1000 });
      return !(await progress.isVisible());
    });
    // A fast machine may have been done before the button was pressed.
    const expected = fs.existsSync(file) ? 'all.jsonl' : '';
    await waitFor('nothing half done to be left', () => {
      const left = fs.readdirSync(bench.workbench.workspaceFolder).filter(name => name.includes('jsonl'));
      return left.join() === expected;
    });
  });

  it('costs nothing while it is hidden', async () => {
    await bench.window.runCommand('View: Show Explorer');
    await waitFor('the page of the feed to be gone', () => feed.frame.isDetached());
    await bench.window.runCommand('View: Show EventSub');
    feed = new FeedPage(await bench.window.webview('.feed-alone'));
    await feed.rowsSaying(`Viewer_${COUNT - 1} followed`).waitFor();
  });
});
