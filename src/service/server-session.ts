import { POLL_KINDS, ServiceError, type CredentialStore, type Logger } from '../shared/service';
import type { SessionState } from '../shared/session-state';
import type { Settings } from '../shared/settings';
import type { ServerEndpoints } from '../twitch/twitch-ports';
import { scopesOf, type AccountPart } from './account-part';
import type { Told } from './event-recorder';
import { identify, NAMELESS_USER, type Identity } from './identity';
import { openNetwork, type NetworkPart } from './network-part';
import type { NoticeList } from './problem-list';
import { serverFolder, serverKey } from './server-endpoints';
import { goOnline, type Online } from './server-online';
import { makeFirstParts } from './first-status';
import type { StatusBoard } from './status-board';
import type { SimulatorPort, StartSimulator } from './simulator-port';
import { openStorage, type StoragePart } from './storage-part';

export interface ServerSessionOptions {
  settings: Settings;
  storageFolder: string;
  bundleFolder: string;
  credentials: CredentialStore;
  logger: Logger;
  board: StatusBoard;
  notices: NoticeList;
  startSimulator: StartSimulator;
  /** Whether it connects as soon as somebody is signed in. */
  wantsConnection: boolean;
  onRecorded: (batch: Told) => void;
  onExportProgress: (id: string, done: number, total: number) => void;
  /** Who is signed in has changed, or a channel can be looked up again: `reconcile` is due. */
  onReconcileDue: () => void;
}

const LOOK_AGAIN_MS = [5_000, 10_000, 20_000, 40_000, 60_000];
const NAMELESS_NOTICE = 'custom.noChannel';

/**
 * Everything that belongs to one server: its database, account, socket and polls. Its owner calls its methods one
 * after another, never two at once, but for `close`'s `abort`.
 */
export class ServerSession {
  readonly storage: StoragePart;
  /** Which server it belongs to; see `serverKey`. */
  readonly key: string;
  private online: Online | null = null;
  private network: { part: NetworkPart; key: string } | null = null;
  private readonly abort = new AbortController();
  private lookedInVain = 0;
  private lookAgain: NodeJS.Timeout | null = null;
  /** What the next network begins with. */
  private wantsConnection: boolean;

  constructor(private readonly options: ServerSessionOptions) {
    const { settings, storageFolder } = options;
    this.wantsConnection = options.wantsConnection;
    this.key = serverKey(settings);
    this.storage = openStorage({
      folder: serverFolder(storageFolder, settings),
      bundleFolder: options.bundleFolder,
      retentionDays: settings.retentionDays,
      board: options.board,
      notices: options.notices,
      logger: options.logger,
      onRecorded: options.onRecorded,
      onExportProgress: options.onExportProgress,
    });
  }

  get simulator(): SimulatorPort | null {
    return this.online?.simulator ?? null;
  }

  get accountPart(): AccountPart | null {
    return this.online?.account ?? null;
  }

  get endpoints(): ServerEndpoints | null {
    return this.online?.endpoints ?? null;
  }

  get networkPart(): NetworkPart | null {
    return this.network?.part ?? null;
  }

  /** Starts the account; where the server cannot be used at all the status says why. */
  async open(): Promise<void> {
    const { settings, storageFolder, credentials, logger, notices, startSimulator } = this.options;
    this.online = await goOnline({
      settings,
      folder: serverFolder(storageFolder, settings),
      credentials,
      logger,
      notices,
      startSimulator,
      onAccountChange: this.options.onReconcileDue,
      signal: this.abort.signal,
    });
    if (this.online || this.isInterrupted()) return;
    if (settings.server === 'custom') this.showBadServer();
    else this.options.board.set({ session: { kind: 'idle', reason: 'disconnected' } });
  }

  /** Brings socket and polls into line with who is signed in and with the settings. */
  async reconcile(settings: Settings): Promise<void> {
    if (!this.online || this.isInterrupted()) return;
    const { endpoints, account, helix } = this.online;
    this.inBackground('The retention could not be set.', this.storage.setRetention(settings.retentionDays));
    const found = await identify({
      settings,
      endpoints,
      account: account.account.getStatus(),
      tokens: account.account.getTokens(),
      helix,
      now: () => new Date(),
      signal: this.abort.signal,
    });
    if (this.isInterrupted()) return;
    if (found.kind !== 'later') this.lookedInVain = 0;
    this.showAccount(settings, found);
    switch (found.kind) {
      case 'known':
        await this.reconcileNetwork(settings, found);
        return;
      case 'none':
        await this.closeNetwork();
        this.showNoNetwork(settings, found.session, found.pollsOff);
        return;
      case 'later':
        await this.closeNetwork();
        this.planToLookAgain(settings, found.message);
        return;
    }
  }

  /** Opens the socket, now or as soon as somebody is signed in. */
  connect(): void {
    this.wantsConnection = true;
    this.network?.part.connect();
  }

  /** Closes the socket and keeps it closed. */
  disconnect(): void {
    this.wantsConnection = false;
    if (this.network) this.network.part.disconnect();
    else if (this.options.board.parts.session.kind !== 'stopped') this.showIdle();
  }

  /** Whether it is about to be closed. */
  isInterrupted(): boolean {
    return this.abort.signal.aborted;
  }

  /** Ends waits for the network, so that `close` can follow at once. */
  interrupt(): void {
    this.abort.abort(new ServiceError('cancelled', 'The connection is being closed.'));
    if (this.lookAgain) clearTimeout(this.lookAgain);
    this.lookAgain = null;
  }

