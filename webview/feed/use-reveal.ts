import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { useApp } from '../app-context';
import type { FeedItem } from '../state/feed-items';
import type { VirtualList } from './use-virtual-list';

/** How many pages further back an event is looked for; what is told of has only just happened. */
const REVEAL_PAGES = 10;

/** Shows and opens the row of an event that the host names, e.g. after a click on a notification. */
export function useReveal(list: VirtualList): void {
  const { feed, revealed } = useApp();
  const latest = useRef(list);
  latest.current = list;
  useSignalEffect(() => {
    const eventId = revealed.value;
    const items = feed.items.value;
    if (eventId === null || feed.phase.value.kind !== 'ready') return;
    const { chip, text } = feed.query.value;
    if (chip !== 'all' || text !== '') {
      feed.setQuery({ chip: 'all', text: '' });
      return;
    }
    const index = items.findIndex(item => holds(item, eventId));
    const item = items[index];
    if (!item) {
      const pages = feed.pages.value;
      const gap = pages?.pages.find(page => !page.events);
      if (!pages || pages.pages.length > REVEAL_PAGES || !(gap ?? pages.next)) revealed.value = null;
      else if (gap) void feed.loader.loadGap(gap.key);
      else void feed.loader.loadMore(true);
      return;
    }
    revealed.value = null;
    if (!feed.openKeys.peek().has(item.key)) feed.toggle(item.key);
    // The list has to be drawn with the opened row before it can be scrolled to.
    window.requestAnimationFrame(() => latest.current.reveal(index, 'center'));
  });
}

function holds(item: FeedItem, eventId: number): boolean {
  if (item.kind === 'event') return item.event.id === eventId;
  return item.kind === 'burst' && item.events.some(event => event.id === eventId);
}
