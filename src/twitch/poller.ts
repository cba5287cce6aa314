import type { SweepRecorder } from '../shared/data-service';
import {
  POLL_KINDS,
  ServiceError,
  type Disposable,
  type Logger,
  type PollKind,
  type PollStatus,
} from '../shared/service';
import { createAlarm, whenAborted, type Alarm } from './alarm';
import { SYSTEM_CLOCK, type Clock } from './clock';
import type { HelixClient } from './helix-client';
import { concludeRefresh, PollLane, type PollOutcome } from './poll-lane';
import { chooseLists, intervalOf, type OffState } from './poll-lists';
import { createSlot, unschedule, type Slot } from './poll-slot';
import type { PollerOptions, PollerPort } from './twitch-ports';

/** What a poller is made of. */
export interface PollerParts {
  /** Null: the server has no Helix, and nothing is polled. */
  helix: HelixClient | null;
  recorder: SweepRecorder;
  channelId: string;
  /** Whom the token belongs to. */
  userId: string;
  /** The scopes really granted at this moment; null: unknown, so every list is tried. */
  scopes: () => readonly string[] | null;
  options: PollerOptions;
  logger: Logger;
  clock?: Clock;
  /** As `Math.random`: spreads the polls. */
  random?: () => number;
  /** Helix refused for the lack of a scope, or seems to: a good moment to validate the token. */
  onScopeDoubt?: () => void;
}

/** See `PollerPort`. */
export interface Poller extends PollerPort {
  /** Intervals take effect at the next schedule; a kind that is chosen or left out now begins or stops at once. */
  setOptions(options: PollerOptions): void;
  /** The granted scopes changed: lists that were off for the lack of one are tried again. */
  scopesChanged(): void;
}

/** Makes the poller of one channel. It does nothing until `start`. */
export function createPoller(parts: PollerParts): Poller {
  return new ChannelPoller(parts);
}

/** EventSub may be away for so long before polling takes over: most reconnects are quicker. */
const GRACE_MS = 10_000;
/** A catch-up waits for the lists, which lag the socket by a few seconds. */
const CATCH_UP_DELAY_MS = 5000;
/** Polls come up to a tenth early, never late, so that an interval is a promise. */
const JITTER = 0.1;
const FIRST_RETRY_MS = 60_000;
const PROGRESS_EVERY_MS = 500;

const CANCELLED: PollOutcome = { kind: 'cancelled' };