  /** Ends everything, last opened first. */
  async close(isAbandoned: boolean): Promise<void> {
    this.interrupt();
    await this.closeNetwork();
    const { online } = this;
    this.online = null;
    await online?.close();
    await this.storage.close(isAbandoned);
    this.options.notices.clear(NAMELESS_NOTICE);
  }

  /** Ends the socket and the polls before a sign-out takes their token away. */
  async closeNetwork(): Promise<void> {
    const { network } = this;
    this.network = null;
    await network?.part.close();
  }

  private async reconcileNetwork(
    settings: Settings,
    { person, key: personKey }: Extract<Identity, { kind: 'known' }>,
  ): Promise<void> {
    const { online } = this;
    if (!online) return;
    const { endpoints, account, helix, memory } = online;
    // Twitch takes the keepalive timeout with the connection only.
    const key = JSON.stringify([personKey, settings.keepaliveTimeoutSeconds]);
    const scopes = scopesOf(account.account.getStatus(), endpoints);
    if (this.network?.key === key) {
      this.network.part.setScopes(scopes);
      this.inBackground('A subscription could not be changed.', this.network.part.applySettings(settings));
      return;
    }
    await this.closeNetwork();
    this.options.board.set({ channel: person.channel });
    const isNameless = endpoints.authUrl === null && !account.account.getTokens();
    this.network = {
      key,
      part: openNetwork({
        identity: {
          userId: person.userId,
          channelId: person.channel.id,
          clientId: person.clientId,
          // A server without OAuth is given a token that means nothing, because the calls must have one.
          getAccessToken: isNameless ? () => Promise.resolve('none') : () => account.account.getAccessToken(),
          renewAccessToken: refused => account.account.renewAccessToken(refused),
          grantedScopes: scopes,
        },
        endpoints,
        settings,
        helix,
        recorder: this.storage.data,
        sessionMemory: memory,
        board: this.options.board,
        logger: this.options.logger,
        onEvent: notification => this.storage.recorder.add(notification),
        onScopeDoubt: () =>
          this.inBackground('The token could not be checked.', account.account.validateNow()),
      }),
    };
    if (this.wantsConnection) this.network.part.connect();
    else this.network.part.disconnect();
  }

  /** How it goes shows in the status; the queue must not wait for a server or a disk. */
  private inBackground(failure: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.options.logger.warn(failure, error));
  }

  private planToLookAgain(settings: Settings, message: string): void {
    const delayMs = LOOK_AGAIN_MS[Math.min(this.lookedInVain, LOOK_AGAIN_MS.length - 1)] ?? 60_000;
    this.lookedInVain += 1;
    if (this.lookAgain) clearTimeout(this.lookAgain);
    this.lookAgain = setTimeout(this.options.onReconcileDue, delayMs);
    const retryAt = new Date(Date.now() + delayMs).toISOString();
    this.showNoNetwork(
      settings,
      { kind: 'waiting', attempt: this.lookedInVain, retryAt, cause: { kind: 'unreachable', message } },
      'signedOut',
    );
  }

  private showAccount(settings: Settings, found: Identity): void {
    const { board, notices } = this.options;
    if (!this.online) return;
    const { endpoints, account } = this.online;
    const isNameless = endpoints.authUrl === null && !account.account.getTokens() && found.kind === 'known';
    if (isNameless) {
      const { userId } = found.person;
      board.set({ account: { kind: 'signedIn', userId, login: userId, scopes: [], canRefresh: false } });
    } else {
      const { session } = board.parts;
      // What the old sign-in came to is no news of the new one.
      const isOver = found.kind === 'known' && this.network === null && session.kind === 'stopped';
      board.set({
        account: account.account.getStatus(),
        ...(isOver ? { session: { kind: 'idle', reason: 'notStarted' } } : {}),
      });
    }
    if (isNameless && settings.channel === '') {
      notices.set({
        id: NAMELESS_NOTICE,
        severity: 'info',
        message: 'eventsub.channel is empty, so subscriptions are made for the user id {0}.',
        args: [NAMELESS_USER],
        action: 'openSettings',
      });
    } else {
      notices.clear(NAMELESS_NOTICE);
    }
  }

  private showNoNetwork(
    settings: Settings,
    session: SessionState,
    why: Extract<Identity, { kind: 'none' }>['pollsOff'],
  ): void {
    const first = makeFirstParts(settings);
    const hasHelix = this.online !== null && this.online.helix !== null;
    this.options.board.set({
      session,
      channel: null,
      subscriptions: first.subscriptions,
      polls: POLL_KINDS.map((kind, index) => ({
        kind,
        pace: 'fallback',
        intervalMs: first.polls[index]?.intervalMs ?? 0,
        last: null,
        state: { kind: 'off', why: hasHelix ? why : 'noHelix' },
      })),
    });
  }

  private showIdle(): void {
    const { board } = this.options;
    if (board.parts.account.kind !== 'signedOut') {
      board.set({ session: { kind: 'idle', reason: 'disconnected' } });
    }
  }

  private showBadServer(): void {
    this.options.board.set({
      session: {
        kind: 'stopped',
        reason: {
          kind: 'badSetting',
          setting: 'eventsub.customServer',
          message: 'It does not name a server that can be used.',
        },
        since: new Date().toISOString(),
      },
    });
  }
}
