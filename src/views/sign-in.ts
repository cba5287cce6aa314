import * as vscode from 'vscode';
import { ServiceError, type JobStatus } from '../shared/service';
import { isLoopbackHost } from '../shared/settings';
import { explainRegistration } from './client-id';
import { followJob, takeResult } from './job-progress';
import { isOver } from './job-tracker';
import type { WindowContext } from './window-context';

type AwaitingUser = Extract<JobStatus['state'], { kind: 'awaitingUser' }>;

/**
 * Signs in by device code (Twitch, "Device code grant flow"): asks for the client id if there is none, shows the code,
 * opens Twitch, waits. Rejects with a `ServiceError`, of kind `cancelled` where the person gave up.
 */
export async function signIn(context: WindowContext): Promise<void> {
  await leaveSimulator(context);
  const { settings, service, jobs } = context;
  const { server, customServer, clientId } = settings.current;
  const isAskedForClientId =
    server === 'twitch' || (server === 'custom' && customServer?.authUrl !== undefined);
  if (isAskedForClientId && clientId === '') {
    await explainRegistration(context);
  }
  const id = await service.signIn();
  const job = await jobs.waitFor(id, candidate => candidate.state.kind !== 'running');
  if (job.state.kind === 'awaitingUser') {
    const isGoingOn = await showCode(job.state, settings.current.streamerMode);
    if (!isGoingOn) {
      await service.cancelJob(id);
      await jobs.waitFor(id, isOver);
      throw new ServiceError('cancelled', 'Cancelled.');
    }
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Waiting for you to confirm at Twitch'),
        cancellable: true,
      },
      async (_progress, token) => followJob(context, id, token, () => undefined),
    );
  } else {
    takeResult(job);
  }
  const { account } = await service.getStatus();
  if (account.kind !== 'signedIn' && account.kind !== 'unverified') return;
  void vscode.window.showInformationMessage(vscode.l10n.t('Signed in as {0}.', account.login));
}

/** Sign-in means Twitch; while the simulator is on, the person is asked which of the two is meant. */
async function leaveSimulator({ settings, status }: WindowContext): Promise<void> {
  if (settings.current.server !== 'simulator') return;
  const { l10n } = vscode;
  const toTwitch = l10n.t('Switch to Twitch');
  const stay = l10n.t('Sign in to the simulator');
  const choice = await vscode.window.showInformationMessage(
    l10n.t('Events come from the simulator at the moment.'),
    { modal: true, detail: l10n.t('Signing in to your channel means switching to Twitch.') },
    toTwitch,
    stay,
  );
  if (choice === undefined) throw new ServiceError('cancelled', 'Cancelled.');
  if (choice === stay) return;
  await settings.update('server', 'twitch');
  await status.waitFor(current => current.server.kind === 'twitch', AbortSignal.timeout(20_000));
}

/** Shows the code and opens Twitch. Answers false if the person cancelled. */
async function showCode(
  { userCode, verificationUri }: AwaitingUser,
  isStreamerMode: boolean,
): Promise<boolean> {
  const { l10n } = vscode;
  const uri = parseVerificationUri(verificationUri);
  const open = l10n.t('Copy code and open Twitch');
  const choice = await vscode.window.showInformationMessage(
    isStreamerMode ? l10n.t('Your code is hidden on stream.') : l10n.t('Your code: {0}', userCode),
    {
      modal: true,
      detail: l10n.t(
        'Confirm it at Twitch within 30 minutes. EventSub Live asks only for permissions to read.',
      ),
    },
    open,
  );
  if (choice !== open) return false;
  await vscode.env.clipboard.writeText(userCode);
  // The editor may show the address before it opens it, and the code is part of its query.
  await vscode.env.openExternal(isStreamerMode ? uri.with({ query: '' }) : uri);
  return true;
}

/** The page comes from the server: only a web page may be opened, an unencrypted one only on this computer. */
function parseVerificationUri(text: string): vscode.Uri {
  const isSafe = URL.canParse(text) && isWebPage(new URL(text));
  if (!isSafe) throw new ServiceError('badRequest', 'The server named a page that cannot be opened safely.');
  return vscode.Uri.parse(text, true);
}

function isWebPage({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}
