import { CATALOGUE, EVENT_TYPES, scopesFor } from '../../src/shared/catalogue';
import { waitFor } from '../support/poll';
import { signInWithToken, useChannel } from '../support/workbench/use-channel';
import { takePicture } from '../support/workbench/use-workbench';
import { DashboardPage } from './pages/dashboard-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

const VIP_SCOPE = 'channel:read:vips';

describe('The dashboard', () => {
  const bench = useChannel({
    size: { width: 1320, height: 900 },
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
  });
  let dashboard: DashboardPage;

  const untilItSays = (text: string | RegExp): Promise<void> =>
    dashboard.heading.filter({ hasText: text }).waitFor();

  before(async function () {
    this.timeout(180_000);
    const scopes = scopesFor(EVENT_TYPES).filter(scope => !scope.includes('vips'));
    await signInWithToken(bench.window, bench.simulator, scopes);
    await new StatusBarPage(bench.window).untilItSays('Live');
    await bench.window.runCommand('View: Close Primary Side Bar');
    dashboard = await DashboardPage.open(bench.window);
  });

  it('says in words how the connection is, and what is missing', async () => {
    await untilItSays('Live on demo_channel');
    await dashboard.frame
      .getByText(/6\sof\s8\ssubscriptions\s·\sconnected\s.*\s·\slast\smessage\s.*\sago\s·\snext\spoll/)
      .waitFor();
    const notice = dashboard.frame.locator('.notice', { hasText: VIP_SCOPE });
    await notice.getByRole('button', { name: 'Sign in again' }).waitFor();
    for (const type of ['channel.vip.add', 'channel.vip.remove'] as const) {
      await dashboard.subscription(CATALOGUE[type].description).getByText('needs permission').waitFor();
    }
  });

  it('shows the four numbers and what changed today, and the feed beside them', async () => {
    await dashboard.number('Followers').getByText('12', { exact: true }).waitFor();
    await bench.send('channel.follow', 'Ada_Lovelace');
    await dashboard.feed.rowsSaying('Ada_Lovelace followed').waitFor();
    await dashboard.number('Followers').getByText('13', { exact: true }).waitFor();
    await dashboard.number('Followers').getByText('+1').waitFor();
    await bench.send('channel.subscribe', 'grace');
    await bench.simulator.scenes.giftBomb(5, { gifter: 'linus' });
    await bench.send('channel.moderator.add', 'margaret');
    await dashboard.number('Moderators').getByText('+1').waitFor();
    await dashboard.number('Subscribers').getByText('+6').waitFor();
    await takePicture(bench.window, 'dashboard-dark');
  });

  it('draws the chart for each range, and tells the numbers to those who cannot see it', async () => {
    const { history } = dashboard;
    await history.locator('canvas').waitFor();
    for (const range of ['7 days', 'A year', 'All', '30 days']) {
      const chip = history.getByRole('button', { name: range });
      await chip.click();
      await waitFor(
        `${range} to be pressed`,
        async () => (await chip.getAttribute('aria-pressed')) === 'true',
      );
      let summary = '';
      await waitFor('the summary of the chart', async () => {
        summary = (await history.locator('.plot').getAttribute('aria-label')) ?? '';
        return /: [1-9]\d* follows, 0 unfollows, [1-9]\d* subscriptions begun, 0 ended/.test(summary);
      }).catch((error: unknown) => {
        throw new Error(`The chart says: ${summary}`, { cause: error });
      });
    }
    await waitFor(
      'thirty days in the table',
      async () => (await history.locator('table tbody tr').count()) === 30,
    );
  });

  it('says when each poll runs, and what the last run gave', async () => {
    const polling = dashboard.frame.locator('.card', { hasText: 'While the connection is down' });
    await polling.getByText('these run every 60 s and every 30 min').waitFor();
    for (const name of ['Followers', 'Roles', 'Subscriptions']) {
      await polling.locator('.plain-row', { hasText: name }).getByText(/next /).waitFor();
    }
    bench.simulator.makeOffline({ kind: 'addModerator', user: 'ken' });
    await dashboard.button('Refresh').click();
    await dashboard.feed.rowsSaying('ken is now a moderator').filter({ hasText: 'recovered' }).waitFor();
    await polling.locator('.plain-row', { hasText: 'Roles' }).getByText('1 recovered').waitFor();
  });

  it('disconnects to polling, and connects again', async () => {
    await dashboard.button('Disconnect').click();
    await untilItSays('Disconnected by hand; polling goes on');
    await dashboard.frame.getByText('Often, because the live connection is down.').waitFor();
    await takePicture(bench.window, 'dashboard-disconnected');
    await dashboard.button('Connect').click();
    await untilItSays('Live on demo_channel');
  });

  it('unsubscribes and subscribes at once, here and in the tree', async () => {
    const row = dashboard.subscription('Moderator Removed');
    await row.getByRole('button', { name: 'Unsubscribe: Moderator Removed' }).click();
    await row.getByText('off').waitFor();
    await waitFor('Twitch to have dropped it', () =>
      bench.simulator
        .sessions()
        .every(session => !session.subscriptions.includes('channel.moderator.remove')),
    );
    await bench.window.runCommand('View: Show EventSub');
    const tree = new SubscriptionsPage(bench.window);
    await waitFor('the tree to say off', async () =>
      (await tree.rows()).some(row => row.startsWith('Moderator Removed, off')),
    );
    await bench.window.runCommand('EventSub: Subscribe to an Event Type');
    await bench.window.pick('Moderator Removed');
    await row.getByText('live').waitFor();
    await bench.window.runCommand('View: Close Primary Side Bar');
  });

  it('says why a subscription was revoked or refused', async () => {
    bench.simulator.faults.inject({
      kind: 'revoke',
      type: 'channel.moderator.add',
      status: 'moderator_removed',
    });
    const row = dashboard.subscription('Moderator Added');
    await row.getByText('revoked', { exact: true }).waitFor();
    await row.getByText('the account is not a moderator of the channel any more').waitFor();
    await takePicture(bench.window, 'dashboard-revoked');
    await row.getByRole('button', { name: 'Retry: Moderator Added' }).click();
    await row.getByText('live').waitFor();
  });

  it('is there again after the window was reloaded, and remembers what is off', async () => {
    await dashboard.subscription('New Follower').getByRole('button', { name: 'Unsubscribe' }).click();
    await dashboard.subscription('New Follower').getByText('off').waitFor();
    await bench.window.reload();
    dashboard = await DashboardPage.find(bench.window);
    await untilItSays('Live on demo_channel');
    await dashboard.feed.rowsSaying('Ada_Lovelace followed').waitFor();
    await dashboard.subscription('New Follower').getByText('off').waitFor();
    await dashboard.history.locator('canvas').waitFor();
  });

  it('is calm in light, in high contrast and narrow', async () => {
    for (const [name, theme, look] of [
      ['light', 'Default Light Modern', 'vs'],
      ['high-contrast', 'Default High Contrast', 'hc-black'],
    ] as const) {
      bench.workbench.changeSettings({ 'workbench.colorTheme': theme });
      await bench.window.page.locator(`.monaco-workbench.${look}`).waitFor();
      await takePicture(bench.window, `dashboard-${name}`);
    }
    await bench.window.page.setViewportSize({ width: 560, height: 1000 });
    await waitFor('one column', async () => {
      const feed = await dashboard.frame.locator('.beside').boundingBox();
      const overview = await dashboard.frame.locator('.overview').boundingBox();
      return feed && overview && feed.y >= overview.y + overview.height;
    });
    await takePicture(bench.window, 'dashboard-narrow');
  });
});
