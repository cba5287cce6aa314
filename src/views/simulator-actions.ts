import * as vscode from 'vscode';
import { EVENT_TYPES, type EventType } from '../shared/catalogue';
import type { ServerKind } from '../shared/settings';
import { sayType } from '../shared/state-words';
import { phaseOf } from './connection-phase';
import { runJob } from './job-progress';
import type { WindowContext } from './window-context';

const MOST_EVENTS = 10_000;
/** How long a switch of servers may take (ms) before the person is told. */
const SWITCH_TIMEOUT_MS = 30_000;

/** Switches to the simulator and shows the feed. */
export async function trySimulator(context: WindowContext): Promise<void> {
  await switchServer(context, 'simulator');
  await vscode.commands.executeCommand('eventsub.feed.focus');
}

/** Goes back to Twitch. */
export async function useTwitch(context: WindowContext): Promise<void> {
  await switchServer(context, 'twitch');
}

/** Asks for type, viewer and count, and sends the events through the simulator's real socket. */
export async function simulateEvent(context: WindowContext): Promise<void> {
  if (!(await ensureSimulator(context))) return;
  const type = await pickEventType(context);
  if (!type) return;
  const { l10n, window } = vscode;
  const title = sayType(type, context.strings);
  const viewer = await window.showInputBox({
    title,
    prompt: l10n.t('Who is it? Empty: anybody of the simulated channel.'),
    placeHolder: 'Ada_Lovelace',
    validateInput: text => (text.length <= 100 ? null : l10n.t('At most 100 characters.')),
  });
  if (viewer === undefined) return;
  const count = await window.showInputBox({
    title,
    prompt:
      type === 'channel.subscription.gift' ? l10n.t('How many subs are given?') : l10n.t('How many events?'),
    value: '1',
    validateInput: text =>
      parseCount(text) === null ? l10n.t('A whole number from 1 to {0}.', MOST_EVENTS) : null,
  });
  if (count === undefined) return;
  const request = { type, viewer: viewer.trim(), count: parseCount(count) ?? 1 };
  await runJob(context, l10n.t('Simulating: {0}', title), () => context.service.simulate(request));
}

function parseCount(text: string): number | null {
  const count = Number(text.trim());
  return Number.isInteger(count) && count >= 1 && count <= MOST_EVENTS ? count : null;
}

async function pickEventType({ strings }: WindowContext): Promise<EventType | null> {
  const picked = await vscode.window.showQuickPick(
    EVENT_TYPES.map(type => ({ label: sayType(type, strings), description: type, type })),
    { title: vscode.l10n.t('Simulate an event'), placeHolder: vscode.l10n.t('What happens?') },
  );
  return picked?.type ?? null;
}

/** Only the simulator can make events up; on another server the person is asked whether to switch. */
async function ensureSimulator(context: WindowContext): Promise<boolean> {
  if (context.settings.current.server === 'simulator') {
    await switchServer(context, 'simulator');
    return true;
  }
  const { l10n } = vscode;
  const confirm = l10n.t('Switch to the simulator');
  const choice = await vscode.window.showInformationMessage(
    l10n.t('Events can only be simulated with the simulator.'),
    {
      modal: true,
      detail: l10n.t('It has a database of its own. Your channel’s events stop until you switch back.'),
    },
    confirm,
  );
  if (choice !== confirm) return false;
  await switchServer(context, 'simulator');
  return true;
}

/** Changes `eventsub.server`, and waits until that server's events are live (for Twitch: until it is taken up). */
async function switchServer(context: WindowContext, server: ServerKind): Promise<void> {
  const { settings, status, service } = context;
  if (settings.current.server !== server) await settings.update('server', server);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Switching to {0}', server) },
    async () => {
      const signal = AbortSignal.timeout(SWITCH_TIMEOUT_MS);
      const current = await status.waitFor(candidate => candidate.server.kind === server, signal);
      if (server !== 'simulator') return;
      if (phaseOf(current) === 'disconnected') await service.connect();
      await status.waitFor(candidate => phaseOf(candidate) === 'live', signal);
    },
  );
}
