import { useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useApp, useWords } from '../app-context';
import { Icon } from '../parts/icon';
import { Sentence } from '../parts/name';
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
  index: number;
  /** Where it stands in the list, in pixels. */
  top: number;
  roving: RovingFocus;
  /** Hears an opened line's height, and null once it is closed. */
  measure: (key: string, height: number | null) => void;
}

/** The newest event of a line: it gives the line its time. */
function newestOf(item: ShownItem): { id: number; occurredAt: string } {
  return item.kind === 'event' ? item.event : (item.events[0] ?? { id: 0, occurredAt: '' });
}

/** One line of the feed, with its day's heading before it and its details after it. */
export function FeedRow({ item, index, top, roving, measure }: RowProps) {
  const { feed, clock, calls, status } = useApp();
  const words = useWords();
  const isOpen = feed.openKeys.value.has(item.key);
  const marks = useMarks(item);
  const isTabStop = roving.isTabStop(item.key, index);
  const atMs = Date.parse(newestOf(item).occurredAt);
  const time = useComputed(() => sayRowTime(atMs, clock.nowMs.value, words));
  const day = useComputed(() => (item.day === null ? '' : sayDay(item.day, clock.nowMs.value, words)));
  const slot = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = slot.current;
    if (!isOpen || !element) {
      measure(item.key, null);
      return undefined;
    }
    const tell = (): void => measure(item.key, element.offsetHeight);
    tell();
    const observer = new ResizeObserver(tell);
    observer.observe(element);
    return () => observer.disconnect();
  }, [isOpen, item.key, item.day, measure]);
  const body = useMemo(
    () => <RowBody item={item} isOpen={isOpen} marks={marks} time={time} />,
    [item, isOpen, marks.isUnread, marks.isUnsaved, marks.isSimulated, words, time],
  );
  const title = useMemo(
    () =>
      [joinParts(sayItem(item, words)), sayItemType(item, words.strings), words.formats.full(atMs)].join(
        '\n',
      ),
    [item, words, atMs],
  );
  return (
    <div
      ref={slot}
      class={`feed-slot${marks.isFresh ? ' is-fresh' : ''}`}
      role="article"
      aria-posinset={index + 1}
      aria-setsize={feed.pages.value?.next ? -1 : feed.items.value.length}
      style={{ transform: `translateY(${top}px)` }}
    >
      {item.day !== null && <h2 class="feed-day">{day}</h2>}
      <button
        type="button"
        class="feed-row"
        data-row={item.key}
        tabIndex={isTabStop ? 0 : -1}
        aria-expanded={isOpen}
        title={title}
        onFocus={() => roving.note(item.key)}
        onClick={() => feed.toggle(item.key)}
        onKeyDown={event => {
          if (event.key !== 'Escape' || !isOpen) return;
          event.stopPropagation();
          feed.toggle(item.key);
        }}
      >
        {body}
      </button>
      {isOpen && (
        <RowOpen item={item} calls={calls} isSimulated={status.value?.server.kind === 'simulator'} />
      )}
    </div>
  );
}

interface Marks {
  isUnread: boolean;
  isRecovered: boolean;
  isSimulated: boolean;
  isUnsaved: boolean;
  isFresh: boolean;
}

function useMarks(item: ShownItem): Marks {
  const { feed, status } = useApp();
  const events = item.kind === 'event' ? [item.event] : item.events;
  const readUpTo = feed.readUpTo.value;
  const unsaved = feed.unsaved.value;
  const fresh = feed.fresh.value;
  return {
    isUnread: events.some(event => event.id > readUpTo),
    isRecovered: events.every(event => event.source === 'poll' && event.type !== 'unfollow'),
    isSimulated: status.value?.server.kind === 'simulator',
    isUnsaved: unsaved.size > 0 && events.some(event => unsaved.has(event.id)),
    isFresh: fresh.size > 0 && events.some(event => fresh.has(event.id)),
  };
}

/** What is on the line, in the order in which it is read aloud. */
function RowBody(props: { item: ShownItem; isOpen: boolean; marks: Marks; time: ComponentChildren }) {
  const { item, isOpen, marks } = props;
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
      {isGroup && <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />}
      {marks.isUnread && (
        <span class="unread-dot">
          <span class="unseen">{strings.markUnread}, </span>
        </span>
      )}
      {marks.isRecovered && <span class="pill">{strings.markRecovered}</span>}
      {marks.isUnsaved && <span class="pill pill-warning">{strings.markUnsaved}</span>}
      {marks.isSimulated && (
        <>
          <Icon name="beaker" tone="quiet" />
          <span class="unseen">{strings.markSimulated}, </span>
        </>
      )}
      <span class="feed-time">{props.time}</span>
    </>
  );
}
