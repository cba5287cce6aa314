import { EVENT_TYPES, scopesFor, type EventType } from '../shared/catalogue';
import type { EventCursor, EventFilter, EventPage, StatisticsRange } from '../shared/events';
import {
  ServiceError,
  type Credentials,
  type Disposable,
  type EventSubService,
  type ExportRequest,
  type ServicePushes,
  type SimulateRequest,
  type Snapshot,
} from '../shared/service';
import { MAX_PAGE_ROWS } from '../shared/service-schemas';
import type { Settings } from '../shared/settings';
import { requireClientId, type AccountPart } from './account-part';
import { createJobRegistry, type JobRegistry } from './job-registry';
import { createExportListeners, runExport, runRefresh, runSimulation } from './leader-jobs';
import type { LeaderService, LeaderServiceOptions } from './leader-contract';
import { createLifecycleQueue } from './lifecycle-queue';
import { createNoticeList, deriveProblems, type NoticeList } from './problem-list';
import { serverKey } from './server-endpoints';
import { ServerSession } from './server-session';
import { describeServer, makeFirstParts } from './first-status';
import { createStatusBoard, type StatusBoard } from './status-board';

/** Makes the leading window's service and begins at once. */
export function createLeaderService(options: LeaderServiceOptions): LeaderService {
  return new ServiceOfLeader(options);
}

class ServiceOfLeader implements LeaderService {
  private readonly observers = new Set<Partial<ServicePushes>>();
  /** Whatever opens or closes goes through it: a change in the middle of another must not leave two sockets. */
  private readonly queue = createLifecycleQueue();
  private readonly notices: NoticeList = createNoticeList(() => this.board.refresh());
  private readonly exports = createExportListeners();
  private readonly jobs: JobRegistry;
  private readonly board: StatusBoard;
  private settings: Settings;
  private session: ServerSession;
  private sequence = 0;
  private reconciling: Promise<void> | null = null;
  private disposal: Promise<void> | null = null;

  constructor(private readonly options: LeaderServiceOptions) {
    this.settings = options.settings;
    this.jobs = createJobRegistry(job => this.tell(observer => observer.jobChanged?.(job)));
    this.board = createStatusBoard({
      epoch: options.epoch,
      parts: makeFirstParts(options.settings),
      problemsOf: parts => [...this.notices.list(), ...deriveProblems(parts)],
      onChange: status => this.tell(observer => observer.statusChanged?.(status)),
    });
    const session = this.makeSession(options.wantsConnection ?? this.settings.connectOnStartup);
    this.session = session;
    this.inBackground(this.queue.run(() => session.open()));
    this.inBackground(this.reconcile());
  }

  observe(observer: Partial<ServicePushes>): Disposable {
    this.observers.add(observer);
    return { dispose: () => void this.observers.delete(observer) };
  }

  setSettings(settings: Settings): void {
    const isOtherServer = serverKey(settings) !== serverKey(this.settings);
    this.settings = settings;
    if (isOtherServer) {
      // What still waits for the old server's answers must not hold up the new one.
      this.session.interrupt();
      this.inBackground(this.queue.run(() => this.switchServer()));
    }
    this.inBackground(this.reconcile());
  }

  adopt(credentials: Credentials): void {
    this.inBackground(
      this.queue.run(async () => {
        const part = this.session.accountPart;
        if (part && credentials.issuer === this.session.endpoints?.issuer)
          await part.account.adopt(credentials);
      }),
    );
  }

  getStatus(): ReturnType<EventSubService['getStatus']> {
    return Promise.resolve(this.board.current());
  }

  async getSnapshot(filter: EventFilter, limit: number): Promise<Snapshot> {
    const { storage } = this.session;
    // Before the page is read: what is told after this number may be on the page already, but is never missing.
    const { sequence } = this;
    const page = await this.firstPage(filter, limit);
    return { status: this.board.current(), page, sequence, readUpTo: storage.readUpTo() };
  }

