import type { EventFilter } from '../shared/events';
import {
  ServiceError,
  type Disposable,
  type EventSubService,
  type JobStatus,
  type Problem,
  type ServicePushes,
  type ServiceStatus,
  type Snapshot,
} from '../shared/service';
import { forwardService, SERVICE_CALLS, type ServiceMethod } from '../shared/service-methods';
import type { Settings, SettingProblem } from '../shared/settings';
import { createCredentialVault } from './credentials-relay';
import { createLeadership, type Leadership } from './leadership';
import { createStatusFace, type StatusFace } from './status-face';
import type { WindowService, WindowServiceOptions } from './window-contract';
import {
  makeNoFolderProblem,
  MISMATCH,
  MISMATCH_PROBLEM,
  NO_FOLDER,
  NOT_ANSWERING,
  NOT_ANSWERING_PROBLEM,
} from './window-problems';
import { openFollowingPlace, openLeadingPlace, type Place, type PlaceContext } from './window-place';

export type { WindowService, WindowServiceOptions } from './window-contract';

/** How long a call waits for a window to lead: a takeover takes less than two seconds. */
const LEADER_PATIENCE_MS = 15_000;
/** How long the first status waits for the leading window. */
const FIRST_STATUS_MS = 3_000;

/** Makes the window's service; nothing runs before `start`. */
export function createWindowService(options: WindowServiceOptions): WindowService {
  const window = new ServiceOfWindow(options);
  return {
    ...forwardService(
      (method, args) => window.call(method, args) as ReturnType<EventSubService[typeof method]>,
    ),
    getStatus: () => window.getStatus(),
    getSnapshot: (filter, limit) => window.getSnapshot(filter, limit),
    observe: observer => window.observe(observer),
    start: () => window.start(),
    setSettings: (settings, problems) => window.setSettings(settings, problems),
    setFocused: atMs => window.setFocused(atMs),
    isFocusedLast: () => window.isFocusedLast,
    dispose: () => window.dispose(),
  };
}

class ServiceOfWindow {
  isFocusedLast = false;
  private settings: Settings;
  private focusedAtMs = 0;
  private place: Place | null = null;
  private role: 'leader' | 'follower' = 'follower';
  /** Whether another window led before, so that a lead of ours is a takeover. */
  private hasFollowed = false;
  private disposal: Promise<void> | null = null;
  private readonly observers = new Set<Partial<ServicePushes>>();
  private readonly face: StatusFace;
  private readonly leadership: Leadership;
  private readonly context: PlaceContext;
  /** Jobs under way: those of a leader that went away will never tell their end themselves. */
  private readonly jobs = new Map<string, JobStatus>();
  private changed: { promise: Promise<void>; resolve: () => void } = makeSignal();
  private readonly firstStatus = makeSignal();

  constructor(private readonly options: WindowServiceOptions) {
    const { logger } = options;
    this.settings = options.settings;
    this.face = createStatusFace(options.settings, status =>
      this.tell(observer => observer.statusChanged?.(status)),
    );
    this.face.setSettingProblems(options.settingProblems);
    this.context = {
      storageFolder: options.storageFolder,
      bundleFolder: options.bundleFolder,
      extensionVersion: options.extensionVersion,
      vault: createCredentialVault(options.credentials),
      settings: () => this.settings,
      focusedAtMs: () => this.focusedAtMs,
      startSimulator: options.startSimulator,
      logger,
      pushes: {
        statusChanged: status => {
          this.face.update(status, this.role);
          this.firstStatus.resolve();
        },
        eventsRecorded: batch => this.tell(observer => observer.eventsRecorded?.(batch)),
        jobChanged: job => this.jobChanged(job),
      },
      onFocusedLast: isLast => {
        this.isFocusedLast = isLast;
      },
    };
    this.leadership = createLeadership({
      folder: options.storageFolder,
      extensionVersion: options.extensionVersion,
      logger,
      onLead: (epoch, token) => this.lead(epoch, token),
      onFollower: socket => {
        if (this.place && 'accept' in this.place) (this.place as LeadingPlace).accept(socket);
        else socket.destroy();
      },
      onFollow: (_epoch, record, socket) => {
        this.hasFollowed = true;
        this.take(
          'follower',
          openFollowingPlace({
            context: this.context,
            record,
            socket,
            onAnswering: isAnswering => this.show(NOT_ANSWERING, isAnswering ? null : NOT_ANSWERING_PROBLEM),
            onMismatch: () => this.show(MISMATCH, MISMATCH_PROBLEM),
          }),
        );
      },
      onLost: reason => this.leave(reason === 'superseded'),
      onTrouble: error => this.showTrouble(error),
    });
  }

  start(): Promise<void> {
    this.leadership.start();
    return Promise.resolve();
  }

  observe(observer: Partial<ServicePushes>): Disposable {
    this.observers.add(observer);
    return { dispose: () => void this.observers.delete(observer) };
  }

  setSettings(settings: Settings, problems: SettingProblem[]): void {
    this.face.setSettingProblems(problems);
    if (JSON.stringify(settings) === JSON.stringify(this.settings)) return;
    this.settings = settings;
    this.place?.setSettings(settings);
  }

  setFocused(atMs: number): void {
    this.focusedAtMs = Math.max(this.focusedAtMs, atMs);
    this.isFocusedLast = true;
    this.place?.setFocused(atMs);
  }

