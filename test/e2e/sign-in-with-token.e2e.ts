import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../src/simulator/simulator';
import { waitFor } from '../support/poll';
import { useWorkbench } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

describe('Signing in with a token at a server of somebody else', () => {
  let simulator: Simulator;

  const bench = useWorkbench({
    prepare: async workbench => {
      simulator = await startSimulator({ stateFile: null });
      const { websocketUrl, subscriptionsUrl, helixUrl, authUrl } = simulator.endpoints;
      workbench.changeSettings({
        // The address first: they are set one after the other.
        'eventsub.customServer': { websocketUrl, subscriptionsUrl, helixUrl, authUrl },
        'eventsub.server': 'custom',
      });
    },
  });

  after(() => simulator.close());

  const signIn = async (clientId: string, token: string): Promise<void> => {
    const { window } = bench;
    await window.runCommand('EventSub: Sign In with Access Token…');
    await window.answer(clientId);
    await window.answer(token);
  };

  const untilTold = (text: string | RegExp): Promise<true> =>
    waitFor(`a notification that says ${String(text)}`, async () => {
      await bench.window.showAllNotifications();
      return (await bench.window.notifications().filter({ hasText: text }).count()) > 0;
    });

  it('nobody is signed in, and the status bar offers it', async () => {
    await new StatusBarPage(bench.window).untilItSays('sign in');
  });

  it('a token that the server does not know is refused, and said so', async () => {
    // VS Code repeats in the console what it shows as an error.
    bench.window.console.expect(/token/i);
    await signIn(simulator.issueToken().clientId, 'x'.repeat(30));
    await untilTold(/token/i);
    await new StatusBarPage(bench.window).untilItSays('sign in');
  });

  it('a right one connects with all eight types', async () => {
    const { clientId, accessToken } = simulator.issueToken();
    await signIn(clientId, accessToken);
    await new StatusBarPage(bench.window).untilItSays('Live');
    await bench.window.runCommand('View: Show EventSub');
    await new SubscriptionsPage(bench.window).untilAllLive();
  });

  it('whoever signed in stays so over a reload of the window', async () => {
    await bench.window.reload();
    await new StatusBarPage(bench.window).untilItSays('Live');
    assert.ok(await waitFor('one session', () => simulator.sessions().length === 1));
  });

  it('an event of that server arrives', async () => {
    await simulator.send({ type: 'channel.subscribe', viewer: 'Grace_of_the_test', count: 1 });
    const feed = await FeedPage.open(bench.window);
    await feed.rowsSaying('Grace_of_the_test').first().waitFor();
  });
});
