import type { FeedEvent } from '../shared/events';
import { sayType } from '../shared/state-words';
import { fill, fillPlural } from '../shared/webview-strings';
import type { HostStrings } from './host-strings';
import { makePlain } from './plain-text';

/** What happened as a sentence for a notification, the person first; safe where links would be read. */
export function sayEvent(
  event: FeedEvent,
  strings: HostStrings,
  locale: string,
  isStreamerMode: boolean,
): string {
  const name = makePlain(event.viewer?.displayName ?? '') || strings.someone;
  const tier = fill(strings.tier, tierNumber(event.tier));
  switch (event.type) {
    case 'channel.follow':
      return fill(strings.sentenceFollowed, name);
    case 'channel.subscribe':
      return fill(event.isGift ? strings.sentenceSubscribedGift : strings.sentenceSubscribed, name, tier);
    case 'channel.subscription.end':
      return fill(strings.sentenceSubscriptionEnded, isStreamerMode ? strings.someone : name, tier);
    case 'channel.subscription.gift': {
      const giver = event.isAnonymous ? strings.anonymousGiver : name;
      const total = event.total ?? 1;
      return fillPlural(strings, 'sentenceGifted', total, locale, giver, total.toLocaleString(locale), tier);
    }
    case 'channel.moderator.add':
      return fill(strings.sentenceModeratorAdded, name);
    case 'channel.moderator.remove':
      return isStreamerMode ? strings.someoneLeft : fill(strings.sentenceModeratorRemoved, name);
    case 'channel.vip.add':
      return fill(strings.sentenceVipAdded, name);
    case 'channel.vip.remove':
      return isStreamerMode ? strings.someoneLeft : fill(strings.sentenceVipRemoved, name);
    case 'unfollow':
      return isStreamerMode ? strings.someoneLeft : fill(strings.sentenceUnfollowed, name);
    default:
      return fill(strings.sentenceUnknown, name, makePlain(sayType(event.type, strings), 60));
  }
}

function tierNumber(tier: string | null): string {
  const number = Number(tier) / 1000;
  return Number.isInteger(number) && number > 0 ? String(number) : makePlain(tier ?? '', 10);
}
