import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../support/poll';
import { signInWithToken, useChannel } from '../support/workbench/use-channel';
import { takePicture } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';

describe('The feed', () => {
  const bench = useChannel({
    size: { width: 1000, height: 1000 },
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
  });
  let feed: FeedPage;

  const untilLive = (): Promise<void> => new StatusBarPage(bench.window).untilItSays('Live');
  const readClipboard = (): Promise<string> => bench.window.page.evaluate('navigator.clipboard.readText()');

  it('says who is not signed in, and offers the ways in', async () => {
    feed = await FeedPage.open(bench.window);
    await bench.window.setSideBarWidth(340);
    await feed.frame.getByText('Not signed in').waitFor();
    await feed.button('Sign in with Twitch').waitFor();
    await feed.button('Try it with the simulator').waitFor();
    await takePicture(bench.window, 'feed-signed-out');
  });

  it('says when nothing has happened yet', async () => {
    await signInWithToken(bench.window, bench.simulator);
    await untilLive();
    await feed.frame.getByText('No events yet').waitFor();
    await takePicture(bench.window, 'feed-empty');
  });

  it('shows what happens, the newest first, under its day', async () => {
    await bench.send('channel.follow', 'Ada_Lovelace');
    await feed.rowsSaying('Ada_Lovelace').waitFor();
    await bench.send('channel.subscribe', 'grace');
    await feed.rowsSaying('grace').waitFor();
    await bench.send('channel.moderator.add', 'margaret');
    await feed.rowsSaying('margaret').waitFor();
    await bench.send('channel.vip.add', 'barbara');
    await feed.untilItShows(
      'barbara is now a VIP',
      'margaret is now a moderator',
      'grace subscribed · Tier 1',
      'Ada_Lovelace followed',
    );
    assert.deepEqual(await feed.days().allTextContents(), ['Today']);
  });

  it('counts the families of today on their chips, and narrows to one', async () => {
    for (const [name, count] of [
      ['Follows', 1],
      ['Subs', 1],
      ['Mods', 1],
      ['VIPs', 1],
    ] as const) {
      await feed.chip(`${name} ${count}`).waitFor();
    }
    await feed.chip('Subs').click();
    await feed.untilItShows('grace subscribed · Tier 1');
    await feed.chip('Gifts').click();
    await feed.frame.getByText('No event of this kind yet.').waitFor();
    await feed.chip('All').click();
    await feed.rowsSaying('Ada_Lovelace').waitFor();
  });

  it('folds a gift of a hundred into one line that opens to the names', async () => {
    await bench.simulator.scenes.giftBomb(100, { gifter: 'Grace', order: 'mixed' });
    const row = feed.rowsSaying('Grace gifted 100 subs');
    await row.waitFor();
    assert.equal(await row.getAttribute('aria-expanded'), 'false');
    await waitFor('the recipients to go behind the gift', async () => (await feed.sentences()).length === 5);
    await row.click();
    const names = feed.slotSaying('Grace gifted 100 subs').locator('.row-names bdi');
    await waitFor('all hundred names', async () => (await names.count()) === 100);
    assert.equal(await row.getAttribute('aria-expanded'), 'true');
    await takePicture(bench.window, 'feed-gift-bomb');
    await row.click();
    await feed.chip('Gifts 1').waitFor();
  });

  it('marks what polling recovered', async () => {
    bench.simulator.makeOffline({ kind: 'addVip', user: 'ken' });
    await bench.window.runCommand('EventSub: Refresh');
    await feed.rowsSaying('ken is now a VIP').filter({ hasText: 'recovered' }).waitFor();
  });

  it('opens a row to its facts, its JSON to copy, and the history of the person with the role', async () => {
    await bench.send('channel.follow', 'margaret');
    const row = feed.rowsSaying('margaret followed');
    await row.click();
    const open = feed.slotSaying('margaret followed').locator('.row-open');
    await open.getByText('Moderator', { exact: false }).first().waitFor();
    await open.getByText('History of margaret').waitFor();
    await open.getByText('became a moderator').waitFor();
    await open.getByText('"user_name": "margaret"').waitFor();
    assert.match((await open.textContent()) ?? '', /New Follower.*live \(EventSub\)/s);
    await open.getByText('Copy JSON').click();
    await open.getByText('Copied').waitFor();
    const copied = JSON.parse(await readClipboard()) as Record<string, unknown>;
    assert.equal(copied['user_name'], 'margaret');
    await takePicture(bench.window, 'feed-row-open');
    await row.click();
  });

  it('marks what is unread until all is marked as read', async () => {
    await waitFor('unread marks', async () => (await feed.frame.locator('.unread-dot').count()) > 3);
    await feed.button('Mark all as read').click();
    await waitFor('no unread mark', async () => (await feed.frame.locator('.unread-dot').count()) === 0);
    await new StatusBarPage(bench.window).untilItSays(/Live$/);
    await bench.send('channel.follow', 'radia');
    await feed.rowsSaying('radia followed').locator('.unread-dot').waitFor();
  });

  it('looks for a name, a type and a text of the JSON as one types', async () => {
    await bench.send('channel.follow', 'Zuse_Z3');
    await bench.window.runCommand('EventSub: Search Events');
    await feed.searchField.fill('zuse_z');
    await feed.untilItShows('Zuse_Z3 followed');
    await feed.searchField.fill('vip added');
    await feed.untilItShows('ken is now a VIP', 'barbara is now a VIP');
    await feed.searchField.fill('"user_login":"barbara"');
    await feed.untilItShows('barbara is now a VIP');
    await feed.searchField.fill('nobody at all');
    await feed.frame.getByText('Nothing found for “nobody at all”.').waitFor();
    await takePicture(bench.window, 'feed-search');
  });

  it('shows a new event during a search if its text matches', async () => {
    await feed.searchField.fill('"user_login":"edsger"');
    await feed.frame.getByText('Nothing found for').waitFor();
    await bench.send('channel.vip.add', 'edsger');
    await feed.untilItShows('edsger is now a VIP');
    await feed.searchField.press('Escape');
    await feed.searchField.press('Escape');
    await waitFor('the search to go', async () => (await feed.searchField.count()) === 0);
  });

  it('gathers a burst of follow bots into one line', async () => {
    await bench.simulator.scenes.followBots(36);
    // Whoever followed in the same moment is part of it.
    const row = feed.rowsSaying(/[34]\d people followed within a minute/);
    await row.waitFor();
    await row.click();
    const names = feed.slotSaying(/[34]\d people/).locator('.row-names bdi');
    await waitFor('the names of the burst', async () => (await names.count()) >= 36);
    await takePicture(bench.window, 'feed-burst');
    await row.click();
  });

  it('stays where it was scrolled to, and says how many are new above', async () => {
    await bench.send('channel.moderator.add', '', 30);
    await waitFor('a long list', async () => (await feed.rowsSaying('is now a moderator').count()) > 20);
    const scrolled = 'document.querySelector(".feed-scroll").scrollTop';
    await feed.frame.evaluate(`${scrolled} = 400`);
    await waitFor('the place further down', async () => (await feed.frame.evaluate(scrolled)) === 400);
    await waitFor('rows there', async () => (await topRow(feed)) !== null);
    const before = await topRow(feed);
    await bench.send('channel.moderator.remove', '', 3);
    const news = feed.button('3 new');
    await news.waitFor();
    assert.deepEqual(await topRow(feed), before);
    await takePicture(bench.window, 'feed-new-above');
    await news.click();
    await waitFor('the top', () => feed.rowsSaying('is no longer a moderator').first().isVisible());
    await news.waitFor({ state: 'detached' });
  });

  it('stands a flood: nothing moves where somebody reads, and nothing is missing afterwards', async () => {
    const scrolled = 'document.querySelector(".feed-scroll").scrollTop';
    await feed.frame.evaluate(`${scrolled} = 400`);
    await waitFor('the place further down', async () => (await feed.frame.evaluate(scrolled)) === 400);
    // The list hears of a scroll right before the next frame.
    await feed.frame.evaluate('new Promise(resolve => requestAnimationFrame(resolve))');
    const before = await topRow(feed);
    assert.notEqual(before, null);
    await bench.simulator.scenes.followBots(3_000);
    const news = feed.button(/^New$/);
    await news.waitFor();
    assert.deepEqual(await topRow(feed), before);
    await news.click();
    const people = feed.rowsSaying(/people followed within/);
    let followed = 0;
    await waitFor('all that followed', async () => {
      const rows = await people.allTextContents();
      const counts = rows.map(text => Number(/([\d,]+) people/.exec(text)?.[1]?.replaceAll(',', '')));
      followed = counts.reduce((sum, count) => sum + count, 0);
      return followed >= 3_000;
    });
    // Those of the test before are shown too; nobody is shown twice.
    assert.ok(followed < 3_100, `${followed} followed`);
    assert.equal(await feed.frame.locator('.feed-gap').count(), 0);
    await takePicture(bench.window, 'feed-flood');
  });

  it('marks what could not be saved, until it is', async () => {
    const journal = path.join(bench.workbench.storageFolder, 'custom', 'journal');
    bench.window.console.expect(/cannot be saved/);
    // No segment can be made in a folder that is none.
    fs.renameSync(journal, `${journal}.away`);
    fs.writeFileSync(journal, '');
    const pill = feed.frame.locator('.pill-warning', { hasText: 'not saved' });
    await waitFor('an event that is not saved', async () => {
      await bench.send('channel.vip.add', '');
      return pill.first().isVisible();
    });
    await feed.frame.locator('.notice').getByText('Not saved').waitFor();
    await new StatusBarPage(bench.window).untilItSays('not saved');
    await takePicture(bench.window, 'feed-not-saved');
    fs.rmSync(journal);
    fs.renameSync(`${journal}.away`, journal);
    await pill.first().waitFor({ state: 'detached' });
    await untilLive();
  });

  it('says when live events are off, and how to turn them on', async () => {
    await bench.window.runCommand('EventSub: Disconnect');
    await feed.frame.locator('.notice').getByText('Live events are off').waitFor();
    await takePicture(bench.window, 'feed-disconnected');
    await feed.frame.locator('.notice').getByRole('button', { name: 'Connect' }).click();
    await untilLive();
  });

  it('says why the connection is down, with Retry and the log', async () => {
    bench.simulator.faults.inject({ kind: 'handshakeRefused', status: 503 });
    bench.simulator.faults.inject({ kind: 'terminate' });
    const notice = feed.frame.locator('.notice-warning');
    await notice.getByRole('button', { name: 'Retry' }).waitFor();
    await notice.getByRole('button', { name: 'Show log' }).waitFor();
    await takePicture(bench.window, 'feed-waiting');
    await notice.getByRole('button', { name: 'Retry' }).click();
    bench.simulator.faults.clear();
    await untilLive();
  });
});

/** The line at the top edge of the screen, and where exactly it stands; null while there is none. */
async function topRow(feed: FeedPage): Promise<{ text: string | null; top: number } | null> {
  // In one go: a flood redraws the list between two questions.
  return feed.frame.evaluate(`(() => {
    const edge = document.querySelector('.feed-scroll').getBoundingClientRect();
    for (const row of document.querySelectorAll('.feed-row')) {
      const box = row.getBoundingClientRect();
      if (box.bottom <= edge.top + 1) continue;
      return { text: row.querySelector('.feed-text').textContent, top: Math.round(box.top - edge.top) };
    }
    return null;
  })()`);
}
