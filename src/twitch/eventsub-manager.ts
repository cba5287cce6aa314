import { assertNever } from '../shared/assert-never';
import type { EventType } from '../shared/catalogue';
import type { Disposable, Logger } from '../shared/service';
import type { Cause } from '../shared/session-state';
import { checkServerUrl } from '../shared/settings';
import { SYSTEM_CLOCK, type Clock } from './clock';
import { createHttpTransport, type HttpTransport } from './http-send';
import { withKeepalive } from './event-socket';
import { ManagerEmitter } from './manager-emitter';
import { ServerClock } from './server-clock';
import { initialState } from './session-steps';
import { nextDeadline, reduce } from './session-reducer';
import { SessionTimer } from './session-timer';
import {
  DEFAULT_TIMINGS,
  type Effect,
  type Input,
  type ManagerState,
  type ManagerTimings,
} from './session-types';
import { hasEnded, showSession } from './session-view';
import { SocketRack } from './socket-rack';
import { StatusPulse } from './status-pulse';
import { createKeeper } from './create-keeper';
import type { SubscriptionKeeper } from './subscription-keeper';
import type {
  EventSubManagerPort,
  ManagerEvents,
  ManagerIdentity,
  ManagerStatus,
  ServerEndpoints,
} from './twitch-ports';

/** Remembers, also across restarts, the ids of sessions that this installation held; the newest are enough. */
export interface SessionMemory {
  list(): readonly string[];
  remember(sessionId: string): void;
}

/** What a manager is made of. */
export interface EventSubManagerOptions {
  endpoints: ServerEndpoints;
  /** 10 to 600. */
  keepaliveTimeoutSeconds: number;
  /** The chosen types at the start; `subscribe` and `unsubscribe` change them. */
  events: readonly EventType[];
  logger: Logger;
  clock?: Clock;
  /** As `Math.random`: decides how long a retry waits. */
  random?: () => number;
  /** Absent: only the sessions of this manager's own life are known as ours. */
  sessionMemory?: SessionMemory;
  /** Other durations than Twitch's, for tests and servers that ask for them. */
  timings?: Partial<ManagerTimings>;
}

/**
 * Makes the one EventSub session of a window (Twitch, "Handling WebSocket Events"). It does nothing until
 * `initialize` and `connect`; `destroy` ends every socket, request and timer of it.
 */
export function createEventSubManager(options: EventSubManagerOptions): EventSubManagerPort {
  return new EventSubManager(options);
}

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

/** Carries out what the reducer decides. */
class EventSubManager implements EventSubManagerPort {
  readonly #options: EventSubManagerOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #emitter: ManagerEmitter;
  readonly #timer: SessionTimer;
  readonly #transport: HttpTransport;
  readonly #keeper: SubscriptionKeeper;
  readonly #rack: SocketRack;
  readonly #pulse: StatusPulse;
  readonly #serverClock = new ServerClock();
  readonly #heldHere = new Set<string>();
  readonly #counters = { notifications: 0, keepalives: 0, badFrames: 0, unknownMessages: 0, reconnects: 0 };
  readonly #inputs: Input[] = [];
  #state: ManagerState;
  #identity: ManagerIdentity | null = null;
  #isReducing = false;
  #isDestroyed = false;