  async connect(): Promise<void> {
    await this.settled();
    const { account } = this.board.parts;
    this.session.connect();
    if (account.kind === 'expired') throw new ServiceError('expired', 'The sign-in is not valid any more.');
    if (account.kind === 'signedOut' && !this.session.networkPart) {
      throw new ServiceError('signedOut', 'Nobody is signed in yet.');
    }
  }

  async disconnect(): Promise<void> {
    await this.settled();
    this.session.disconnect();
  }

  async refresh(): Promise<string> {
    // Wait for what is being opened, so that right after a start it does not seem that nobody is signed in.
    await this.settled();
    const network = this.session.networkPart;
    if (!network) throw new ServiceError('signedOut', 'Nobody is signed in, so there is nothing to poll.');
    return this.jobs.start('refresh', context => runRefresh(network, context));
  }

  subscribe(type: EventType): Promise<void> {
    return this.choose(type, true);
  }

  unsubscribe(type: EventType): Promise<void> {
    return this.choose(type, false);
  }

  async retry(type: EventType | null): Promise<void> {
    await this.settled();
    const network = this.session.networkPart;
    if (network) network.retry(type);
    else await this.reconcile();
  }

  async signIn(): Promise<string> {
    await this.settled();
    const part = this.requireAccount();
    const { simulator, endpoints } = this.session;
    if (endpoints?.authUrl === null) {
      throw new ServiceError('notAvailable', 'This server offers no sign-in; use an access token instead.');
    }
    const own = simulator ? simulator.issueToken().clientId : '';
    const clientId = requireClientId(this.settings.clientId || own);
    const scopes = scopesFor(this.settings.events);
    return this.jobs.start('signIn', async ({ signal, report }) => {
      await part.replacing(() => part.account.signInWithDevice({ clientId, scopes, report, signal }));
      await this.signedIn();
      return { message: part.account.getTokens()?.login ?? '', count: 0 };
    });
  }

  async signInWithToken(clientId: string, accessToken: string): Promise<void> {
    await this.settled();
    const part = this.requireAccount();
    const owner = { userId: this.settings.channel, login: this.settings.channel };
    await part.replacing(() => part.account.signInWithToken(clientId, accessToken, owner));
    await this.signedIn();
  }

  async signOut(): Promise<void> {
    await this.queue.run(async () => {
      const part = this.session.accountPart;
      if (!part) return;
      // First what uses the token, then the token.
      await this.session.closeNetwork();
      await part.account.signOut();
    });
    await this.reconcile();
  }

  async markRead(upTo: number): Promise<void> {
    await this.session.storage.markRead(upTo);
  }

  async queryEvents(
    filter: EventFilter,
    cursor: EventCursor | null,
    limit: number,
    searchId: string | null,
  ): Promise<EventPage> {
    return await this.session.storage.data.queryEvents(filter, cursor, checkLimit(limit), searchId);
  }

  async cancelSearch(searchId: string): Promise<void> {
    await this.session.storage.data.cancelSearch(searchId);
  }

  async getEvent(id: number): ReturnType<EventSubService['getEvent']> {
    return await this.session.storage.data.getEvent(id);
  }

  async getViewer(id: string): ReturnType<EventSubService['getViewer']> {
    return await this.session.storage.data.getViewer(id);
  }

  async getStatistics(range: StatisticsRange): ReturnType<EventSubService['getStatistics']> {
    return await this.session.storage.data.getStatistics(range);
  }

  exportEvents(request: ExportRequest): Promise<string> {
    const { data } = this.session.storage;
    return Promise.resolve(
      this.jobs.start('export', context => runExport(data, this.exports, request, context)),
    );
  }

  async simulate(request: SimulateRequest): Promise<string> {
    await this.settled();
    const { simulator } = this.session;
    if (!simulator) throw new ServiceError('notAvailable', 'Only the simulator can simulate events.');
    return this.jobs.start('simulate', context => runSimulation(simulator, request, context));
  }

