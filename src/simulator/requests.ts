import { assertNever } from '../shared/assert-never';
import { isEventType } from '../shared/catalogue';
import { ServiceError, type SimulateRequest } from '../shared/service';
import type { ChannelActions } from './channel-actions';
import type { People, SimulatedUser } from './people';
import { giftSteps, type Step } from './scenes';

const MAX_COUNT = 10_000;
/** Twitch's own account for those who do not want to be named. */
const ANONYMOUS = 'ananonymousgifter';

/**
 * What a person's request comes to, step by step. Throws `badRequest` where it makes no sense. The first event
 * is the named viewer's; the others are of people with a number behind that name, or of those who are there.
 */
export function planRequest(request: SimulateRequest, actions: ChannelActions, people: People): Step[] {
  if (!isEventType(request.type)) {
    throw new ServiceError('badRequest', `${String(request.type)} is not one of the event types.`);
  }
  const { type, count } = request;
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    throw new ServiceError('badRequest', `The count has to be a whole number from 1 to ${MAX_COUNT}.`);
  }
  const name = request.viewer.trim();
  if (type === 'channel.subscription.gift') {
    const isAnonymous = name.toLowerCase() === ANONYMOUS;
    const order = Math.random() < 0.5 ? 'giftFirst' : 'subscriptionsFirst';
    return giftSteps(actions, people, count, {
      order,
      isAnonymous,
      ...(name === '' ? {} : { gifter: name }),
    });
  }
  const repeat = (
    pick: () => SimulatedUser,
    act: (user: SimulatedUser) => void,
    isNumbered: boolean,
  ): Step[] =>
    Array.from({ length: count }, (_, index): Step => {
      return () => {
        if (name === '' || (index > 0 && !isNumbered)) act(pick());
        else act(people.named(index === 0 ? name : `${name}_${index + 1}`));
      };
    });
  switch (type) {
    case 'channel.follow':
      return repeat(
        () => people.invent(),
        user => actions.follow(user),
        true,
      );
    case 'channel.subscribe': {
      const pick = (): SimulatedUser => actions.pickFollowerOutside('subscriptions');
      return repeat(pick, user => actions.subscribe(user, '1000'), true);
    }
    case 'channel.subscription.end':
      return repeat(
        () => actions.pickFrom('subscriptions'),
        user => actions.endSubscription(user),
        false,
      );
    case 'channel.moderator.add': {
      const pick = (): SimulatedUser => actions.pickFollowerOutside('moderators', 'vips');
      return repeat(pick, user => actions.addModerator(user), true);
    }
    case 'channel.moderator.remove':
      return repeat(
        () => actions.pickFrom('moderators'),
        user => actions.removeModerator(user),
        false,
      );
    case 'channel.vip.add': {
      const pick = (): SimulatedUser => actions.pickFollowerOutside('moderators', 'vips');
      return repeat(pick, user => actions.addVip(user), true);
    }
    case 'channel.vip.remove':
      return repeat(
        () => actions.pickFrom('vips'),
        user => actions.removeVip(user),
        false,
      );
    default:
      return assertNever(type);
  }
}
