import assert from 'node:assert/strict';
import { waitFor } from '../support/poll';
import { OWN_CLIENT_ID, useSimulatedTwitch } from '../support/simulated-twitch';
import { takePicture, useWorkbench } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { History } from './pages/history';
import { SignInPage } from './pages/sign-in-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

const FOLLOWERS = 3000;

describe('The first sweep of a channel', () => {
  const twitch = useSimulatedTwitch({ followers: FOLLOWERS });
  const bench = useWorkbench({
    extension: 'installed',
    size: { width: 1280, height: 1000 },
    settings: {
      'eventsub.clientId': OWN_CLIENT_ID,
      'eventsub.notifications': ['channel.follow', 'channel.subscribe', 'channel.vip.add'],
    },
    prepare: workbench => twitch.prepare(workbench),
  });
  const tree = (): SubscriptionsPage => new SubscriptionsPage(bench.window);
  const history = (): History => new History(bench.workbench);

  it('shows how far it is', async () => {
    twitch.simulator.faults.inject({
      kind: 'http',
      route: 'followers',
      answer: { kind: 'slow', ms: 250 },
      count: 20,
    });
    await bench.window.runCommand('View: Show EventSub');
    await new SignInPage(bench.window).signIn(twitch.simulator);
    await tree().untilRowSays(/^Followers, running, [\d,]+ of 3,000/);
    await takePicture(bench.window, 'baseline-running');
  });

  it('records everybody as history', async () => {
    await tree().untilRowSays('Followers, every 3 h, next ');
    await history().until(
      `SELECT COUNT(*) FROM follower_history WHERE source = 'baseline' AND action = 'follow'`,
      FOLLOWERS,
    );
    await history().until(`SELECT COUNT(*) FROM viewer_roles WHERE source = 'baseline'`, 7);
    await history().until(`SELECT COUNT(*) FROM viewer_subscriptions WHERE source = 'baseline'`, 10);
    await history().until('SELECT COUNT(*) FROM current_followers', FOLLOWERS);
  });

  it('is no news: nothing in the feed, nothing announced', async () => {
    assert.equal(await history().count('SELECT COUNT(*) FROM events'), 0);
    const feed = await FeedPage.open(bench.window);
    await feed.frame.locator('.blank').waitFor();
    assert.equal(await feed.rows().count(), 0);
    await bench.window.showAllNotifications();
    const told = await bench.window.notifications().allTextContents();
    assert.ok(
      told.every(text => text.includes('Signed in as')),
      told.join(' | '),
    );
    await takePicture(bench.window, 'baseline-done');
  });

  it('finds who followed in a gap before another was seen', async () => {
    await twitch.cable.pullOut();
    await new StatusBarPage(bench.window).untilItSays('Polling');
    twitch.simulator.makeOffline({ kind: 'follow', user: 'A_in_the_gap' });
    await twitch.cable.plugIn();
    await waitFor('eight subscriptions again', () =>
      twitch.simulator.sessions().some(({ subscriptions }) => subscriptions.length === 8),
    );
    await twitch.simulator.send({ type: 'channel.follow', viewer: 'B_after_it', count: 1 });
    const feed = await FeedPage.open(bench.window);
    await feed.rowsSaying('B_after_it').waitFor();
    const recovered = feed.rowsSaying('A_in_the_gap');
    await recovered.waitFor();
    assert.match((await recovered.textContent()) ?? '', /recovered/);
    await waitFor('both on disk', async () => (await history().eventsOf('A_in_the_gap')).length > 0);
    assert.deepEqual(await history().eventsOf('A_in_the_gap'), ['channel.follow poll']);
    assert.deepEqual(await history().eventsOf('B_after_it'), ['channel.follow eventsub']);
    await history().until('SELECT COUNT(*) FROM events', 2);
  });
});