  cancelJob(id: string): Promise<void> {
    this.jobs.cancel(id);
    return Promise.resolve();
  }

  dispose(isAbandoned: boolean): Promise<void> {
    this.disposal ??= this.end(isAbandoned);
    return this.disposal;
  }

  private async end(isAbandoned: boolean): Promise<void> {
    // How things look while they end is nobody's status: who leads next goes on from the one before.
    this.board.dispose();
    this.session.interrupt();
    await this.jobs.cancelAll();
    await this.queue.run(() => this.session.close(isAbandoned));
    this.observers.clear();
  }

  private makeSession(wantsConnection: boolean): ServerSession {
    const session: ServerSession = new ServerSession({
      ...this.options,
      settings: this.settings,
      board: this.board,
      notices: this.notices,
      wantsConnection,
      onRecorded: batch => {
        // What an old server's database still has to say belongs to nobody's feed.
        if (session !== this.session) return;
        const after = this.sequence;
        this.sequence += 1;
        const place = { epoch: this.options.epoch, after, sequence: this.sequence };
        this.tell(observer => observer.eventsRecorded?.({ ...place, ...batch }));
      },
      onExportProgress: (id, done, total) => this.exports.tell(id, done, total),
      onReconcileDue: () => this.inBackground(this.reconcile()),
    });
    return session;
  }

  private async switchServer(): Promise<void> {
    if (this.disposal) return;
    // Several changes in a row: the first switch went to what was wanted last.
    if (this.session.key === serverKey(this.settings) && !this.session.isInterrupted()) return;
    await this.jobs.cancelAll();
    await this.session.close(false);
    const { counters } = this.board.parts;
    this.board.set({ ...makeFirstParts(this.settings), counters });
    this.session = this.makeSession(true);
    // A feed of another server begins anew: a jump in the sequence asks for a snapshot.
    this.sequence += 1;
    await this.session.open();
    await this.session.reconcile(this.settings);
  }

  /** Plans one `reconcile`; what asks for it meanwhile is served by the same. */
  private reconcile(): Promise<void> {
    this.reconciling ??= this.queue.run(async () => {
      this.reconciling = null;
      if (this.disposal) return;
      this.board.set({ server: describeServer(this.settings) });
      await this.session.reconcile(this.settings);
    });
    return this.reconciling;
  }

  /** Resolves when what is being opened or closed at this moment has been. */
  private settled(): Promise<void> {
    return this.queue.run(() => Promise.resolve());
  }

  private async choose(type: EventType, isChosen: boolean): Promise<void> {
    const chosen = EVENT_TYPES.filter(each =>
      each === type ? isChosen : this.settings.events.includes(each),
    );
    this.settings = { ...this.settings, events: chosen };
    await this.reconcile();
  }

  private async signedIn(): Promise<void> {
    await this.settled();
    this.session.connect();
    await this.reconcile();
  }

  private async firstPage(filter: EventFilter, limit: number): Promise<EventPage> {
    try {
      return await this.queryEvents(filter, null, limit, null);
    } catch (error: unknown) {
      // The status says what is wrong with the database; the rest of the picture is still worth showing.
      if (this.board.parts.storage.kind !== 'failed') throw error;
      return { events: [], next: null };
    }
  }

  private requireAccount(): AccountPart {
    const part = this.session.accountPart;
    if (!part) throw new ServiceError('notAvailable', 'The server in the settings cannot be used.');
    return part;
  }

  private tell(say: (observer: Partial<ServicePushes>) => void): void {
    for (const observer of [...this.observers]) {
      try {
        say(observer);
      } catch (error: unknown) {
        this.options.logger.error('A view could not take what it was told.', error);
      }
    }
  }

  private inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.options.logger.error('A change of the connection failed.', error));
  }
}

function checkLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE_ROWS) return limit;
  throw new ServiceError('badRequest', `A page has 1 to ${MAX_PAGE_ROWS} events.`);
}
