import { SWEEP_KINDS, type SweepKind } from '../shared/data-service';
import { ChannelList, type ListRow } from './channel-list';
import { People, type SimulatedUser } from './people';
import type { SavedChannel } from './state-file';

export type { SimulatedUser } from './people';

export type Tier = '1000' | '2000' | '3000';

/** One change of the channel. People are given by display name and come into being if new. */
export type ChannelChange =
  | { kind: 'follow'; user: string; followedAt?: string }
  | { kind: 'unfollow'; user: string }
  | { kind: 'subscribe'; user: string; tier?: Tier; isGift?: boolean; gifter?: string }
  | { kind: 'endSubscription'; user: string }
  | { kind: 'addModerator'; user: string }
  | { kind: 'removeModerator'; user: string }
  | { kind: 'addVip'; user: string }
  | { kind: 'removeVip'; user: string };

/** Everybody on the channel, as it is now (whatever Helix lists by then). Followers newest first. */
export interface ChannelPeople {
  followers: (SimulatedUser & { followedAt: string })[];
  moderators: SimulatedUser[];
  vips: SimulatedUser[];
  subscribers: (SimulatedUser & { tier: string; isGift: boolean; gifter: SimulatedUser | null })[];
}

interface PendingChange {
  atMs: number;
  list: SweepKind;
  id: string;
  /** Null: the person left the list. */
  row: ListRow | null;
}

type Lists = Record<SweepKind, ChannelList>;

const CHANNEL: SimulatedUser = { id: '100300500', login: 'demo_channel', displayName: 'Demo_Channel' };
const MINUTE_MS = 60_000;

/**
 * The one channel of the simulator: who follows, moderates, is a VIP, subscribes. What Helix lists may lag
 * what is true; both are kept.
 */
export class ChannelState {
  readonly channel: SimulatedUser;
  readonly people: People;
  readonly #now: () => number;
  readonly #live = createLists();
  readonly #listed = createLists();
  readonly #gifts: Map<string, number>;
  readonly #onChange: () => void;
  #pending: PendingChange[] = [];
  #sequence = 0;
  lagMs: number;

  constructor(options: {
    saved: SavedChannel | null;
    followers: number;
    lagMs: number;
    now: () => number;
    onChange: () => void;
  }) {
    this.#now = options.now;
    this.lagMs = options.lagMs;
    const { saved } = options;
    this.#onChange = () => undefined;
    if (saved) {
      this.channel = toUser(saved.channel);
      this.people = new People(saved.users.map(toUser), saved.nextName);
      this.#gifts = new Map(saved.gifts);
      this.#restore(saved);
    } else {
      this.channel = CHANNEL;
      this.people = new People([CHANNEL], 0);
      this.#gifts = new Map();
      this.#seed(options.followers);
    }
    this.#publish(Number.POSITIVE_INFINITY);
    this.#onChange = options.onChange;
  }

  /** What is true now. */
  list(list: SweepKind): ChannelList {
    return this.#live[list];
  }

  /** What Helix lists now. */
  listed(list: SweepKind): ChannelList {
    this.#publish(this.#now() - this.lagMs);
    return this.#listed[list];
  }

  follow(user: SimulatedUser, followedAtMs = this.#now()): void {
    this.#put('followers', { ...this.#newRow(user), followedAtMs });
  }

  subscribe(user: SimulatedUser, tier: Tier, gift: { gifter: SimulatedUser | null } | null): void {
    const isGift = gift !== null;
    this.#put('subscriptions', { ...this.#newRow(user), tier, isGift, gifter: gift?.gifter ?? null });
  }

  /** Makes somebody a moderator; a VIP stops being one, because the two exclude each other. */
  addModerator(user: SimulatedUser): void {
    this.remove('vips', user);
    this.#put('moderators', this.#newRow(user));
  }

  addVip(user: SimulatedUser): void {
    this.remove('moderators', user);
    this.#put('vips', this.#newRow(user));
  }

