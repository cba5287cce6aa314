import assert from 'node:assert/strict';
import { waitFor } from '../support/poll';
import { OWN_CLIENT_ID, useSimulatedTwitch } from '../support/simulated-twitch';
import { takePicture, useWorkbench } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { History } from './pages/history';
import { SignInPage } from './pages/sign-in-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';

describe('The account', () => {
  const twitch = useSimulatedTwitch();
  const bench = useWorkbench({
    extension: 'installed',
    size: { width: 1280, height: 1000 },
    prepare: workbench => twitch.prepare(workbench),
  });
  const statusBar = (): StatusBarPage => new StatusBarPage(bench.window);
  const tree = (): SubscriptionsPage => new SubscriptionsPage(bench.window);
  const signInPage = (): SignInPage => new SignInPage(bench.window);
  const history = (): History => new History(bench.workbench);

  const untilTold = async (text: string | RegExp): Promise<void> => {
    await bench.window.showAllNotifications();
    await bench.window.notifications().filter({ hasText: text }).first().waitFor();
  };
  /** What stands in the list of notifications, each once; what was told before may still be among it. */
  const listTold = async (): Promise<string[]> => {
    await bench.window.showAllNotifications();
    const texts = await bench.window
      .notifications()
      .locator('.notification-list-item-message')
      .allTextContents();
    return [...new Set(texts)].sort();
  };

  it('asks to sign in, and says so in the status bar', async () => {
    await bench.window.runCommand('View: Show EventSub');
    await statusBar().untilItSays('EventSub: sign in');
    await bench.window.page.getByText('No account at hand?').waitFor();
    await takePicture(bench.window, 'signed-out');
  });

  it('without a client id explains in three lines how to get one', async () => {
    await bench.window.runCommand('EventSub: Sign In');
    const dialog = signInPage().dialog();
    for (const line of [/1\. Register an application/, /Client type: Public/, /3\. Copy its client id/]) {
      await dialog.getByText(line).waitFor();
    }
    await takePicture(bench.window, 'client-id');
    await signInPage().press('Paste client id');
  });

  it('takes a pasted client id, and refuses what cannot be one', async () => {
    const { page } = bench.window;
    const box = page.locator('.quick-input-widget');
    await box.getByText('EventSub: client id').waitFor();
    const input = box.locator('.quick-input-box input');
    await input.fill('my secret!');
    await box.getByText('A client id has only letters and digits.').waitFor();
    await input.fill(OWN_CLIENT_ID);
    await page.keyboard.press('Enter');
    await signInPage().readCode();
    await takePicture(bench.window, 'device-code');
  });

  it('a sign-in that is cancelled at the code leaves everything as it was', async () => {
    await signInPage().press('Cancel');
    await signInPage().dialog().waitFor({ state: 'detached' });
    await statusBar().untilItSays('EventSub: sign in');
  });

  it('a sign-in that is refused at Twitch is told as that', async () => {
    const code = await signInPage().askForCode();
    const address = await signInPage().openTwitch();
    // VS Code in a browser leads to this machine's ports by an address of its own.
    assert.ok(address.includes(new URL(twitch.simulator.endpoints.authUrl).port), address);
    const copied = await bench.window.page.evaluate<string>('navigator.clipboard.readText()');
    assert.equal(copied, code);
    await untilTold('Waiting for you to confirm at Twitch');
    bench.window.console.expect(/The code is not valid any more/);
    twitch.simulator.decideDevice(code, 'deny');
    await untilTold('The code is not valid any more: it ran out, was used or was refused.');
    // Progress stays on the screen for a moment after it has ended.
    await bench.window
      .notifications()
      .filter({ hasText: 'Waiting for you to confirm' })
      .first()
      .waitFor({ state: 'detached' });
  });

  it('a sign-in that waits can be cancelled', async () => {
    await signInPage().askForCode();
    await signInPage().openTwitch();
    await untilTold('Waiting for you to confirm at Twitch');
    const waiting = bench.window.notifications().filter({ hasText: 'Waiting for you to confirm' });
    await waiting.getByRole('button', { name: 'Cancel' }).click();
    await waiting.waitFor({ state: 'detached' });
    await statusBar().untilItSays('EventSub: sign in');
  });

  it('once confirmed it is live with eight of eight', async () => {
    await signInPage().signIn(twitch.simulator);
    await untilTold('Signed in as demo_channel.');
    await tree().untilAllLive();
  });

  it('stays signed in when the last window is closed and another is opened', async () => {
    const { workbench } = bench;
    // In a browser VS Code cannot always serve webviews while it starts: none may be there to be restored.
    await bench.window.runCommand('View: Close All Editors');
    await bench.window.runCommand('View: Show Explorer');
    const closed = workbench.windows.splice(0);
    for (const window of closed) await window.close();
    await waitFor('the end of the socket', () => twitch.simulator.sessions().length === 0);
    await workbench.openWindow();
    await statusBar().untilItSays('Live');
    await bench.window.runCommand('View: Show EventSub');
    await bench.window.runCommand('View: Show EventSub');
    await tree().untilAllLive();
    await twitch.simulator.send({ type: 'channel.follow', viewer: 'Known_before', count: 1 });
    const feed = await FeedPage.open(bench.window);
    await feed.rowsSaying('Known_before').waitFor();
  });

  it('a permission that is withdrawn marks its types, and signing in again grants it', async () => {
    twitch.simulator.faults.inject({ kind: 'withdrawScope', scope: 'channel:read:vips' });
    await tree().untilRowSays('VIP Added, needs channel:read:vips');
    await tree().untilRowSays('VIP Removed, needs channel:read:vips');
    await waitFor('the other six live', async () => (await tree().countLive()) === 6);
    await untilTold('Some events need the permission channel:read:vips');
    await takePicture(bench.window, 'missing-scope');
    const row = bench.window.treeRows('Subscriptions').filter({ hasText: 'VIP Added' });
    await row.hover();
    await row.getByRole('button', { name: 'Sign In' }).click();
    const code = await signInPage().readCode();
    await signInPage().openTwitch();
    twitch.simulator.decideDevice(code, 'approve');
    await tree().untilAllLive();
    await untilTold('Signed in as demo_channel.');
  });

  it('a sign-in that Twitch ends is told once, and a new one goes on', async () => {
    bench.window.console.expect(/The sign-in is not valid any more/);
    const before = await listTold();
    twitch.simulator.faults.inject({ kind: 'disconnectApp' });
    await untilTold('The sign-in is not valid any more');
    await tree().untilRowSays('Followers, off: signed out');
    const told = bench.window.notifications().filter({ hasText: 'sign-in is not valid' });
    assert.equal(await told.count(), 1);
    assert.deepEqual(
      (await listTold()).filter(text => !before.includes(text)),
      ['The sign-in is not valid any more: Invalid refresh token'],
    );
    await takePicture(bench.window, 'sign-in-ended');
    await told.getByRole('button', { name: 'Sign in' }).click();
    const code = await signInPage().readCode();
    await signInPage().openTwitch();
    twitch.simulator.decideDevice(code, 'approve');
    await statusBar().untilItSays('Live');
    await tree().untilAllLive();
    await untilTold('Signed in as demo_channel.');
  });

  it('an access token that has run out is renewed without a word', async () => {
    const before = await listTold();
    const { token = 0 } = twitch.simulator.requestCounts();
    twitch.simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
    await bench.window.runCommand('EventSub: Refresh');
    await waitFor('a renewal', () => (twitch.simulator.requestCounts()['token'] ?? 0) === token + 1);
    await statusBar().untilItSays('Live');
    await tree().untilAllLive();
    const told = (await listTold()).filter(text => !text.startsWith('Polling Twitch'));
    assert.deepEqual(
      told.filter(text => !before.includes(text)),
      [],
    );
  });

  it('the Accounts menu signs out: the token is revoked, the history stays', async () => {
    const { page } = bench.window;
    await waitFor('the question whether to sign out', async () => {
      // A menu and its submenu that are still open from a try before.
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      const accounts = page.locator('.activitybar').getByRole('button', { name: 'Accounts' }).first();
      await accounts.click({ timeout: 5000 });
      await page
        .getByRole('menuitem', { name: 'demo_channel (Twitch (EventSub Live))' })
        .hover({ timeout: 5000 });
      // A menu that has just opened does not listen to the mouse's buttons yet.
      await page.getByRole('menuitem', { name: 'Sign Out' }).hover({ timeout: 5000 });
      await page.keyboard.press('Enter');
      await signInPage().dialog().waitFor({ timeout: 5000 });
      return true;
    });
    await signInPage().press('Sign Out');
    await statusBar().untilItSays('EventSub: sign in');
    await waitFor('the token to be revoked', () => twitch.simulator.requestCounts()['revoke'] === 1);
    await waitFor('the end of the socket', () => twitch.simulator.sessions().length === 0);
    await history().until(`SELECT COUNT(*) FROM follower_history WHERE source = 'baseline'`, 40);
    assert.deepEqual(await history().eventsOf('Known_before'), ['channel.follow eventsub']);
    const feed = await FeedPage.open(bench.window);
    await feed.rowsSaying('Known_before').waitFor();
    await takePicture(bench.window, 'signed-out-again');
  });

  it('the command signs out as well', async () => {
    await signInPage().signIn(twitch.simulator);
    await signInPage().signOut();
    await statusBar().untilItSays('EventSub: sign in');
    await waitFor('the token to be revoked', () => twitch.simulator.requestCounts()['revoke'] === 2);
  });
});
