import type { SimulatedUser } from './people';

type Fields = Record<string, string | number | boolean | null>;

/** The events of the eight types, field by field as Twitch sends them (TWITCH.md 1.6). */
export class EventWriter {
  readonly #broadcaster: Fields;

  constructor(channel: SimulatedUser) {
    this.#broadcaster = {
      broadcaster_user_id: channel.id,
      broadcaster_user_login: channel.login,
      broadcaster_user_name: channel.displayName,
    };
  }

  /** `channel.follow`; the instant has nanoseconds. */
  follow(user: SimulatedUser, followedAt: string): Fields {
    return { ...this.role(user), followed_at: followedAt };
  }

  /** `channel.subscribe` and `channel.subscription.end`. */
  subscription(user: SimulatedUser, tier: string, isGift: boolean): Fields {
    return { ...this.role(user), tier, is_gift: isGift };
  }

  /** `channel.subscription.gift`; without a gifter it is anonymous. */
  gift(gifter: SimulatedUser | null, total: number, tier: string, cumulativeTotal: number | null): Fields {
    return {
      ...(gifter ? userFields(gifter) : { user_id: null, user_login: null, user_name: null }),
      ...this.#broadcaster,
      total,
      tier,
      cumulative_total: cumulativeTotal,
      is_anonymous: gifter === null,
    };
  }

  /** The moderator and VIP types. */
  role(user: SimulatedUser): Fields {
    return { ...userFields(user), ...this.#broadcaster };
  }
}

function userFields(user: SimulatedUser): Fields {
  return { user_id: user.id, user_login: user.login, user_name: user.displayName };
}
