import { computed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useApp, useWords } from '../app-context';
import { Icon } from '../parts/icon';
import { Sentence } from '../parts/name';
import type { AppState } from '../state/app-state';
import type { FeedItem } from '../state/feed-items';
import { lookOf } from '../state/row-look';
import { joinParts, sayItem, sayItemType } from '../state/sentences';
import { sayDay, sayRowTime } from '../state/times';
import type { RovingFocus } from './roving-focus';
import { RowOpen } from './row-open';

/** A line that is an event or a burst of them. */
export type ShownItem = Exclude<FeedItem, { kind: 'gap' }>;

interface RowProps {
  item: ShownItem;
  /** Whether Tab reaches it. */
  isTabStop: boolean;
  roving: RovingFocus;
  /** Hears an opened line's height, and null once it is closed. */
  measure: (key: string, height: number | null) => void;
}

interface SlotProps extends Omit<RowProps, 'isTabStop'> {
  index: number;
  /** In pixels from the first line that is drawn, for one that stands apart from the others. */
  top: number | null;
  /** How many lines there are, -1 while that is not known. */
  count: number;
}

/** A line's place. Each new line gives all others another number, so this alone is drawn anew then. */
export function FeedSlot({ item, index, top, count, roving, measure }: SlotProps) {
  const isTabStop = roving.isTabStop(item.key, index);
  const row = useMemo(() => <FeedRow {...{ item, isTabStop, roving, measure }} />, [item, isTabStop]);
  return (
    <div
      class="feed-slot"
      role="article"
      aria-posinset={index + 1}
      aria-setsize={count}
      style={top === null ? undefined : { position: 'absolute', top: `${top}px` }}
    >
      {row}
    </div>
  );
}

/** The newest event of a line: it gives the line its time. */
function newestOf(item: ShownItem): { id: number; occurredAt: string } {
  return item.kind === 'event' ? item.event : (item.events[0] ?? { id: 0, occurredAt: '' });
}

/** One line of the feed, with its day's heading before it and its details after it. */
function FeedRow({ item, isTabStop, roving, measure }: RowProps) {
  const app = useApp();
  const { feed, clock } = app;
  const words = useWords();
  const marks = useMemo(() => computed(() => listMarks(item, app).join(' ')), [item]).value;
  const isOpen = marks.includes('open');
  const atMs = Date.parse(newestOf(item).occurredAt);
  const [time, day] = useMemo(
    () => [
      computed(() => sayRowTime(atMs, clock.nowMs.value, words)),
      computed(() => (item.day === null ? '' : sayDay(item.day, clock.nowMs.value, words))),
    ],
    [atMs, item.day, words],
  );
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const slot = button.current?.parentElement;
    if (!isOpen || !slot) {
      measure(item.key, null);
      return undefined;
    }
    const tell = (): void => measure(item.key, slot.offsetHeight);
    tell();
    const observer = new ResizeObserver(tell);
    observer.observe(slot);
    return () => observer.disconnect();
  }, [isOpen, item.key, item.day]);
  return (
    <>
      {item.day !== null && <h2 class="feed-day">{day}</h2>}
      <button
        ref={button}
        type="button"
        class={`feed-row${marks.includes('fresh') ? ' is-fresh' : ''}`}
        data-row={item.key}
        tabIndex={isTabStop ? 0 : -1}
        aria-expanded={isOpen}
        title={[
          joinParts(sayItem(item, words)),
          sayItemType(item, words.strings),
          words.formats.full(atMs),
        ].join('\n')}
        onFocus={() => roving.note(item.key)}
        onClick={() => feed.toggle(item.key)}
        onKeyDown={event => {
          if (event.key !== 'Escape' || !isOpen) return;
          event.stopPropagation();
          feed.toggle(item.key);
        }}
      >
        <RowBody item={item} marks={marks} time={time} />
      </button>
      {isOpen && <RowOpen item={item} calls={app.calls} isSimulated={marks.includes('simulated')} />}
    </>
  );
}

type Mark = 'open' | 'fresh' | 'unread' | 'recovered' | 'unsaved' | 'simulated';

/** What is particular about a line at the moment. */
function listMarks(item: ShownItem, { feed, status }: AppState): Mark[] {
  const events = item.kind === 'event' ? [item.event] : item.events;
  const marks: Record<Mark, boolean> = {
    open: feed.openKeys.value.has(item.key),
    // The newest comes first.
    fresh: events.slice(0, 1).some(event => feed.isFresh(event.id)),
    unread: events.some(event => event.id > feed.readUpTo.value),
    recovered: events.every(event => event.source === 'poll' && event.type !== 'unfollow'),
    unsaved: events.some(event => feed.unsaved.value.has(event.id)),
    simulated: status.value?.server.kind === 'simulator',
  };
  return (Object.keys(marks) as Mark[]).filter(mark => marks[mark]);
}

/** What is on the line, in the order in which it is read aloud. */
function RowBody({ item, marks, time }: { item: ShownItem; marks: string; time: ComponentChildren }) {
  const words = useWords();
  const { strings } = words;
  const look = lookOf(item);
  const isGroup = item.kind === 'burst' || item.event.type === 'channel.subscription.gift';
  return (
    <>
      <Icon name={look.icon} tone={look.tone} />
      <span class="feed-text">
        <Sentence parts={sayItem(item, words)} />
      </span>
      <span class="unseen">, {sayItemType(item, strings)}, </span>
      {isGroup && <Icon name={marks.includes('open') ? 'chevron-down' : 'chevron-right'} />}
      {marks.includes('unread') && (
        <span class="unread-dot">
          <span class="unseen">{strings.markUnread}, </span>
        </span>
      )}
      {marks.includes('recovered') && <span class="pill">{strings.markRecovered}</span>}
      {marks.includes('unsaved') && <span class="pill pill-warning">{strings.markUnsaved}</span>}
      {marks.includes('simulated') && (
        <>
          <Icon name="beaker" tone="quiet" />
          <span class="unseen">{strings.markSimulated}, </span>
        </>
      )}
      <span class="feed-time">{time}</span>
    </>
  );
}
