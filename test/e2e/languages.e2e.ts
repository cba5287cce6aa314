import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../support/poll';
import { repositoryRoot } from '../support/vscode/paths';
import { readSeenTexts, SEEN_TEXTS_SCRIPT } from '../support/workbench/seen-texts';
import { signInWithToken, useChannel } from '../support/workbench/use-channel';
import { takePicture } from '../support/workbench/use-workbench';
import { FeedPage } from './pages/feed-page';
import { StatusBarPage } from './pages/status-bar-page';

/** Our English sentences that German says otherwise, as patterns of whole texts; short words may be VS Code's own. */
function readEnglish(): RegExp[] {
  const bundle = JSON.parse(
    fs.readFileSync(path.join(repositoryRoot, 'l10n', 'bundle.l10n.de.json'), 'utf8'),
  ) as Record<string, string>;
  return Object.entries(bundle)
    .filter(
      ([english, german]) =>
        english !== german &&
        english
          .replace(/\{\d\}/g, '')
          .trim()
          .includes(' '),
    )
    .map(([english]) => {
      const parts = english.split(/\{\d\}/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return new RegExp(`^${parts.join('[^.]{1,60}')}$`);
    });
}

describe('In German', () => {
  const bench = useChannel({
    language: 'de',
    size: { width: 1320, height: 900 },
    settings: { 'workbench.colorTheme': 'Default Light Modern', 'eventsub.keepaliveTimeoutSeconds': 5 },
    initScript: SEEN_TEXTS_SCRIPT,
  });

  it('the ways in, the commands and the status bar are German', async () => {
    await new StatusBarPage(bench.window).untilItSays('EventSub: anmelden');
    await signInWithToken(bench.window, bench.simulator, undefined, 'EventSub: Mit Zugriffstoken anmelden…');
    await new StatusBarPage(bench.window).untilItSays('Live');
  });

  it('the tree and the feed are German, with dates and numbers of the country', async () => {
    await bench.window.runCommand('EventSub: Dashboard öffnen');
    const dashboard = await bench.window.webview('.dashboard');
    const feed = new FeedPage(dashboard);
    await bench.send('channel.follow', 'Ada_Lovelace');
    await bench.simulator.scenes.giftBomb(3, { gifter: 'Grace' });
    await feed.rowsSaying('Grace hat 3 Abos verschenkt · Stufe 1').waitFor();
    await feed.rowsSaying('Ada_Lovelace folgt jetzt').click();
    await feed.slotSaying('Ada_Lovelace folgt jetzt').getByText('Verlauf von Ada_Lovelace').waitFor();
    const today = new Date().toLocaleDateString('de-DE', { day: 'numeric', month: 'short' });
    await feed.slotSaying('Ada_Lovelace folgt jetzt').getByText(`Folgt seit ${today}`).waitFor();
    assert.deepEqual(await feed.days().allTextContents(), ['Heute']);
    await dashboard.getByText('Live auf demo_channel').waitFor();
    await dashboard.getByText('laufen sie alle 60 s und alle 30 min').waitFor();
    await takePicture(bench.window, 'german');
  });

  it('problems are told in German, in pages too', async () => {
    const dashboard = await bench.window.webview('.dashboard');
    await dashboard
      .locator('.notice', { hasText: 'eventsub.keepaliveTimeoutSeconds: 5 liegt außerhalb von 10 bis 600' })
      .waitFor();
    bench.simulator.faults.inject({
      kind: 'http',
      route: 'followers',
      answer: { kind: 'status', status: 500 },
    });
    await bench.window.runCommand('EventSub: Aktualisieren');
    await dashboard.locator('.notice', { hasText: 'schlug fehl' }).waitFor();
    bench.simulator.faults.inject({ kind: 'terminate' });
    await dashboard.getByText('Die Verbindung brach ab (1006).').waitFor();
    bench.simulator.faults.clear();
    await new StatusBarPage(bench.window).untilItSays('Live');
  });

  it('nothing of ours was to be read in English', async () => {
    await bench.window.statusBarItem('eventsub.status').click();
    await bench.window.page.locator('.quick-input-list').getByText('Streamer-Modus einschalten').waitFor();
    await bench.window.page.keyboard.press('Escape');
    await bench.window.runCommand('EventSub: Ereignisse exportieren…');
    await bench.window.page.locator('.quick-input-list').getByText('Die letzten 7 Tage').waitFor();
    await bench.window.page.keyboard.press('Escape');
    const english = readEnglish();
    const texts = new Set(
      (await readSeenTexts(bench.window)).filter(text => text.length < 500).map(text => text.trim()),
    );
    await waitFor('much to be read', () => texts.size > 500);
    const found = [...texts].filter(text => english.some(pattern => pattern.test(text)));
    assert.deepEqual(found, []);
  });
});
