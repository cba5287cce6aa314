import assert from 'node:assert/strict';
import { waitFor } from '../support/poll';
import { OWN_CLIENT_ID, useSimulatedTwitch } from '../support/simulated-twitch';
import { takePicture, useWorkbench } from '../support/workbench/use-workbench';
import type { WorkbenchWindow } from '../support/workbench/window';
import { FeedPage } from './pages/feed-page';
import { History } from './pages/history';
import { SignInPage } from './pages/sign-in-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

describe('When the leading window goes', () => {
  const twitch = useSimulatedTwitch();
  const bench = useWorkbench({
    extension: 'installed',
    size: { width: 1280, height: 1000 },
    settings: { 'eventsub.clientId': OWN_CLIENT_ID },
    prepare: workbench => twitch.prepare(workbench),
  });
  const history = (): History => new History(bench.workbench);
  let second: WorkbenchWindow;
  let third: WorkbenchWindow;

  const follow = (viewer: string): Promise<number> =>
    twitch.simulator.send({ type: 'channel.follow', viewer, count: 1 });
  const untilFeedShows = async (window: WorkbenchWindow, viewer: string): Promise<void> => {
    const feed = await FeedPage.open(window);
    await feed.rowsSaying(viewer).waitFor();
    assert.equal(await feed.rowsSaying(viewer).count(), 1);
  };

  it('two windows show one connection, one feed and one tree', async () => {
    await bench.window.runCommand('View: Show EventSub');
    await new SignInPage(bench.window).signIn(twitch.simulator);
    second = await bench.workbench.openWindow();
    await second.runCommand('View: Show EventSub');
    await new StatusBarPage(second).untilItSays('Live');
    await new SubscriptionsPage(second).untilAllLive();
    await follow('Seen_by_both');
    await untilFeedShows(bench.window, 'Seen_by_both');
    await untilFeedShows(second, 'Seen_by_both');
    assert.equal(twitch.simulator.sessions().length, 1);
  });

  it('disconnecting in the one that follows shows in both, and so does connecting', async () => {
    await second.runCommand('EventSub: Disconnect');
    for (const window of [second, bench.window]) await new StatusBarPage(window).untilItSays('Polling');
    await waitFor('the end of the socket', () => twitch.simulator.sessions().length === 0);
    await bench.window.runCommand('EventSub: Connect');
    for (const window of [second, bench.window]) await new StatusBarPage(window).untilItSays('Live');
    await new SubscriptionsPage(second).untilAllLive();
  });

  it('another leads when its extension host dies; nothing is lost and nothing comes twice', async () => {
    const [before] = twitch.simulator.sessions();
    await follow('Just_before');
    const killedAt = Date.now();
    bench.window.killExtensionHost();
    twitch.simulator.makeOffline({ kind: 'follow', user: 'In_between' });
    await waitFor('a session of the other window', () =>
      twitch.simulator
        .sessions()
        .some(({ id, subscriptions }) => id !== before?.id && subscriptions.length === 8),
    );
    console.log(`      (live again after ${Date.now() - killedAt} ms)`);
    await follow('Right_after');
    await new StatusBarPage(second).untilItSays('Live');
    for (const viewer of ['Seen_by_both', 'Just_before', 'In_between', 'Right_after']) {
      await untilFeedShows(second, viewer);
    }
    await waitFor('the last of them on disk', async () => {
      const found = await Promise.all(['In_between', 'Right_after'].map(name => history().eventsOf(name)));
      return found.every(events => events.length > 0);
    });
    assert.deepEqual(await history().eventsOf('Seen_by_both'), ['channel.follow eventsub']);
    assert.equal((await history().eventsOf('Just_before')).length, 1);
    assert.deepEqual(await history().eventsOf('In_between'), ['channel.follow poll']);
    assert.deepEqual(await history().eventsOf('Right_after'), ['channel.follow eventsub']);
    await takePicture(second, 'after-the-takeover');
  });

  it('what a person asked for outlives the leader: disconnected stays disconnected', async () => {
    third = await bench.workbench.openWindow();
    await new StatusBarPage(third).untilItSays('Live');
    await third.runCommand('EventSub: Disconnect');
    await new StatusBarPage(third).untilItSays('Polling');
    const { followers = 0 } = twitch.simulator.requestCounts();
    second.killExtensionHost();
    await waitFor('the new leader to poll', () => {
      return (twitch.simulator.requestCounts()['followers'] ?? 0) > followers;
    });
    await new StatusBarPage(third).untilItSays('Polling');
    assert.equal(twitch.simulator.sessions().length, 0);
    await third.runCommand('EventSub: Connect');
    await new StatusBarPage(third).untilItSays('Live');
  });

  it('signing out in one window signs out the other', async () => {
    const fourth = await bench.workbench.openWindow();
    await new StatusBarPage(fourth).untilItSays('Live');
    await new SignInPage(fourth).signOut();
    for (const window of [third, fourth]) await new StatusBarPage(window).untilItSays('EventSub: sign in');
    await waitFor('the end of the socket', () => twitch.simulator.sessions().length === 0);
    assert.equal(twitch.simulator.requestCounts()['revoke'], 1);
  });

  it('signing in again in the window that follows makes the leading one live', async () => {
    const [, , , fourth] = bench.workbench.windows;
    if (!fourth) throw new Error('There is no fourth window.');
    await new SignInPage(fourth).signIn(twitch.simulator);
    await new StatusBarPage(third).untilItSays('Live');
    assert.equal(twitch.simulator.sessions().length, 1);
  });
});
