import type { RecordedType } from '../../src/shared/events';
import type { IconName } from '../parts/icon';
import type { FeedItem } from './feed-items';

/** The icon of a line, and the tone of its colour; shape and words say the same as the colour. */
interface RowLook {
  icon: IconName;
  tone: 'follow' | 'sub' | 'gift' | 'mod' | 'vip' | 'quiet';
}

const LOOKS: Readonly<Record<string, RowLook>> = {
  'channel.follow': { icon: 'heart-filled', tone: 'follow' },
  unfollow: { icon: 'heart', tone: 'quiet' },
  'channel.subscribe': { icon: 'star-full', tone: 'sub' },
  'channel.subscription.end': { icon: 'star-empty', tone: 'sub' },
  'channel.subscription.gift': { icon: 'gift', tone: 'gift' },
  'channel.moderator.add': { icon: 'shield', tone: 'mod' },
  'channel.moderator.remove': { icon: 'shield', tone: 'quiet' },
  'channel.vip.add': { icon: 'verified-filled', tone: 'vip' },
  'channel.vip.remove': { icon: 'verified', tone: 'quiet' },
} satisfies Record<Extract<RecordedType, `channel.${string}`> | 'unfollow', RowLook>;

/** How a line looks; a type outside the catalogue gets a plain sign. */
export function lookOf(item: Exclude<FeedItem, { kind: 'gap' }>): RowLook {
  const type = item.kind === 'burst' ? item.type : item.event.type;
  const look = (Object.hasOwn(LOOKS, type) ? LOOKS[type] : undefined) ?? { icon: 'info', tone: 'quiet' };
  return item.kind === 'burst' ? { icon: 'organization', tone: look.tone } : look;
}
