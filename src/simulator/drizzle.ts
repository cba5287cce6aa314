import type { ChannelActions } from './channel-actions';
import type { ChannelState } from './channel-state';
import { giftSteps, oneOfEachSteps, type Step } from './scenes';
import type { TimerGroup } from './simulator-clock';

/** Time for the other subscriptions to be created after the first. */
const SETTLE_MS = 800;
/** Eight of these and the wait before fit well into eight seconds. */
const OPENING_EVERY_MS = 650;
const CALM_FROM_MS = 3000;
const CALM_TO_MS = 10_000;

/**
 * A channel on a good day: one of each type soon after the first subscription, then an event every few
 * seconds, mostly follows. It goes on while nobody listens, so that there is something to be recovered.
 */
export class Drizzle {
  readonly #actions: ChannelActions;
  readonly #channel: ChannelState;
  readonly #timers: TimerGroup;
  #state: 'off' | 'waiting' | 'running' = 'off';
  #everyMs: number | null = null;
  #cancel: () => void = () => undefined;

  constructor(actions: ChannelActions, channel: ChannelState, timers: TimerGroup) {
    this.#actions = actions;
    this.#channel = channel;
    this.#timers = timers;
  }

  /** `hasListener`: a subscription is there already. */
  start(everyMs: number | null, hasListener: boolean): void {
    this.stop();
    this.#everyMs = everyMs;
    this.#state = 'waiting';
    if (hasListener) this.begin();
  }

  /** Called when a subscription was created. */
  begin(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'running';
    const opening = oneOfEachSteps(this.#actions, this.#channel.people);
    this.#cancel = this.#timers.start(() => this.#open(opening), this.#everyMs ?? SETTLE_MS);
  }

  stop(): void {
    this.#state = 'off';
    this.#cancel();
  }

  #open(left: Step[][]): void {
    for (const step of left.shift() ?? []) step();
    if (left.length === 0) {
      this.#goOn();
      return;
    }
    this.#cancel = this.#timers.start(() => this.#open(left), this.#everyMs ?? OPENING_EVERY_MS);
  }

  #goOn(): void {
    const waitMs = this.#everyMs ?? CALM_FROM_MS + Math.random() * (CALM_TO_MS - CALM_FROM_MS);
    this.#cancel = this.#timers.start(() => {
      for (const step of this.#pickNext()) step();
      this.#goOn();
    }, waitMs);
  }

  /** Mostly follows; roles and subscriptions stay within what a small channel has. */
  #pickNext(): Step[] {
    const actions = this.#actions;
    const { people } = this.#channel;
    const size = (list: 'moderators' | 'vips' | 'subscriptions'): number => this.#channel.list(list).size;
    const dice = Math.random();
    if (dice < 0.1) {
      const tier = Math.random() < 0.85 ? '1000' : '2000';
      return [() => actions.subscribe(actions.pickFollowerOutside('subscriptions'), tier)];
    }
    if (dice < 0.14) {
      const isAnonymous = Math.random() < 0.2;
      return giftSteps(actions, people, 1 + Math.floor(Math.random() * 5), { isAnonymous });
    }
    if (dice < 0.2 && size('subscriptions') > 5) {
      return [() => actions.endSubscription(actions.pickFrom('subscriptions'))];
    }
    if (dice < 0.25) {
      return size('vips') < 7
        ? [() => actions.addVip(actions.pickFollowerOutside('moderators', 'vips'))]
        : [() => actions.removeVip(actions.pickFrom('vips'))];
    }
    if (dice < 0.28 && size('vips') > 2) return [() => actions.removeVip(actions.pickFrom('vips'))];
    if (dice < 0.31) {
      return size('moderators') < 5
        ? [() => actions.addModerator(actions.pickFollowerOutside('moderators', 'vips'))]
        : [() => actions.removeModerator(actions.pickFrom('moderators'))];
    }
    return [() => actions.follow(people.invent())];
  }
}
