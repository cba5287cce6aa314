import type { FeedEvent, RecordedType, Viewer } from '../../src/shared/events';
import { sayType } from '../../src/shared/state-words';
import type { WebviewSettings } from '../../src/shared/webview-protocol';
import { fill, fillPlural, type WebviewStrings } from '../../src/shared/webview-strings';
import { BURST_SENTENCES, type FeedItem } from './feed-items';
import type { Formats } from './times';

/** A piece of a sentence; `person` is somebody's (untrusted) name or a crowd, and is set in semibold. */
export interface SentencePart {
  kind: 'person' | 'text';
  text: string;
}

/** What sentences depend on besides the event. */
export interface Wording {
  strings: WebviewStrings;
  formats: Formats;
  isStreaming: boolean;
  /** How often polls run while the connection is down (ms). */
  fallbackPolls: WebviewSettings['fallbackPolls'];
}

/** No sentence is longer; names give way. */
const SENTENCE_LIMIT = 60;
const NAME_MINIMUM = 12;
/** No more of a name is ever looked at. */
const NAME_READ = 400;

/** Types that tell of somebody leaving: their names stay off the screen in streamer mode. */
const LEAVING: readonly RecordedType[] = [
  'unfollow',
  'channel.subscription.end',
  'channel.moderator.remove',
  'channel.vip.remove',
];

/** Whether an event tells of somebody leaving. */
export function isLeaving(type: RecordedType): boolean {
  return LEAVING.includes(type);
}

/** Splits a template at `{0}`, so that the name is a node of its own and never part of a text that is parsed. */
function splitSentence(template: string, name: string, ...rest: string[]): SentencePart[] {
  const [before = '', after = ''] = template.split('{0}', 2);
  const head = fill(before, '', ...rest);
  const tail = fill(after, '', ...rest);
  const room = Math.max(NAME_MINIMUM, SENTENCE_LIMIT - 1 - head.length - tail.length);
  const parts: SentencePart[] = [
    { kind: 'text', text: head },
    { kind: 'person', text: shorten(name, room) },
    { kind: 'text', text: tail },
  ];
  return parts.filter(part => part.text !== '');
}

/** Cuts a text to a number of characters, never inside a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // Only the beginning is looked at: a hostile name can be megabytes.
  const characters = Array.from(text.slice(0, limit * 2));
  if (characters.length <= limit && text.length <= limit * 2) return text;
  return `${characters.slice(0, limit - 1).join('')}…`;
}

/** `Tier 1`, `Prime`; empty where the event has none. */
export function sayTier(tier: string | null, strings: WebviewStrings): string {
  if (tier === null || tier === '') return '';
  if (tier.toLowerCase() === 'prime') return strings.tierPrime;
  return fill(strings.tier, /^\d000$/.test(tier) ? tier.slice(0, 1) : shorten(tier, 12));
}

/** Drops the ` · {1}` of a template whose argument is empty. */
function withTail(template: string, placeholder: string, value: string): string {
  return value === '' ? template.replace(` · ${placeholder}`, '') : template;
}

/** Characters that turn text around or take no room: a name made of them would be unreadable, or mimic another. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Somebody's name as it may be shown: the display name, else the login; empty if neither can be seen. */
export function sayPerson(viewer: Viewer | null): string {
  for (const name of [viewer?.displayName, viewer?.login]) {
    const shown = (name ?? '').slice(0, NAME_READ).replace(INVISIBLE, '').trim();
    if (shown !== '') return shown;
  }
  return '';
}

function sayName(event: FeedEvent, { strings, isStreaming }: Wording): string {
  if (isStreaming && isLeaving(event.type)) return strings.someone;
  const name = sayPerson(event.viewer);
  if (name !== '') return name;
  return event.type === 'channel.subscription.gift' ? strings.anonymousGiver : strings.someone;
}

/** The sentences that name nothing but the person. */
const SENTENCES = new Map<RecordedType, keyof WebviewStrings>([
  ['channel.follow', 'sentenceFollowed'],
  ['unfollow', 'sentenceUnfollowed'],
  ['channel.moderator.add', 'sentenceModeratorAdded'],
  ['channel.moderator.remove', 'sentenceModeratorRemoved'],
  ['channel.vip.add', 'sentenceVipAdded'],
  ['channel.vip.remove', 'sentenceVipRemoved'],
]);

/** The sentence for one event: the person first, under 60 characters. */
export function sayEvent(event: FeedEvent, wording: Wording): SentencePart[] {
  const { strings, formats } = wording;
  const name = sayName(event, wording);
  const tier = sayTier(event.tier, strings);
  const sentence = SENTENCES.get(event.type);
  if (sentence) return splitSentence(strings[sentence], name);
  switch (event.type) {
    case 'channel.subscribe': {
      const template = event.isGift ? strings.sentenceSubscribedGift : strings.sentenceSubscribed;
      return splitSentence(withTail(template, '{1}', tier), name, tier);
    }
    case 'channel.subscription.end':
      return splitSentence(withTail(strings.sentenceSubscriptionEnded, '{1}', tier), name, tier);
    case 'channel.subscription.gift': {
      const total = event.total ?? 1;
      const form = new Intl.PluralRules(formats.locale).select(total) === 'one' ? 'One' : 'Other';
      const template = withTail(strings[`sentenceGifted${form}`], '{2}', tier);
      return splitSentence(template, name, formats.number(total), tier);
    }
    default:
      return event.viewer
        ? splitSentence(strings.sentenceUnknown, name, shorten(event.type, 36))
        : [{ kind: 'text', text: shorten(event.type, SENTENCE_LIMIT - 1) }];
  }
}

type Burst = Extract<FeedItem, { kind: 'burst' }>;

/** The sentence for a burst: how many, what, within how many minutes. */
function sayBurst(item: Burst, wording: Wording): SentencePart[] {
  const { strings, formats, isStreaming } = wording;
  const newest = item.events[0];
  const oldest = item.events.at(-1);
  const spanMs = newest && oldest ? Date.parse(newest.occurredAt) - Date.parse(oldest.occurredAt) : 0;
  const minutes = Math.max(1, Math.ceil(spanMs / 60_000));
  const people = isStreaming
    ? strings.burstManyPeople
    : fillPlural(
        strings,
        'burstPeople',
        item.events.length,
        formats.locale,
        formats.number(item.events.length),
      );
  const within =
    minutes === 1 ? strings.burstWithinMinute : fill(strings.burstWithinMinutes, formats.number(minutes));
  return splitSentence(strings[BURST_SENTENCES.get(item.type) ?? 'burstFollowed'], people, within);
}

/** Any line's sentence in parts. */
export function sayItem(item: Exclude<FeedItem, { kind: 'gap' }>, wording: Wording): SentencePart[] {
  return item.kind === 'event' ? sayEvent(item.event, wording) : sayBurst(item, wording);
}

/** A sentence as one text, for tooltips and screen readers. */
export function joinParts(parts: readonly SentencePart[]): string {
  return parts.map(part => part.text).join('');
}

/** The description of what a line shows, in the person's language. */
export function sayItemType(item: Exclude<FeedItem, { kind: 'gap' }>, strings: WebviewStrings): string {
  return sayType(item.kind === 'event' ? item.event.type : item.type, strings);
}
