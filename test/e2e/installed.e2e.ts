import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkVsix } from '../support/package/check-vsix';
import { makeVsix } from '../support/package/make-vsix';
import { makeTemporaryFolder, removeFolder } from '../support/vscode/paths';
import { chosenVersion, NEWEST, OLDEST } from '../support/vscode/versions';
import { takePicture, useWorkbench } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { SignInPage } from './pages/sign-in-page';
import { StatusBarPage } from './pages/status-bar-page';
import { SubscriptionsPage } from './pages/subscriptions-page';
import { WalkthroughPage } from './pages/walkthrough-page';

const PICTURES = [
  ['Watch it move', 'feed'],
  ['Connect your channel', 'sign-in'],
  ['Choose the events', 'tree'],
  ['Be safe on stream', 'streamer'],
  ['Open the dashboard', 'dashboard'],
] as const;

const versions = process.env['CI'] ? [OLDEST, NEWEST] : [chosenVersion()];

describe('The VSIX', () => {
  const folder = makeTemporaryFolder();
  const vsix = path.join(folder, 'eventsub-live.vsix');

  before(async function () {
    this.timeout(5 * 60_000);
    await makeVsix(vsix);
  });
  after(() => removeFolder(folder));

  it('holds what an installed extension needs and nothing else, and keeps its weight', () => {
    const { size, pictures, problems } = checkVsix(vsix);
    console.log(`      (${size} bytes, pictures ${pictures} bytes)`);
    assert.deepEqual(problems, []);
  });

  for (const version of versions) {
    describe(`installed in VS Code ${version.vsCode}`, () => {
      const bench = useWorkbench({
        version,
        extension: { vsix },
        // As they are for a person: no simulator chosen, and new extensions may show themselves.
        settings: { 'workbench.welcomePage.walkthroughs.openOnInstall': true },
        size: { width: 1280, height: 900 },
      });
      const walkthrough = (): WalkthroughPage => new WalkthroughPage(bench.window);
      const statusBar = (): StatusBarPage => new StatusBarPage(bench.window);

      it('asks to sign in, and opens its walkthrough', async () => {
        await statusBar().untilItSays('EventSub: sign in');
        await walkthrough().editor().waitFor();
        assert.equal(await walkthrough().steps().count(), 5);
        await takePicture(bench.window, `walkthrough-${version.name}`);
      });

      it('shows a picture at each step of the walkthrough', async () => {
        for (const [title, picture] of PICTURES) await walkthrough().untilPictureShows(title, picture);
        await takePicture(bench.window, `walkthrough-step-${version.name}`);
      });

      it('begins to sign in at the walkthrough’s link, and can be cancelled', async () => {
        await walkthrough().press('Connect your channel', 'Sign in with Twitch');
        const dialog = new SignInPage(bench.window).dialog();
        await dialog.getByText('Register an application').waitFor();
        await bench.window.page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
      });

      it('goes live with the simulator at the walkthrough’s first link', async () => {
        await walkthrough().press('Watch it move', 'Try the simulator');
        await statusBar().untilItSays('Live');
        await bench.window.runCommand('View: Show EventSub');
        await new SubscriptionsPage(bench.window).untilAllLive();
      });

      it('shows events of all eight types', async () => {
        const feed = await FeedPage.open(bench.window);
        await feed.untilAllTypesWereSeen();
        await takePicture(bench.window, `installed-${version.name}`);
      });

      it('opens the dashboard at the walkthrough’s link', async () => {
        await walkthrough().press('Open the dashboard', 'Open the dashboard');
        await bench.window.webview('.dashboard');
        await takePicture(bench.window, `installed-dashboard-${version.name}`);
      });

      it('does what the walkthrough’s other links say', async () => {
        const { page } = bench.window;
        await page
          .getByRole('tab', { name: 'Walkthrough' })
          .or(page.getByRole('tab', { name: 'Welcome' }))
          .click();
        await bench.window.runCommand('View: Show Explorer');
        await walkthrough().press('Choose the events', 'Show the subscriptions');
        await bench.window.treeRows('Subscriptions').first().waitFor();
        // Streamer mode hides how many are unread.
        await statusBar().untilItSays(/Live \d+/);
        await walkthrough().press('Be safe on stream', 'Toggle streamer mode');
        await statusBar().untilItSays(/Live\s*$/);
        await walkthrough().press('Be safe on stream', 'Toggle streamer mode');
        await statusBar().untilItSays(/Live \d+/);
        await walkthrough().press('Watch it move', 'Simulate an event');
        await page.locator('.quick-input-list').getByText('New Follower').first().waitFor();
        await page.keyboard.press('Escape');
        await page.locator('.quick-input-list').waitFor({ state: 'hidden' });
        await walkthrough().press('Choose the events', 'Open the settings');
        await page.locator('.settings-editor').getByText('Client Id').first().waitFor();
      });

      it('does not open the walkthrough a second time', async () => {
        await walkthrough().untilRemembered();
        // Another folder: nothing that was open in the first is opened again.
        const second = await bench.workbench.openWindow(pathToFileURL(folder).pathname);
        await new StatusBarPage(second).untilItSays('Live');
        await FeedPage.open(second);
        assert.equal(await new WalkthroughPage(second).editor().count(), 0);
      });
    });
  }
});
