import { assertNever } from '../shared/assert-never';
import { buildCondition, CATALOGUE, EVENT_TYPES, type EventType } from '../shared/catalogue';
import type { SubscriptionState, SubscriptionStatus } from '../shared/session-state';
import { createAborter } from './alarm';
import { backoffMs } from './backoff';
import type { KeeperOptions } from './keeper-ports';
import type { SubscribeOutcome } from './session-types';
import type { AttemptResult } from './subscription-attempt';
import { createWithinWindow, TypeQueue, type KeptSession } from './subscription-creation';
import {
  createEntries,
  EarlyRevocations,
  endRun,
  knownObstacle,
  lacksPermission,
  missingScope,
  outcomeOf,
  type Entry,
} from './subscription-entry';
import { removeSubscription } from './subscription-removal';
import type { NewSubscription } from './subscriptions-client';
import type { ManagerIdentity } from './twitch-ports';

/** Holds the chosen types subscribed on the session of the moment, each with its own result. */
export class SubscriptionKeeper {
  readonly #options: KeeperOptions;
  readonly #chosen: Set<EventType>;
  readonly #entries: Map<EventType, Entry>;
  readonly #earlyRevocations = new EarlyRevocations();
  readonly #removals = createAborter();
  #session: KeptSession | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#chosen = new Set(options.chosen);
    this.#entries = createEntries(this.#chosen);
  }

  get hasChosen(): boolean {
    return this.#chosen.size > 0;
  }

  /** Whether every chosen type of the present session was refused for good. */
  get isEverythingRefused(): boolean {
    return this.#session?.hasAnswered === true && this.#outcome().kind === 'stop';
  }

  getStatuses(): SubscriptionStatus[] {
    const identity = this.#options.identity();
    return EVENT_TYPES.map(type => ({
      type,
      state: this.#entry(type).state,
      version: CATALOGUE[type].version,
      condition: identity ? buildCondition(type, identity) : {},
    }));
  }

  /** A fresh session: everything that is chosen is subscribed to, in parallel. */
  start(generation: number, sessionId: string): void {
    this.lose();
    this.#session = {
      generation,
      sessionId,
      windowEndsMonoMs: this.#options.clock.monotonic() + this.#options.subscribeWindowMs,
      aborter: createAborter(),
      queue: new TypeQueue(),
      hasConflict: false,
      hasAnswered: false,
    };
    // All are under way before the first can have its answer.
    for (const type of this.#chosen) this.#set(this.#entry(type), { kind: 'pending' });
    for (const type of this.#chosen) void this.#establish(type, this.#session);
    this.#evaluate();
  }

  /** The session goes on under another socket; only what has no lasting answer yet is tried there. */
  move(generation: number, sessionId: string): void {
    const session = this.#session;
    if (!session) {
      this.start(generation, sessionId);
      return;
    }
    session.generation = generation;
    session.sessionId = sessionId;
    for (const type of this.#chosen) {
      const { state, isPassing } = this.#entry(type);
      if (state.kind === 'pending' || isPassing) void this.#establish(type, session);
    }
    this.#evaluate();
  }

  /** The session is gone. What was refused for good keeps its reason until the next. */
  lose(): void {
    this.#session?.aborter.abort();
    this.#session = null;
    this.#earlyRevocations.clear();
    for (const [type, entry] of this.#entries) {
      const isOver = entry.state.kind === 'live' || entry.state.kind === 'subscribing' || entry.isPassing;
      endRun(entry);
      entry.failures = 0;
      if (isOver && this.#chosen.has(type)) this.#set(entry, { kind: 'pending' });
    }
  }

  /** Forgets every reason, as for another identity. */
  reset(): void {
    this.lose();
    for (const [type, entry] of this.#entries) {
      this.#set(entry, { kind: this.#chosen.has(type) ? 'pending' : 'off' });
    }
  }

  /** Chooses a type. Resolves when it has its answer, at once where there is no session. */
  async subscribe(type: EventType): Promise<void> {
    this.#chosen.add(type);
    const entry = this.#entry(type);
    if (entry.state.kind === 'off') this.#set(entry, { kind: 'pending' });
    if (this.#session && entry.state.kind !== 'live' && entry.state.kind !== 'subscribing') {
      await this.#establish(type, this.#session);
    }
  }

  /** Tries a type again now, whatever became of it. */
  retry(type: EventType): void {
    const entry = this.#entry(type);
    if (!this.#session || !this.#chosen.has(type)) return;
    if (entry.state.kind !== 'live' && entry.state.kind !== 'subscribing') {
      void this.#establish(type, this.#session);
    }
  }

  /** Tries again what was refused for want of a permission, or says which is missing for what was revoked. */
  retryMissingScopes(): void {
    for (const [type, { state }] of this.#entries) {
      if (lacksPermission(state)) this.retry(type);
    }
  }

  /** Lets a type go: its subscription is deleted at the server. Resolves when that is done or has failed. */
  async unsubscribe(type: EventType): Promise<void> {
    this.#chosen.delete(type);
    const entry = this.#entry(type);
    const { id, state } = entry;
    const session = this.#session;
    endRun(entry);
    this.#set(entry, { kind: 'off' });
    if (this.hasChosen) this.#evaluate();
    if (session && state.kind === 'live')
      await session.queue.run(type, () => this.#remove(type, id, session));
  }

  /** Twitch took a subscription back; final for that subscription. */
  revoke(id: string, type: string, status: string): void {
    // A server that answered a creation without an id can only mean the type.
    const found =
      [...this.#entries].find(([, entry]) => entry.id === id) ??
      [...this.#entries].find(([each, { id: known, state }]) => {
        return each === type && known === null && state.kind === 'live';
      });
    if (!found) {
      // The answer to its creation may still be on its way.
      this.#earlyRevocations.add(id, status);
      return;
    }
    this.#options.listener.report('revoked', `Twitch revoked ${type}: ${status}.`);
    const [, entry] = found;
    this.#setRevoked(entry, status);
    this.#evaluate();
  }

  dispose(): void {
    this.lose();
    this.#removals.abort();
  }

  #entry(type: EventType): Entry {
    const entry = this.#entries.get(type);
    if (!entry) throw new Error(`No entry for ${type}`);
    return entry;
  }

  #set(entry: Entry, state: SubscriptionState): void {
    entry.state = state;
    this.#options.listener.changed();
  }

  #setRevoked(entry: Entry, status: string): void {
    endRun(entry);
    this.#set(entry, { kind: 'revoked', status, at: new Date(this.#options.clock.now()).toISOString() });
  }

  async #establish(type: EventType, session: KeptSession): Promise<void> {
    const identity = this.#options.identity();
    const entry = this.#entry(type);
    entry.retry?.dispose();
    entry.retry = null;
    entry.isPassing = false;
    const run = ++entry.run;
    if (!identity) return;
    const obstacle = knownObstacle(type, identity);
    if (obstacle) {
      this.#set(entry, obstacle);
      this.#evaluate();
      return;
    }
    this.#set(entry, { kind: 'subscribing' });
    const isWanted = (): boolean => entry.run === run && this.#session === session;
    await session.queue.run(type, async () => {
      if (!isWanted()) return;
      const result = await createWithinWindow(this.#options, this.#describe(type, identity), session, {
        isWanted,
        onConflict: () => this.#noteConflict(session),
      });
      if (isWanted()) this.#settle(type, entry, session, result, identity);
      // On a session that is gone it has died with it.
      else if (result.kind === 'live' && this.#session === session) {
        await this.#remove(type, result.id, session);
      }
    });
  }

  #settle(
    type: EventType,
    entry: Entry,
    session: KeptSession,
    result: AttemptResult,
    identity: ManagerIdentity,
  ): void {
    const { listener, clock } = this.#options;
    switch (result.kind) {
      case 'live': {
        const revokedAs = this.#earlyRevocations.statusOf(result.id);
        if (revokedAs !== null) {
          this.#setRevoked(entry, revokedAs);
          break;
        }
        entry.id = result.id;
        entry.failures = 0;
        const since = new Date(clock.now()).toISOString();
        this.#set(entry, { kind: 'live', since, cost: result.cost });
        if (session.hasAnswered) listener.cameLate(type);
        break;
      }
      case 'slotsHeld':
        this.#set(entry, { kind: 'slotsHeld', holders: result.holders, message: result.message });
        listener.report('slotsHeld', `${type}: ${result.message}`);
        break;
      case 'sessionGone':
        this.#set(entry, { kind: 'pending' });
        listener.answered(session.generation, { kind: 'sessionGone' });
        return;
      case 'noToken':
        this.#set(entry, { kind: 'pending' });
        listener.answered(session.generation, { kind: 'stop', reason: { kind: 'noToken' } });
        return;
      case 'unauthorized':
        this.#refuse(type, entry, 401, result.message);
        break;
      case 'transient':
        this.#refuse(type, entry, result.status, result.message, entry.failures > 0);
        this.#retryLater(type, entry, session);
        break;
      case 'refused': {
        const scope = result.status === 403 ? missingScope(type, identity) : null;
        if (scope === null) this.#refuse(type, entry, result.status, result.message);
        else this.#set(entry, { kind: 'missingScope', scope });
        break;
      }
      default:
        assertNever(result);
    }
    this.#evaluate();
  }

  #refuse(type: EventType, entry: Entry, status: number, message: string, isTold = false): void {
    this.#set(entry, { kind: 'refused', status, message });
    if (!isTold) this.#options.listener.report('refused', `${type} was refused (${status}): ${message}`);
  }

  #retryLater(type: EventType, entry: Entry, session: KeptSession): void {
    entry.isPassing = true;
    entry.failures++;
    const delayMs = backoffMs(entry.failures, this.#options.random(), {
      ...this.#options.backoff,
      baseMs: 5 * this.#options.backoff.baseMs,
    });
    entry.retry = this.#options.clock.setTimer(delayMs, () => {
      if (this.#session === session) void this.#establish(type, session);
    });
  }

  #noteConflict(session: KeptSession): void {
    if (session.hasConflict || this.#session !== session) return;
    session.hasConflict = true;
    this.#options.listener.conflict(session.generation);
  }

  /** Tells the outcome once no chosen type is under way. */
  #evaluate(): void {
    const session = this.#session;
    if (!session) return;
    for (const type of this.#chosen) {
      const { kind } = this.#entry(type).state;
      if (kind === 'subscribing' || kind === 'pending') return;
    }
    session.hasAnswered = true;
    this.#options.listener.answered(session.generation, this.#outcome());
  }

  #describe(type: EventType, identity: ManagerIdentity): Omit<NewSubscription, 'sessionId'> {
    return { type, version: CATALOGUE[type].version, condition: buildCondition(type, identity) };
  }

  async #remove(type: EventType, id: string | null, { sessionId }: KeptSession): Promise<void> {
    const identity = this.#options.identity();
    if (!identity) return;
    const wanted = { ...this.#describe(type, identity), sessionId };
    await removeSubscription(wanted, id, this.#options, this.#removals.signal);
  }

  #outcome(): SubscribeOutcome {
    return outcomeOf([...this.#chosen].map(type => this.#entry(type)));
  }
}
