import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { waitFor } from '../support/poll';

const EXTENSION = 'eventsub-live.eventsub-live';

describe('The views in the extension host', () => {
  before(async () => {
    await vscode.extensions.getExtension(EXTENSION)?.activate();
  });

  it('register no command that the manifest does not declare', async () => {
    const { commands } = (
      vscode.extensions.getExtension(EXTENSION)?.packageJSON as {
        contributes: { commands: { command: string }[] };
      }
    ).contributes;
    const declared = commands.map(({ command }) => command);
    const ours = (await vscode.commands.getCommands(true)).filter(id => id.startsWith('eventsub.'));
    // VS Code itself makes some for each of our views: `eventsub.feed.focus` and the like.
    const extra = ours.filter(
      id => !declared.includes(id) && !/^eventsub\.(?:feed|subscriptions)\./.test(id),
    );
    assert.deepEqual(extra, []);
  });

  it('open one dashboard, and bring the same to the front again', async () => {
    const isDashboard = (tab: vscode.Tab): boolean =>
      tab.input instanceof vscode.TabInputWebview && tab.input.viewType.endsWith('eventsub.dashboard');
    const findDashboards = (): vscode.Tab[] =>
      vscode.window.tabGroups.all.flatMap(group => group.tabs).filter(isDashboard);
    await vscode.commands.executeCommand('eventsub.openDashboard');
    await waitFor('the dashboard', () => (findDashboards().length === 1 ? true : undefined));
    await vscode.commands.executeCommand('eventsub.openDashboard');
    assert.equal(findDashboards().length, 1);
    await vscode.window.tabGroups.close(findDashboards());
    await waitFor('the dashboard to close', () => (findDashboards().length === 0 ? true : undefined));
  });

  it('turn streamer mode on and off in the person’s own settings', async () => {
    const read = (): unknown =>
      vscode.workspace.getConfiguration('eventsub').inspect('streamerMode')?.globalValue;
    await vscode.commands.executeCommand('eventsub.toggleStreamerMode');
    await waitFor('streamer mode to be on', () => (read() === true ? true : undefined));
    await vscode.commands.executeCommand('eventsub.toggleStreamerMode');
    await waitFor('streamer mode to be off', () => (read() === false ? true : undefined));
    await vscode.workspace
      .getConfiguration('eventsub')
      .update('streamerMode', undefined, vscode.ConfigurationTarget.Global);
  });

  it('offer the account under an id of its own, with nobody in it at first', async () => {
    assert.deepEqual(await vscode.authentication.getAccounts('eventsub-twitch'), []);
    const session = await vscode.authentication.getSession('eventsub-twitch', [], { silent: true });
    assert.equal(session, undefined);
  });
});