  async getStatus(): ReturnType<EventSubService['getStatus']> {
    // The face is kept up to date by pushes, so that nobody waits for a leader that does not answer.
    await Promise.race([this.firstStatus.promise, pause(FIRST_STATUS_MS)]);
    return this.face.current();
  }

  async getSnapshot(filter: EventFilter, limit: number): Promise<Snapshot> {
    for (;;) {
      const snapshot = await this.call('getSnapshot', [filter, limit]);
      this.face.update(snapshot.status, this.role);
      const status = this.face.current();
      // Its sequence belongs to its epoch: another window may have taken the lead meanwhile.
      if (status.epoch === snapshot.status.epoch) return { ...snapshot, status };
    }
  }

  /** Carries out a call where the lead is, and again where it went if that does no harm. */
  async call<K extends ServiceMethod>(
    method: K,
    args: Parameters<EventSubService[K]>,
  ): Promise<Awaited<ReturnType<EventSubService[K]>>> {
    const deadline = performance.now() + LEADER_PATIENCE_MS;
    for (;;) {
      const place = await this.waitForPlace(deadline);
      try {
        const service = await this.until(deadline, place.service);
        const carryOut = service[method] as (
          ...given: typeof args
        ) => Promise<Awaited<ReturnType<EventSubService[K]>>>;
        return await carryOut.apply(service, args);
      } catch (error: unknown) {
        const isGone = place.isOver() || place !== this.place;
        if (this.disposal || !isGone) throw error;
        if (!SERVICE_CALLS[method].isRepeatable) {
          throw new ServiceError(
            'notAvailable',
            'The window that led was closed before it answered. Look whether it was done, then try again.',
          );
        }
      }
      // The place that is over may not have been left yet.
      if (place === this.place) await this.until(deadline, this.changed.promise);
    }
  }

  dispose(): Promise<void> {
    this.disposal ??= this.end();
    return this.disposal;
  }

  private async end(): Promise<void> {
    await this.place?.end(false);
    await this.leadership.dispose();
    this.observers.clear();
    this.changed.resolve();
    this.firstStatus.resolve();
  }

  private lead(epoch: number, token: string): void {
    const place = openLeadingPlace({
      context: this.context,
      epoch,
      token,
      before: this.hasFollowed ? { wantsConnection: wasConnectionWanted(this.face.current()) } : null,
      onYield: version => void this.yieldTo(version),
    });
    // Until other windows come and say when they had it.
    this.isFocusedLast = true;
    this.take('leader', place);
  }

  private async yieldTo(version: string): Promise<void> {
    const { place } = this;
    this.options.logger.info(`The lead is handed over to a window of version ${version}.`);
    this.hasFollowed = true;
    await place?.end(false);
    await this.leadership.yieldTo(version);
  }

  private take(role: 'leader' | 'follower', place: Place): void {
    this.role = role;
    this.place = place;
    for (const id of [NOT_ANSWERING, MISMATCH, NO_FOLDER]) this.face.setProblem(id, null);
    this.signalChange();
  }

  private leave(isAbandoned: boolean): void {
    const { place } = this;
    this.place = null;
    place?.end(isAbandoned).catch((error: unknown) => {
      this.options.logger.error('What this window did as the leader did not end in order.', error);
    });
    for (const job of [...this.jobs.values()]) {
      const error = { kind: 'notAvailable' as const, message: 'The window that did this was closed.' };
      this.jobChanged({ ...job, state: { kind: 'failed', error } });
    }
    if (!this.disposal) this.face.setStarting();
    this.signalChange();
  }

  private signalChange(): void {
    const { resolve } = this.changed;
    this.changed = makeSignal();
    resolve();
  }

  private async waitForPlace(deadline: number): Promise<Place> {
    while (!this.place) await this.until(deadline, this.changed.promise);
    return this.place;
  }

  private async until<T>(deadline: number, answer: Promise<T>): Promise<T> {
    if (this.disposal) throw new ServiceError('cancelled', 'This window is closing.');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new ServiceError('timeout', 'No window holds the connection at the moment.')),
        Math.max(0, deadline - performance.now()),
      );
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private jobChanged(job: JobStatus): void {
    if (job.state.kind === 'running' || job.state.kind === 'awaitingUser') this.jobs.set(job.id, job);
    else this.jobs.delete(job.id);
    this.tell(observer => observer.jobChanged?.(job));
  }

  /** A problem is worth a first status, also where nobody leads. */
  private show(id: string, problem: Problem | null): void {
    this.face.setProblem(id, problem);
    if (problem) this.firstStatus.resolve();
  }

  private showTrouble(error: Error): void {
    this.options.logger.error('No window can lead.', error);
    this.show(NO_FOLDER, makeNoFolderProblem(error));
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
}

/** What the person asked of the window that led before; null where it had not come that far. */
function wasConnectionWanted({ session }: ServiceStatus): boolean | null {
  if (session.kind !== 'idle') return true;
  return session.reason === 'disconnected' ? false : null;
}

type LeadingPlace = ReturnType<typeof openLeadingPlace>;

function makeSignal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>(done => {
    resolve = done;
  });
  return { promise, resolve };
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms).unref();
  });
}