  constructor(options: EventSubManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#random = options.random ?? Math.random;
    this.#logger = options.logger;
    const timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.#state = initialState(timings, options.keepaliveTimeoutSeconds * 1000);
    this.#emitter = new ManagerEmitter(this.#logger);
    this.#pulse = new StatusPulse(this.#clock, () => this.#emitter.emit('status', this.getStatus()));
    this.#timer = new SessionTimer(this.#clock, {
      tick: () => this.#dispatch({ kind: 'tick' }),
      jumped: lastGoodMonoMs => this.#dispatch({ kind: 'clockJumped', lastGoodMonoMs }),
    });
    this.#transport = createHttpTransport({ clock: this.#clock, isKeptAlive: false });
    this.#rack = this.#makeRack(timings);
    this.#keeper = this.#makeKeeper(timings);
  }

  initialize(identity: ManagerIdentity): void {
    const before = this.#identity;
    this.#identity = identity;
    if (this.#isDestroyed || before === null) {
      this.#pulse.changed();
      return;
    }
    const isSame =
      before.userId === identity.userId &&
      before.channelId === identity.channelId &&
      before.clientId === identity.clientId;
    if (isSame) {
      this.#keeper.retryMissingScopes();
      return;
    }
    const wasWanted = this.#state.session.kind !== 'idle';
    this.#dispatch({ kind: 'disconnect', reason: 'notStarted' });
    this.#keeper.reset();
    if (wasWanted) this.connect();
  }

  connect(): void {
    this.#begin({ kind: 'connect' });
  }

  disconnect(): void {
    if (!this.#isDestroyed) this.#dispatch({ kind: 'disconnect', reason: 'disconnected' });
  }

  async subscribe(type: EventType): Promise<void> {
    if (this.#isDestroyed) return;
    const answered = this.#keeper.subscribe(type);
    if (this.#state.session.kind === 'stopped') this.connect();
    await answered;
  }

  async unsubscribe(type: EventType): Promise<void> {
    if (this.#isDestroyed) return;
    const removed = this.#keeper.unsubscribe(type);
    if (!this.#keeper.hasChosen && this.#state.session.kind !== 'idle') {
      this.#dispatch({ kind: 'stop', reason: { kind: 'nothingChosen' } });
    }
    await removed;
  }

  retry(type: EventType | null): void {
    if (this.#isDestroyed) return;
    const { kind } = this.#state.session;
    if (kind === 'stopped' || (type === null && kind === 'waiting')) this.#begin({ kind: 'retryNow' });
    else if (type !== null) this.#keeper.retry(type);
  }

  getStatus(): ManagerStatus {
    return {
      session: showSession(this.#state),
      subscriptions: this.#keeper.getStatuses(),
      counters: { ...this.#counters },
    };
  }

  on<K extends keyof ManagerEvents>(event: K, listener: ManagerEvents[K]): Disposable {
    return this.#emitter.on(event, listener);
  }

  async destroy(): Promise<void> {
    if (!this.#isDestroyed) {
      this.#isDestroyed = true;
      // A listener may call this in the midst of an input; what waits for its turn is not begun any more.
      this.#inputs.length = 0;
      this.#dispatch({ kind: 'disconnect', reason: 'disconnected' });
      this.#emitter.clear();
      this.#timer.dispose();
      this.#pulse.dispose();
      this.#keeper.dispose();
      this.#transport.dispose();
    }
    await Promise.resolve().then(() => this.#rack.ended());
  }

  /** Opens a session if one can be opened at all; else says why not. */
  #begin(input: Extract<Input, { kind: 'connect' | 'retryNow' }>): void {
    const { session } = this.#state;
    if (this.#isDestroyed || !['idle', 'stopped', 'waiting'].includes(session.kind)) return;
    const refuse = (reason: Extract<Input, { kind: 'stop' }>['reason']): void =>
      this.#dispatch({ kind: 'stop', reason });
    const problem = checkServerUrl(this.#options.endpoints.websocketUrl, ['wss:', 'ws:']);
    if (problem !== null) {
      const message = `The address of the socket cannot be used (${problem}).`;
      refuse({ kind: 'badSetting', setting: 'eventsub.customServer', message });
    } else if (this.#identity === null) refuse({ kind: 'noToken' });
    else if (!this.#keeper.hasChosen) refuse({ kind: 'nothingChosen' });
    else this.#dispatch(input);
  }

  /** Inputs that come while another is carried out wait for their turn. */
  #dispatch(input: Input): void {
    if (this.#isDestroyed && input.kind !== 'disconnect') return;
    this.#inputs.push(input);
    if (this.#isReducing) return;
    this.#isReducing = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#isReducing = false;
    }
  }

  #step(input: Input): void {
    const before = this.#state;
    const now = { wallMs: this.#clock.now(), monoMs: this.#clock.monotonic(), random: this.#random() };
    const { state, effects } = reduce(before, input, now);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#timer.aim(nextDeadline(state));
    const isBeat = input.kind === 'frame' || input.kind === 'badFrame';
    if (isBeat && state.session.kind === before.session.kind) {
      this.#pulse.beat();
      return;
    }
    this.#tellChange(before, state, input);
  }

  #tellChange(before: ManagerState, after: ManagerState, input: Input): void {
    if (before.session === after.session) return;
    const [was, is] = [showSession(before), showSession(after)];
    if (was.kind !== is.kind) this.#logger.info(`session: ${was.kind} → ${is.kind} (${input.kind})`);
    this.#pulse.changed();
    if (hasEnded(was, is)) this.#emitter.emit('disconnected', is);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'openSocket':
        this.#open(effect);
        return;
      case 'closeSocket':
        this.#rack.close(effect.generation, effect.manner);
        return;
      case 'subscribeAll':
        this.#rack.name(effect.generation, effect.sessionId);
        this.#remember(effect.sessionId);
        this.#keeper.start(effect.generation, effect.sessionId);
        return;
      case 'moveSubscriptions':
        this.#rack.name(effect.generation, effect.sessionId);
        this.#remember(effect.sessionId);
        this.#keeper.move(effect.generation, effect.sessionId);
        return;
      case 'loseSubscriptions':
        this.#keeper.lose();
        return;
      case 'ready':
        this.#emitter.emit('ready');
        return;
      case 'gapClosed':
        this.#emitter.emit('gapClosed');
        return;
      case 'report':
        this.#report(effect.error, effect.message);
        return;
      default:
        assertNever(effect);
    }
  }

  #open({ generation, url }: Of<'openSocket'>): void {
    const { endpoints, keepaliveTimeoutSeconds } = this.#options;
    this.#rack.open(generation, url ?? withKeepalive(endpoints.websocketUrl, keepaliveTimeoutSeconds));
    // A token that has to be renewed first would cost time that the subscriptions need.
    if (url === null) void this.#askForToken();
  }

  async #askForToken(): Promise<void> {
    try {
      const identity = this.#identity;
      const token = await identity?.getAccessToken();
      if (token === null && identity === this.#identity) {
        if (this.#state.session.kind === 'opening')
          this.#dispatch({ kind: 'stop', reason: { kind: 'noToken' } });
      }
    } catch (error: unknown) {
      this.#logger.debug('The access token cannot be had yet.', error);
    }
  }

  #remember(sessionId: string): void {
    if (this.#heldHere.size > 0) this.#counters.reconnects++;
    this.#heldHere.add(sessionId);
    this.#options.sessionMemory?.remember(sessionId);
  }

  #report(kind: string, message: string): void {
    this.#logger.warn(`${kind}: ${message}`);
    this.#emitter.emit('error', { kind, message });
  }

  #makeRack(timings: ManagerTimings): SocketRack {
    return new SocketRack({
      clock: this.#clock,
      serverClock: this.#serverClock,
      configuredUrl: this.#options.endpoints.websocketUrl,
      handshakeMs: timings.handshakeMs,
      counters: this.#counters,
      logger: this.#logger,
      listener: {
        input: input => this.#dispatch(input),
        event: notification => this.#emitter.emit('event', notification),
        revoked: (id, type, status) => this.#keeper.revoke(id, type, status),
        closed: (generation, cause) => this.#closed(generation, cause),
        report: (kind, message) => this.#report(kind, message),
      },
    });
  }

  #closed(generation: number, cause: Cause): void {
    const isRefused = this.#keeper.isEverythingRefused;
    this.#dispatch({ kind: 'closed', generation, cause, isRefused });
  }

  #makeKeeper(timings: ManagerTimings): SubscriptionKeeper {
    const { endpoints, events, sessionMemory } = this.#options;
    return createKeeper({
      url: endpoints.subscriptionsUrl,
      send: this.#transport.send,
      logger: this.#logger,
      sessions: () => ({
        open: this.#rack.openSessions(),
        held: new Set([...this.#heldHere, ...(sessionMemory?.list() ?? [])]),
      }),
      identity: () => this.#identity,
      chosen: events,
      subscribeWindowMs: timings.subscribeWindowMs,
      backoff: timings.backoff,
      clock: this.#clock,
      random: this.#random,
      listener: {
        changed: () => this.#pulse.changed(),
        answered: (generation, outcome) => this.#dispatch({ kind: 'answered', generation, outcome }),
        conflict: generation => this.#dispatch({ kind: 'conflict', generation }),
        cameLate: () => this.#emitter.emit('gapClosed'),
        report: (kind, message) => this.#report(kind, message),
      },
    });
  }
}