  remove(list: SweepKind, user: SimulatedUser): void {
    if (!this.#live[list].get(user.id)) return;
    this.#live[list].delete(user.id);
    this.#changed({ atMs: this.#now(), list, id: user.id, row: null });
  }

  /** Counts a gift; answers how many this person has given on the channel so far. */
  countGift(gifter: SimulatedUser, total: number): number {
    const sum = (this.#gifts.get(gifter.id) ?? 0) + total;
    this.#gifts.set(gifter.id, sum);
    this.#onChange();
    return sum;
  }

  apply(change: ChannelChange): void {
    const user = this.people.named(change.user);
    switch (change.kind) {
      case 'follow': {
        const at = change.followedAt === undefined ? this.#now() : Date.parse(change.followedAt);
        this.follow(user, at);
        return;
      }
      case 'unfollow': {
        this.remove('followers', user);
        return;
      }
      case 'subscribe': {
        const gifter = change.gifter === undefined ? null : this.people.named(change.gifter);
        const isGift = change.isGift ?? gifter !== null;
        this.subscribe(user, change.tier ?? '1000', isGift ? { gifter } : null);
        return;
      }
      case 'endSubscription': {
        this.remove('subscriptions', user);
        return;
      }
      case 'addModerator': {
        this.addModerator(user);
        return;
      }
      case 'removeModerator': {
        this.remove('moderators', user);
        return;
      }
      case 'addVip': {
        this.addVip(user);
        return;
      }
      case 'removeVip': {
        this.remove('vips', user);
        return;
      }
    }
  }

  snapshot(): ChannelPeople {
    const users = (list: SweepKind): SimulatedUser[] => this.#live[list].sorted().map(row => row.user);
    return {
      followers: this.#live.followers
        .sorted()
        .map(row => ({ ...row.user, followedAt: new Date(row.followedAtMs).toISOString() })),
      moderators: users('moderators'),
      vips: users('vips'),
      subscribers: this.#live.subscriptions
        .sorted()
        .map(({ user, tier, isGift, gifter }) => ({ ...user, tier, isGift, gifter })),
    };
  }

  save(): SavedChannel {
    const ids = (list: SweepKind): string[] => this.#live[list].sorted().map(row => row.user.id);
    return {
      version: 1,
      channel: fromUser(this.channel),
      nextName: this.people.nextName,
      users: [...this.people.all()].map(fromUser),
      // Oldest first, so that loading gives ties the same order again.
      followers: this.#live.followers
        .sorted()
        .map((row): [string, number] => [row.user.id, row.followedAtMs])
        .reverse(),
      moderators: ids('moderators'),
      vips: ids('vips'),
      subscribers: this.#live.subscriptions
        .sorted()
        .map(row => [row.user.id, row.tier, row.isGift ? 1 : 0, row.gifter?.id ?? null]),
      gifts: [...this.#gifts],
    };
  }

  #newRow(user: SimulatedUser): ListRow {
    return { user, sequence: ++this.#sequence, followedAtMs: 0, tier: '', isGift: false, gifter: null };
  }

  #put(list: SweepKind, row: ListRow): void {
    // Where Helix orders by entry, a change of what is known of somebody does not move them.
    const before = list === 'followers' ? null : this.#live[list].get(row.user.id);
    const placed = before ? { ...row, sequence: before.sequence } : row;
    this.#live[list].set(placed);
    this.#changed({ atMs: this.#now(), list, id: row.user.id, row: placed });
  }

  #changed(change: PendingChange): void {
    this.#pending.push(change);
    this.#publish(this.#now() - this.lagMs);
    this.#onChange();
  }

  #publish(untilMs: number): void {
    const firstLater = this.#pending.findIndex(change => change.atMs > untilMs);
    if (firstLater === 0) return;
    const due = firstLater === -1 ? this.#pending : this.#pending.slice(0, firstLater);
    for (const { list, id, row } of due) {
      if (row) this.#listed[list].set(row);
      else this.#listed[list].delete(id);
    }
    this.#pending = firstLater === -1 ? [] : this.#pending.slice(firstLater);
  }

  #restore(saved: SavedChannel): void {
    const each = (ids: readonly string[], visit: (user: SimulatedUser) => void): void => {
      for (const id of ids) {
        const user = this.people.get(id);
        if (user) visit(user);
      }
    };
    for (const [id, at] of saved.followers) each([id], user => this.follow(user, at));
    each(saved.moderators, user => this.addModerator(user));
    each(saved.vips, user => this.addVip(user));
    for (const [id, tier, isGift, gifterId] of saved.subscribers) {
      const gifter = gifterId === null ? null : this.people.get(gifterId);
      each([id], user => this.subscribe(user, tier as Tier, isGift ? { gifter } : null));
    }
  }

  /** A channel that has been going for a while: the first few people have roles and subscriptions. */
  #seed(followers: number): void {
    const now = this.#now();
    const seeded: SimulatedUser[] = [];
    for (let index = 0; index < followers; index++) {
      const user = this.people.invent();
      seeded.push(user);
      this.follow(user, now - (followers - index) * 7 * MINUTE_MS - (index % 50) * 1013);
    }
    const next = (): SimulatedUser => seeded.shift() ?? this.people.invent();
    for (let index = 0; index < 3; index++) this.addModerator(next());
    for (let index = 0; index < 4; index++) this.addVip(next());
    for (let index = 0; index < 8; index++) this.subscribe(next(), index % 4 === 3 ? '2000' : '1000', null);
    const gifter = next();
    this.countGift(gifter, 2);
    for (let index = 0; index < 2; index++) this.subscribe(next(), '1000', { gifter });
  }
}

function createLists(): Lists {
  return Object.fromEntries(SWEEP_KINDS.map(kind => [kind, new ChannelList(kind === 'followers')])) as Lists;
}

function toUser([id, login, displayName]: [string, string, string]): SimulatedUser {
  return { id, login, displayName };
}

function fromUser(user: SimulatedUser): [string, string, string] {
  return [user.id, user.login, user.displayName];
}
