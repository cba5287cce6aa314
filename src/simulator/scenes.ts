import type { ChannelActions } from './channel-actions';
import type { Tier } from './channel-state';
import type { People, SimulatedUser } from './people';

/** Things that happen on a busy channel; each resolves when the last event was sent. */
export interface Scenes {
  /** Begins (with one of each type) at the first subscription, or at once if there is one. */
  startDrizzle(pace?: { everyMs: number }): void;
  stopDrizzle(): void;
  /** One gift event and `recipients` subscriptions; the order is not promised by Twitch. */
  giftBomb(recipients: number, options?: GiftOptions): Promise<void>;
  /** `count` follows from accounts made up by a machine, as fast as the socket takes them unless paced. */
  followBots(count: number, options?: { perSecond?: number }): Promise<void>;
  /** One event of each type, in quick succession. */
  oneOfEach(): Promise<void>;
}

export interface GiftOptions {
  order?: 'giftFirst' | 'subscriptionsFirst' | 'mixed';
  /** A display name; absent: someone is picked. */
  gifter?: string;
  isAnonymous?: boolean;
  tier?: Tier;
}

/** One thing that happens; it sends one event (rarely another that goes with it). */
export type Step = () => void;

/** A gift and what it gives, in the order asked for. */
export function giftSteps(
  actions: ChannelActions,
  people: People,
  recipients: number,
  options: GiftOptions,
): Step[] {
  const tier = options.tier ?? '1000';
  const gifter = options.isAnonymous
    ? null
    : options.gifter === undefined
      ? actions.pickFollowerOutside()
      : people.named(options.gifter);
  const receive: Step = () => {
    let recipient: SimulatedUser;
    do recipient = actions.pickFollowerOutside('subscriptions');
    while (recipient === gifter);
    actions.receiveGift(recipient, tier, gifter);
  };
  const steps: Step[] = Array.from({ length: recipients }, () => receive);
  const order = options.order ?? 'giftFirst';
  const place = order === 'giftFirst' ? 0 : order === 'mixed' ? Math.ceil(recipients / 2) : recipients;
  steps.splice(place, 0, () => actions.give(gifter, recipients, tier));
  return steps;
}

/** One of each of the eight types; those that end something end what was there. */
export function oneOfEachSteps(actions: ChannelActions, people: People): Step[][] {
  const outsideRoles = (): SimulatedUser => actions.pickFollowerOutside('moderators', 'vips');
  return [
    [() => actions.follow(people.invent())],
    [() => actions.subscribe(actions.pickFollowerOutside('subscriptions'), '1000')],
    giftSteps(actions, people, 1, {}),
    [() => actions.addModerator(outsideRoles())],
    [() => actions.addVip(outsideRoles())],
    [() => actions.endSubscription(actions.pickFrom('subscriptions'))],
    [() => actions.removeVip(actions.pickFrom('vips'))],
    [() => actions.removeModerator(actions.pickFrom('moderators'))],
  ];
}

/** Follows of accounts made up by a machine. */
export function followBotSteps(actions: ChannelActions, people: People, count: number): Step[] {
  return Array.from({ length: count }, (): Step => () => actions.follow(people.inventBot()));
}