class ChannelPoller implements Poller {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #slots = new Map<PollKind, Slot>();
  readonly #listeners = new Set<(polls: PollStatus[]) => void>();
  readonly #graceAlarm: Alarm;
  readonly #catchUpAlarm: Alarm;
  #options: PollerOptions;
  #isStarted = false;
  #isLive = false;
  #pace: PollStatus['pace'] = 'fallback';
  #isCatchUpPending = false;
  #progressAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: PollerParts) {
    const { clock = SYSTEM_CLOCK, helix } = parts;
    this.#clock = clock;
    this.#random = parts.random ?? Math.random;
    this.#options = parts.options;
    this.#graceAlarm = createAlarm(clock);
    this.#catchUpAlarm = createAlarm(clock);
    if (!helix) return;
    const onScopeDoubt = (): void => parts.onScopeDoubt?.();
    const onProgress = (): void => this.#emitProgress();
    for (const kind of POLL_KINDS) {
      const lane = new PollLane(kind, { ...parts, helix, clock, onScopeDoubt, onProgress });
      this.#slots.set(kind, createSlot(lane, clock));
    }
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#pace = this.#isLive ? 'reconcile' : 'fallback';
    this.#pollEverything();
    this.#emit();
  }

  setLive(isLive: boolean, options: { isByHand?: boolean } = {}): void {
    if (isLive) {
      this.#graceAlarm.clear();
      if (this.#isLive) return;
      this.#isLive = true;
      this.#setPace('reconcile');
      this.catchUp();
      return;
    }
    const wasLive = this.#isLive;
    this.#isLive = false;
    if (this.#pace === 'fallback') return;
    if (options.isByHand) {
      this.#graceAlarm.clear();
      this.#fallBack();
    } else if (wasLive) this.#graceAlarm.set(GRACE_MS, () => this.#fallBack());
  }

  catchUp(): void {
    if (!this.#isStarted || this.#isCatchUpPending) return;
    this.#isCatchUpPending = true;
    this.#catchUpAlarm.set(CATCH_UP_DELAY_MS, () => {
      this.#isCatchUpPending = false;
      this.#pollEverything();
    });
  }

  async runAll(
    signal: AbortSignal,
    report: (done: number, total: number) => void,
  ): Promise<{ recovered: number }> {
    if (!this.#isStarted) throw new ServiceError('signedOut', 'Sign in before refreshing.');
    const slots = [...this.#slots.values()].filter(slot => this.#whyOff(slot.lane.kind, true) === null);
    let done = 0;
    report(done, slots.length);
    const outcomes = await Promise.all(
      slots.map(async slot => {
        const outcome = await this.#pollFresh(slot, signal);
        report(++done, slots.length);
        return outcome;
      }),
    );
    if (signal.aborted) throw new ServiceError('cancelled', 'The refresh was cancelled.');
    return concludeRefresh(outcomes);
  }

  getStatus(): PollStatus[] {
    return POLL_KINDS.map(kind => {
      const slot = this.#slots.get(kind);
      const { missingScopes } = this.#choose(kind);
      return {
        kind,
        state: this.#stateOf(kind, slot),
        pace: this.#pace,
        intervalMs: this.#intervalOf(kind),
        ...(missingScopes.length > 0 ? { missingScopes } : {}),
        last: slot?.lane.last ?? null,
      };
    });
  }

  on(_event: 'status', listener: (polls: PollStatus[]) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  setOptions(options: PollerOptions): void {
    const before = this.#options;
    this.#options = options;
    for (const [kind, slot] of this.#slots) {
      const isChosen = options.kinds.includes(kind);
      if (!isChosen) this.#halt(slot);
      else if (!before.kinds.includes(kind)) this.#poll(slot);
      else if (slot.nextAt !== null) {
        const leftMs = Date.parse(slot.nextAt) - this.#clock.now();
        if (leftMs > this.#intervalOf(kind)) this.#schedule(slot, this.#intervalOf(kind));
      }
    }
    this.#emit();
  }

  scopesChanged(): void {
    for (const slot of this.#slots.values()) {
      slot.lane.refused.clear();
      slot.lane.isSignedOut = false;
      if (this.#whyOff(slot.lane.kind) !== null) this.#halt(slot);
      else if (slot.isOff || slot.nextAt === null) this.#poll(slot);
    }
    this.#emit();
  }

  async stop(): Promise<void> {
    const wasStarted = this.#isStarted;
    this.#isStarted = false;
    this.#graceAlarm.clear();
    this.#catchUpAlarm.clear();
    this.#isCatchUpPending = false;
    const slots = [...this.#slots.values()];
    for (const slot of slots) this.#halt(slot);
    if (wasStarted) this.#emit();
    await Promise.all(slots.flatMap(slot => slot.lane.running ?? []));
  }

  #fallBack(): void {
    this.#setPace('fallback');
    this.#pollEverything();
  }

  #setPace(pace: PollStatus['pace']): void {
    if (this.#pace === pace) return;
    this.parts.logger.info(`Polling: ${this.#pace} -> ${pace}`);
    this.#pace = pace;
    for (const slot of this.#slots.values()) {
      if (slot.nextAt !== null) this.#schedule(slot, this.#intervalOf(slot.lane.kind));
    }
    this.#emit();
  }

  #pollEverything(): void {
    for (const slot of this.#slots.values()) this.#poll(slot);
  }

  /** Polls now, or once more after the poll that runs; does nothing where polling is off. */
  #poll(slot: Slot): void {
    const off = this.#whyOff(slot.lane.kind);
    slot.isOff = off !== null;
    if (off) {
      // What is missing now may be granted later; looking costs no request.
      const canChange = off.why === 'missingScope' || (off.why === 'signedOut' && this.#isStarted);
      if (canChange) this.#schedule(slot, this.#intervalOf(slot.lane.kind));
      return;
    }
    if (slot.lane.running) slot.isDueAgain = true;
    else void this.#begin(slot, this.#pace === 'reconcile');
  }

  /** For a refresh: a poll that begins now or later; a baseline that runs is joined, because it can take minutes. */
  async #pollFresh(slot: Slot, signal: AbortSignal): Promise<PollOutcome> {
    const { lane } = slot;
    const aborted = new Promise<PollOutcome>(resolve => {
      whenAborted(signal, () => resolve(CANCELLED));
    });
    const under = lane.running;
    if (under) {
      const isJoined = lane.progress?.isBaseline === true;
      const outcome = await Promise.race([under, aborted]);
      if (isJoined || outcome === CANCELLED || !this.#isStarted) return outcome;
    }
    // A catch-up may have begun meanwhile; it is as good, and not ours to abort.
    if (lane.running) return Promise.race([lane.running, aborted]);
    const run = this.#begin(slot, true);
    const own = lane.running;
    whenAborted(signal, () => {
      if (lane.running === own) lane.abort();
    });
    return Promise.race([run, aborted]);
  }

  async #begin(slot: Slot, isThorough: boolean): Promise<PollOutcome> {
    unschedule(slot);
    const run = slot.lane.run(this.#choose(slot.lane.kind).lists, isThorough);
    this.#emit();
    const outcome = await run;
    if (!this.#isStarted || !this.#options.kinds.includes(slot.lane.kind)) return outcome;
    slot.isOff = this.#whyOff(slot.lane.kind) !== null;
    if (slot.isDueAgain) this.#poll(slot);
    else this.#schedule(slot, this.#delayAfter(slot));
    this.#emit();
    return outcome;
  }

  #schedule(slot: Slot, intervalMs: number): void {
    const delayMs = intervalMs * (1 - JITTER * this.#random());
    slot.nextAt = new Date(this.#clock.now() + delayMs).toISOString();
    slot.alarm.set(delayMs, () => {
      // What was refused hours ago may have been granted meanwhile.
      slot.lane.refused.clear();
      slot.lane.isSignedOut = false;
      this.#poll(slot);
      this.#emit();
    });
  }

  #delayAfter({ lane }: Slot): number {
    const intervalMs = this.#intervalOf(lane.kind);
    if (lane.failures === 0 || this.#whyOff(lane.kind) !== null) return intervalMs;
    return Math.min(intervalMs, FIRST_RETRY_MS * 2 ** Math.min(lane.failures - 1, 10));
  }

  #halt(slot: Slot): void {
    unschedule(slot);
    slot.lane.abort();
  }

  #intervalOf(kind: PollKind): number {
    return intervalOf(kind, this.#pace, this.#options);
  }

  #choose(kind: PollKind): ReturnType<typeof chooseLists> {
    const { channelId, userId, scopes } = this.parts;
    const refused = this.#slots.get(kind)?.lane.refused ?? new Set();
    return chooseLists({ kind, isOwner: channelId === userId, scopes: scopes(), refused });
  }

  /** `isRetried`: as if what Helix itself refused had not been refused. */
  #whyOff(kind: PollKind, isRetried = false): OffState | null {
    const slot = this.#slots.get(kind);
    if (isRetried) slot?.lane.refused.clear();
    if (!slot) return { kind: 'off', why: 'noHelix' };
    if (!this.#options.kinds.includes(kind)) return { kind: 'off', why: 'notChosen' };
    if (!this.#isStarted) return { kind: 'off', why: 'signedOut' };
    const { off } = this.#choose(kind);
    if (off) return off;
    return slot.lane.isSignedOut && !isRetried ? { kind: 'off', why: 'signedOut' } : null;
  }

  #stateOf(kind: PollKind, slot: Slot | undefined): PollStatus['state'] {
    const progress = slot?.lane.progress;
    if (progress && this.#isStarted) {
      return { kind: 'running', since: progress.since, done: progress.done, total: progress.total };
    }
    const off = this.#whyOff(kind);
    if (off) return off;
    return { kind: 'scheduled', nextAt: slot?.nextAt ?? new Date(this.#clock.now()).toISOString() };
  }

  #emitProgress(): void {
    const now = this.#clock.monotonic();
    if (now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    this.#emit();
  }

  #emit(): void {
    const polls = this.getStatus();
    for (const listener of [...this.#listeners]) {
      try {
        listener(polls);
      } catch (error: unknown) {
        this.parts.logger.error('A listener of the poller failed.', error);
      }
    }
  }
}
