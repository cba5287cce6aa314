import type { EventType } from '../shared/catalogue';
import type { SweepKind } from '../shared/data-service';
import type { ChannelState, Tier } from './channel-state';
import { EventWriter } from './events.external';
import type { SimulatedUser } from './people';
import { formatNanoseconds } from './simulator-clock';

/** Sends an event to whoever has subscribed to it. */
export type Deliver = (type: EventType, event: unknown) => void;

/**
 * What people do on the channel: each changes the state and then sends what Twitch sends of it. Nobody ends
 * what they did not have.
 */
export class ChannelActions {
  readonly #channel: ChannelState;
  readonly #deliver: Deliver;
  readonly #write: EventWriter;
  readonly #now: () => number;
  readonly #clockOffMs: () => number;
  readonly #onModeratorRemoved: (user: SimulatedUser) => void;

  constructor(deps: {
    channel: ChannelState;
    deliver: Deliver;
    now: () => number;
    clockOffMs: () => number;
    onModeratorRemoved: (user: SimulatedUser) => void;
  }) {
    this.#channel = deps.channel;
    this.#deliver = deps.deliver;
    this.#now = deps.now;
    this.#clockOffMs = deps.clockOffMs;
    this.#onModeratorRemoved = deps.onModeratorRemoved;
    this.#write = new EventWriter(deps.channel.channel);
  }

  follow(user: SimulatedUser): void {
    const atMs = this.#now();
    this.#channel.follow(user, atMs);
    const followedAt = formatNanoseconds(atMs + this.#clockOffMs());
    this.#deliver('channel.follow', this.#write.follow(user, followedAt));
  }

  subscribe(user: SimulatedUser, tier: Tier): void {
    this.#channel.subscribe(user, tier, null);
    this.#deliver('channel.subscribe', this.#write.subscription(user, tier, false));
  }

  /** One of the subscriptions that a gift gave; the event does not say who gave it. */
  receiveGift(user: SimulatedUser, tier: Tier, gifter: SimulatedUser | null): void {
    this.#channel.subscribe(user, tier, { gifter });
    this.#deliver('channel.subscribe', this.#write.subscription(user, tier, true));
  }

  /** The gift itself; `receiveGift` follows or precedes it for each that was given. */
  give(gifter: SimulatedUser | null, total: number, tier: Tier): void {
    const cumulative = gifter ? this.#channel.countGift(gifter, total) : null;
    this.#deliver('channel.subscription.gift', this.#write.gift(gifter, total, tier, cumulative));
  }

  endSubscription(user: SimulatedUser): void {
    if (!this.#has('subscriptions', user)) this.#channel.subscribe(user, '1000', null);
    const row = this.#channel.list('subscriptions').get(user.id);
    this.#channel.remove('subscriptions', user);
    const event = this.#write.subscription(user, row?.tier ?? '1000', row?.isGift ?? false);
    this.#deliver('channel.subscription.end', event);
  }

  addModerator(user: SimulatedUser): void {
    if (this.#has('vips', user)) this.removeVip(user);
    this.#channel.addModerator(user);
    this.#deliver('channel.moderator.add', this.#write.role(user));
  }

  removeModerator(user: SimulatedUser): void {
    if (!this.#has('moderators', user)) this.#channel.addModerator(user);
    this.#channel.remove('moderators', user);
    this.#deliver('channel.moderator.remove', this.#write.role(user));
    this.#onModeratorRemoved(user);
  }

  addVip(user: SimulatedUser): void {
    if (this.#has('moderators', user)) this.removeModerator(user);
    this.#channel.addVip(user);
    this.#deliver('channel.vip.add', this.#write.role(user));
  }

  removeVip(user: SimulatedUser): void {
    if (!this.#has('vips', user)) this.#channel.addVip(user);
    this.#channel.remove('vips', user);
    this.#deliver('channel.vip.remove', this.#write.role(user));
  }

  /** Somebody of a list, or somebody new where it is empty. */
  pickFrom(list: SweepKind): SimulatedUser {
    return pickOne(this.#channel.list(list).sorted())?.user ?? this.#channel.people.invent();
  }

  /** A follower who is in none of the given lists, or somebody new. */
  pickFollowerOutside(...lists: SweepKind[]): SimulatedUser {
    const followers = this.#channel.list('followers').sorted();
    for (let attempt = 0; attempt < 5; attempt++) {
      const user = pickOne(followers)?.user;
      if (user && user.id !== this.#channel.channel.id && !lists.some(list => this.#has(list, user)))
        return user;
    }
    return this.#channel.people.invent();
  }

  #has(list: SweepKind, user: SimulatedUser): boolean {
    return this.#channel.list(list).get(user.id) !== null;
  }
}

function pickOne<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
