import assert from 'node:assert/strict';
import { waitFor } from '../support/poll';
import { OWN_CLIENT_ID, useSimulatedTwitch } from '../support/simulated-twitch';
import { takePicture, useWorkbench } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { History } from './pages/history';
import { SignInPage } from './pages/sign-in-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

const SIZE = { width: 1280, height: 1000 };
const SETTINGS = {
  'eventsub.clientId': OWN_CLIENT_ID,
  'eventsub.polling.followersSeconds': 30,
  'eventsub.polling.rolesMinutes': 1,
};
/** The longest of the intervals, and patience with the machine. */
const ONE_INTERVAL_MS = 90_000;
const LISTS = ['followers', 'moderators', 'vips', 'subscriptions'] as const;

/** People who come while EventSub is down, and what the feed says of it. */
const MISSED = [
  ['Missed_follower', 'New Follower', 'channel.follow'],
  ['Missed_subscriber', 'New Subscription', 'channel.subscribe'],
  ['Missed_moderator', 'Moderator Added', 'channel.moderator.add'],
  ['Missed_vip', 'VIP Added', 'channel.vip.add'],
] as const;

describe('What EventSub missed', () => {
  const twitch = useSimulatedTwitch();
  const bench = useWorkbench({
    extension: 'installed',
    size: SIZE,
    settings: SETTINGS,
    prepare: workbench => twitch.prepare(workbench),
  });
  const statusBar = (): StatusBarPage => new StatusBarPage(bench.window);
  const tree = (): SubscriptionsPage => new SubscriptionsPage(bench.window);
  const history = (): History => new History(bench.workbench);

  /** Waits until each list has been asked for once more than now. */
  const untilPolled = async (): Promise<void> => {
    const before = twitch.simulator.requestCounts();
    await waitFor('a poll of every list', () => {
      const now = twitch.simulator.requestCounts();
      return LISTS.every(list => (now[list] ?? 0) > (before[list] ?? 0));
    });
  };

  const simulateFollow = async (viewer: string): Promise<void> => {
    await twitch.simulator.send({ type: 'channel.follow', viewer, count: 1 });
    const feed = await FeedPage.open(bench.window);
    const row = feed.rowsSaying(viewer);
    await row.waitFor();
    assert.doesNotMatch((await row.textContent()) ?? '', /recovered/);
  };

  it('begins with a sign-in, eight of eight live and the lists as a baseline', async () => {
    await bench.window.runCommand('View: Show EventSub');
    await new SignInPage(bench.window).signIn(twitch.simulator);
    await tree().untilAllLive();
    await history().until(`SELECT COUNT(*) FROM follower_history WHERE source = 'baseline'`, 40);
    // The poll that catches up with what came while the connection was made.
    await waitFor('two polls of every list', () => {
      const counts = twitch.simulator.requestCounts();
      return LISTS.every(list => (counts[list] ?? 0) >= 2);
    });
  });

  it('disconnecting closes the socket, and polling takes over at once', async () => {
    const polled = untilPolled();
    await bench.window.runCommand('EventSub: Disconnect');
    await statusBar().untilItSays('Polling');
    await polled;
    await waitFor('the end of the socket', () => twitch.simulator.sessions().length === 0);
    await tree().untilRowSays('Followers, every 30 s, next in');
    await tree().untilRowSays('Roles, every 60 s, next in');
  });

  it('a follower, a subscriber, a moderator and a VIP are found within one interval', async () => {
    const start = Date.now();
    const [follower, subscriber, moderator, vip] = MISSED.map(([user]) => user);
    twitch.simulator.makeOffline(
      { kind: 'follow', user: follower ?? '' },
      { kind: 'subscribe', user: subscriber ?? '' },
      { kind: 'addModerator', user: moderator ?? '' },
      { kind: 'addVip', user: vip ?? '' },
    );
    const feed = await FeedPage.open(bench.window);
    for (const [user, description] of MISSED) {
      const row = feed.rowsSaying(user);
      await row.waitFor({ timeout: ONE_INTERVAL_MS });
      const text = (await row.textContent()) ?? '';
      assert.match(text, /recovered/);
      assert.ok(text.includes(description), text);
    }
    console.log(`      (all four after ${((Date.now() - start) / 1000).toFixed(1)} s)`);
  });

  for (const [name, theme, themeClass] of [
    ['light', 'Default Light Modern', 'vs'],
    ['dark', 'Default Dark Modern', 'vs-dark'],
    ['high-contrast', 'Default High Contrast', 'hc-black'],
  ] as const) {
    it(`has a picture of recovered events in ${name}`, async () => {
      bench.workbench.changeSettings({ 'workbench.colorTheme': theme });
      await bench.window.page.locator(`.monaco-workbench.${themeClass}`).waitFor();
      await takePicture(bench.window, `recovered-${name}`);
    });
  }

  it('connecting is real time again, at the slow pace, and nothing comes twice', async () => {
    const polled = untilPolled();
    await bench.window.runCommand('EventSub: Connect');
    await statusBar().untilItSays('Live');
    await tree().untilAllLive();
    await simulateFollow('Seen_live');
    await polled;
    for (const poll of ['Followers', 'Roles', 'Subscriptions']) {
      await tree().untilRowSays(`${poll}, every 3 h, next `);
    }
    await waitFor(
      'the last follower on disk',
      async () => (await history().eventsOf('Seen_live')).length > 0,
    );
    assert.deepEqual(await history().eventsOf('Seen_live'), ['channel.follow eventsub']);
    for (const [user, , type] of MISSED)
      assert.deepEqual(await history().eventsOf(user), [`${type} poll`], user);
    const feed = await FeedPage.open(bench.window);
    for (const [user] of MISSED) assert.equal(await feed.rowsSaying(user).count(), 1, user);
  });

  it('a move to another connection goes unseen', async () => {
    const endRecord = await statusBar().record();
    const [before] = twitch.simulator.sessions();
    twitch.simulator.faults.inject({ kind: 'reconnect', sessionId: 'new' });
    await waitFor('the new session alone', () => {
      const sessions = twitch.simulator.sessions();
      return (
        sessions.length === 1 && sessions[0]?.id !== before?.id && sessions[0]?.subscriptions.length === 8
      );
    });
    await simulateFollow('After_the_move');
    const said = await endRecord();
    assert.ok(
      said.every(text => text.startsWith('Live') || text === 'EventSub'),
      said.join(' | '),
    );
  });

  it('a connection that falls silent is replaced, and nothing is lost', async () => {
    const endRecord = await statusBar().record();
    const [before] = twitch.simulator.sessions();
    twitch.simulator.faults.inject({ kind: 'silentPeer', sockets: 'current', frames: 'dropped' });
    await twitch.simulator.send({ type: 'channel.follow', viewer: 'Into_the_silence', count: 1 });
    await waitFor('a session in the place of the silent one', () =>
      twitch.simulator
        .sessions()
        .some(({ id, subscriptions }) => id !== before?.id && subscriptions.length === 8),
    );
    const feed = await FeedPage.open(bench.window);
    const row = feed.rowsSaying('Into_the_silence');
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', /recovered/);
    await simulateFollow('After_the_silence');
    const said = await endRecord();
    assert.ok(
      said.every(text => text.startsWith('Live')),
      said.join(' | '),
    );
    await waitFor('both on disk', async () => (await history().eventsOf('After_the_silence')).length > 0);
    assert.deepEqual(await history().eventsOf('Into_the_silence'), ['channel.follow poll']);
  });

  it('without a network it waits, polls at the fallback pace, and comes back by itself', async () => {
    await twitch.cable.pullOut();
    await statusBar().untilItSays(/Polling, retry in \d+ s/);
    await tree().untilRowSays('Followers, every 30 s, next in');
    twitch.simulator.makeOffline({ kind: 'follow', user: 'While_offline' });
    await takePicture(bench.window, 'network-down');
    await twitch.cable.plugIn();
    await statusBar().untilItSays('Live');
    await tree().untilAllLive();
    const feed = await FeedPage.open(bench.window);
    await feed.rowsSaying('While_offline').waitFor();
    await tree().untilRowSays('Followers, every 3 h, next ');
  });

  it('a subscription that Twitch takes back is told with its reason; the others go on', async () => {
    twitch.simulator.faults.inject({ kind: 'revoke', type: 'channel.vip.add', status: 'version_removed' });
    await tree().untilRowSays('VIP Added, revoked: Twitch does not offer this version any more');
    assert.equal(await tree().countLive(), 7);
    await statusBar().untilItSays('Live');
    await simulateFollow('After_the_revocation');
    await takePicture(bench.window, 'revoked');
  });
});
