import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { compareSessions, fitScopes, sessionsOf, type AccountSession } from './account-sessions';
import { signIn } from './sign-in';
import type { WindowContext } from './window-context';

/** `twitch` is another extension's; registering it twice would throw. */
const PROVIDER_ID = 'eventsub-twitch';

/** Puts the account into VS Code's Accounts menu, where it can be signed out as well. */
class TwitchAuthenticationProvider implements vscode.AuthenticationProvider {
  private readonly emitter =
    new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  private sessions: AccountSession[];
  private readonly subscription: Disposable;

  readonly onDidChangeSessions = this.emitter.event;

  constructor(private readonly context: WindowContext) {
    this.sessions = sessionsOf(context.status.current);
    this.subscription = context.status.onChange(status => this.take(sessionsOf(status)));
  }

  getSessions(scopes?: readonly string[]): Promise<vscode.AuthenticationSession[]> {
    return Promise.resolve(fitScopes(this.sessions, scopes).map(toSession));
  }

  /** Which scopes are asked for is decided by the chosen events, not by who asks. */
  async createSession(): Promise<vscode.AuthenticationSession> {
    const { status, service } = this.context;
    await signIn(this.context);
    status.take(await service.getStatus());
    const session = sessionsOf(status.current)[0];
    if (!session) throw new Error(vscode.l10n.t('Nobody is signed in.'));
    return toSession(session);
  }

  async removeSession(id: string): Promise<void> {
    if (this.sessions.some(session => session.id === id)) await this.context.service.signOut();
  }

  dispose(): void {
    this.subscription.dispose();
    this.emitter.dispose();
  }

  private take(sessions: AccountSession[]): void {
    const { added, removed, changed } = compareSessions(this.sessions, sessions);
    this.sessions = sessions;
    if (added.length + removed.length + changed.length === 0) return;
    this.emitter.fire({
      added: added.map(toSession),
      removed: removed.map(toSession),
      changed: changed.map(toSession),
    });
  }
}

/**
 * The service never hands a token to views, so none can leave through here: other extensions see who is signed in,
 * and an empty marker in the token's place.
 */
function toSession({ id, userId, login, scopes }: AccountSession): vscode.AuthenticationSession {
  return { id, accessToken: '', account: { id: userId, label: login }, scopes };
}

/** Registers the provider. It must not be asked through `authentication.getSession` before `activate` has returned. */
export function registerAuthentication(context: WindowContext): Disposable {
  const provider = new TwitchAuthenticationProvider(context);
  const registration = vscode.authentication.registerAuthenticationProvider(
    PROVIDER_ID,
    vscode.l10n.t('Twitch (EventSub Live)'),
    provider,
    { supportsMultipleAccounts: false },
  );
  return {
    dispose: () => {
      registration.dispose();
      provider.dispose();
    },
  };
}
