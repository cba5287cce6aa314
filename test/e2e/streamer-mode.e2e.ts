import assert from 'node:assert/strict';
import { waitFor } from '../support/poll';
import { listenInFrontOf, type ListeningServer } from '../support/listening-server';
import { readOurLog, WITH_LOG_FILES } from '../support/workbench/logs';
import { readSeenTexts, SEEN_TEXTS_SCRIPT } from '../support/workbench/seen-texts';
import { useChannel } from '../support/workbench/use-channel';
import { takePicture } from '../support/workbench/use-workbench';
import { DashboardPage } from './pages/dashboard-page';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';

const CLIENT_ID = 'streamer0000client0000id000000';

describe('Safe on stream', () => {
  let oauth: ListeningServer;
  before(async () => {
    oauth = await listenInFrontOf(() => bench.simulator.endpoints.authUrl);
  });
  const bench = useChannel({
    extension: 'installed',
    size: { width: 1320, height: 900 },
    settings: {
      'workbench.colorTheme': 'Default Dark Modern',
      'eventsub.streamerMode': true,
      'eventsub.clientId': CLIENT_ID,
      'eventsub.notifications': ['channel.vip.remove'],
    },
    authUrl: () => oauth.url,
    environment: WITH_LOG_FILES,
    initScript: SEEN_TEXTS_SCRIPT,
  });
  after(() => oauth.close());

  const seen: string[] = [];
  const sessionIds = new Set<string>();
  let feed: FeedPage;

  const look = async (): Promise<void> => {
    for (const { id } of bench.simulator.sessions()) sessionIds.add(id);
    seen.push(...(await readSeenTexts(bench.window)));
  };
  afterEach(look);

  it('hides the code of a sign-in, which still reaches the clipboard', async () => {
    const { page } = bench.window;
    await bench.window.runCommand('EventSub: Sign In');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByText('Your code is hidden on stream.').waitFor();
    await dialog.getByText('Copy code and open Twitch').click();
    const code = await waitFor('the code on the clipboard', async () => {
      const text = await page.evaluate<string>('navigator.clipboard.readText()');
      return oauth.secrets.has(text) && text;
    });
    await look();
    assert.ok(bench.simulator.decideDevice(code, 'approve'));
    await new StatusBarPage(bench.window).untilItSays('Live');
    await page.keyboard.press('Escape');
  });

  it('shows no count, no id and nobody who left', async () => {
    feed = await FeedPage.open(bench.window);
    for (const type of ['channel.vip.add', 'channel.vip.remove', 'channel.follow'] as const) {
      await bench.send(type, 'ShyViewer');
    }
    await feed.rowsSaying('Someone is no longer a VIP').waitFor();
    await bench.simulator.scenes.followBots(20);
    await feed.rowsSaying('Many people followed').waitFor();
    const row = feed.rowsSaying('Someone is no longer a VIP');
    await row.click();
    const slot = feed.slotSaying('Someone is no longer a VIP');
    await slot.getByText('Hidden in streamer mode').waitFor();
    await slot.locator('.facts-list').waitFor();
    assert.doesNotMatch((await slot.textContent()) ?? '', /ShyViewer|[0-9a-f]{8}-[0-9a-f]{4}|user_id/);
    assert.equal(await feed.frame.locator('.chip-count').count(), 0);
    await new StatusBarPage(bench.window).untilItSays(/Live$/);
    const tree = (await bench.window.treeRows('Subscriptions').allTextContents()).join();
    assert.doesNotMatch(tree, /today/);
    await bench.window.showAllNotifications();
    await bench.window.notifications().filter({ hasText: 'Someone left' }).waitFor();
    await takePicture(bench.window, 'streamer-mode');
    await bench.window.runCommand('Notifications: Clear All Notifications');
  });

  it('hides the numbers of the dashboard', async () => {
    const dashboard = await DashboardPage.open(bench.window);
    await waitFor(
      'four hidden numbers',
      async () => (await dashboard.frame.locator('.number-hidden').count()) === 4,
    );
    assert.equal(await dashboard.frame.locator('table').count(), 0);
    assert.doesNotMatch((await dashboard.frame.locator('.connection').textContent()) ?? '', /127\.0\.0\.1/);
    await takePicture(bench.window, 'streamer-mode-dashboard');
  });

  it('shows nothing secret in tooltips', async () => {
    const { page } = bench.window;
    await bench.window.statusBarItem('eventsub.status').hover();
    await page.locator('.monaco-hover', { hasText: 'Channel: demo_channel' }).waitFor();
    await look();
    await bench.window.treeRows('Subscriptions').filter({ hasText: 'New Follower' }).hover();
    await page.locator('.monaco-hover', { hasText: 'channel.follow' }).waitFor();
    await look();
    assert.doesNotMatch(seen.join('\n'), /broadcaster_user_id: /);
  });

  it('is left by the command, and entered by the menu', async () => {
    await bench.window.runCommand('EventSub: Toggle Streamer Mode');
    await feed.rowsSaying('ShyViewer is no longer a VIP').waitFor();
    await new StatusBarPage(bench.window).untilItSays(/Live \d+/);
    await look();
    await bench.window.statusBarItem('eventsub.status').click();
    await bench.window.pick('Turn streamer mode on');
    await feed.rowsSaying('Someone is no longer a VIP').waitFor();
    bench.workbench.changeSettings({ 'eventsub.streamerMode': false });
    await feed.rowsSaying('ShyViewer is no longer a VIP').waitFor();
  });

  it('keeps secrets out of every view while the connection moves, breaks and comes back', async () => {
    const { faults } = bench.simulator;
    faults.inject({ kind: 'reconnect' });
    await waitFor('another session or the same, moved', () => bench.simulator.sessions().length > 0);
    faults.inject({ kind: 'terminate' });
    await waitFor('a new session', () => bench.simulator.sessions().some(({ id }) => !sessionIds.has(id)));
    await new StatusBarPage(bench.window).untilItSays('Live');
    await bench.window.runCommand('EventSub: Refresh');
    await bench.window.runCommand('EventSub: Show Log');
    await bench.window.page.locator('.output-view .view-line').first().waitFor();
    await look();
  });

  it('never showed a token, a code, a session id or an address, in any view, tooltip or log', () => {
    const log = readOurLog(bench.workbench);
    assert.match(log, /live/i, 'the log was written');
    const { endpoints } = bench.simulator;
    const addresses = [
      endpoints.websocketUrl,
      endpoints.subscriptionsUrl,
      endpoints.helixUrl,
      endpoints.authUrl,
    ];
    const secrets = [...oauth.secrets, ...sessionIds, ...addresses, oauth.url];
    assert.ok(oauth.secrets.size >= 4, 'token, refresh token, device code and user code were heard');
    assert.ok(sessionIds.size >= 2);
    const places = [...new Set(seen), log];
    assert.ok(
      places.some(text => text.includes('ShyViewer')),
      'what was on screen was read',
    );
    for (const secret of secrets) {
      const place = places.find(text => text.includes(secret));
      const at = place?.indexOf(secret) ?? 0;
      assert.equal(place?.slice(Math.max(0, at - 200), at + 200), undefined, `${secret} was to be seen`);
    }
  });
});
