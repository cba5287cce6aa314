import type { EventType } from '../shared/catalogue';
import type { FeedEvent } from '../shared/events';
import type { Disposable } from '../shared/service';
import { sayType } from '../shared/state-words';
import { fill } from '../shared/webview-strings';
import { sayEvent } from './event-sentence';
import type { HostStrings } from './host-strings';
import type { ViewClock } from './view-clock';

/** One notification: a sentence, and the row of the feed that a click opens. */
export interface Notice {
  message: string;
  eventId: number;
}

/** Events this close together (ms) become one notification. */
const GATHER_MS = 1_500;
/** After a burst nothing more is said for this long (ms); what comes meanwhile becomes the next one. */
const PAUSE_AFTER_BURST_MS = 30_000;
/** More follows than this in one gathering come from bots, which are not announced at all. */
const FOLLOW_BOT_COUNT = 20;

export interface NoticeOptions {
  clock: ViewClock;
  /** The types that the person turned on. */
  chosenTypes: () => readonly EventType[];
  /** Whether this window had the focus last; asked when the notification would show. */
  isShownHere: () => boolean;
  compose: (events: readonly FeedEvent[]) => Notice;
  show: (notice: Notice) => void;
}

/** Gathers what may be announced and says it once: never what a poll recovered, and many as one. */
export class NoticeGatherer implements Disposable {
  private gathered: FeedEvent[] = [];
  private timer: Disposable | null = null;
  private quietUntilMs = 0;

  constructor(private readonly options: NoticeOptions) {}

  /** Takes a recorded batch; events of other types or from polls are passed over. */
  add(events: readonly FeedEvent[]): void {
    const chosen = new Set<string>(this.options.chosenTypes());
    const wanted = events.filter(event => event.source === 'eventsub' && chosen.has(event.type));
    if (wanted.length === 0) return;
    this.gathered.push(...wanted);
    const { clock } = this.options;
    this.timer ??= clock.after(Math.max(GATHER_MS, this.quietUntilMs - clock.now()), () => this.flush());
  }

  dispose(): void {
    this.timer?.dispose();
    this.timer = null;
    this.gathered = [];
  }

  private flush(): void {
    this.timer = null;
    const events = dropFollowBots(dropGiftedSubs(this.gathered));
    const isBurst = this.gathered.length > 1;
    this.gathered = [];
    if (isBurst) this.quietUntilMs = this.options.clock.now() + PAUSE_AFTER_BURST_MS;
    if (events.length > 0 && this.options.isShownHere()) this.options.show(this.options.compose(events));
  }
}

/** The subscriptions of a gift are said by the gift itself. */
function dropGiftedSubs(events: readonly FeedEvent[]): FeedEvent[] {
  const hasGift = events.some(event => event.type === 'channel.subscription.gift');
  return events.filter(event => !(hasGift && event.type === 'channel.subscribe' && event.isGift));
}

function dropFollowBots(events: FeedEvent[]): FeedEvent[] {
  const follows = events.filter(event => event.type === 'channel.follow').length;
  return follows > FOLLOW_BOT_COUNT ? events.filter(event => event.type !== 'channel.follow') : events;
}

/** Says one event as a sentence, and several as one with their numbers by type (not in streamer mode). */
export function composeNotice(
  events: readonly FeedEvent[],
  { strings, locale, isStreamerMode }: { strings: HostStrings; locale: string; isStreamerMode: boolean },
): Notice {
  const newest = events.reduce((latest, event) => (event.id > latest.id ? event : latest));
  if (events.length === 1)
    return { message: sayEvent(newest, strings, locale, isStreamerMode), eventId: newest.id };
  const counts = new Map<string, number>();
  for (const event of events) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
  const parts = [...counts].map(([type, count]) =>
    isStreamerMode
      ? sayType(type, strings)
      : fill(strings.noticePart, count.toLocaleString(locale), sayType(type, strings)),
  );
  const total = isStreamerMode ? '' : events.length.toLocaleString(locale);
  return { message: fill(strings.noticeManyEvents, total, parts.join(', ')).trim(), eventId: newest.id };
}
