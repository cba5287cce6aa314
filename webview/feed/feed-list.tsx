import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { useApp, useWords } from '../app-context';
import { Icon } from '../parts/icon';
import type { FeedItem } from '../state/feed-items';
import { PREFETCH_PX, ROW_HEIGHT } from '../state/feed-metrics';
import { fillPlural } from '../../src/shared/webview-strings';
import { FeedEnd } from './feed-end';
import { FeedRow } from './feed-row';
import { moveFocus, useRovingFocus } from './roving-focus';
import { useReveal } from './use-reveal';
import { useVirtualList, type LineRange } from './use-virtual-list';

/** The feed's lines, of which only those near the screen exist. */
export function FeedList() {
  const { feed } = useApp();
  const { strings } = useWords();
  const items = feed.items.value;
  const roving = useRovingFocus(items);
  const list = useVirtualList(items, isAtTop => {
    feed.isAtTop = isAtTop;
    if (isAtTop && feed.newAbove.peek() > 0) feed.newAbove.value = 0;
  });
  const { scroller, offsets, range, drawn } = list;
  const total = offsets.at(-1) ?? 0;
  roving.visibleRows = range.last - range.first;
  useReveal(list);

  useEffect(() => {
    if (total - (offsets[range.last] ?? 0) < PREFETCH_PX) void feed.loader.loadMore(false);
    for (const pageKey of findGaps(items, range)) void feed.loader.loadGap(pageKey);
    feed.trim(range.first);
  });
  useSignalEffect(() => {
    if (feed.topRequests.value > 0 && scroller.current) scroller.current.scrollTop = 0;
  });
  useLayoutEffect(() => roving.settle());

  return (
    <div class="feed-list">
      <NewAbove onClick={() => list.reveal(0, 'nearest')} />
      <div class="feed-scroll" ref={scroller} onKeyDown={event => moveFocus(event, roving, list)}>
        <div
          class="feed-rows"
          role="feed"
          aria-label={strings.dashboardEvents}
          aria-busy={feed.loader.more.value.kind === 'loading'}
          style={{ height: `${total}px` }}
        >
          {listDrawn(drawn, roving.focusedIndex(), items.length).map(index => {
            const item = items[index];
            if (!item) return null;
            const top = offsets[index] ?? 0;
            if (item.kind !== 'gap') {
              return (
                <FeedRow
                  key={item.key}
                  item={item}
                  index={index}
                  top={top}
                  roving={roving}
                  measure={list.measure}
                />
              );
            }
            const style = { transform: `translateY(${top}px)`, height: `${item.height}px` };
            return (
              <div key={item.key} class="feed-slot feed-gap" role="article" style={style}>
                {strings.loading}
              </div>
            );
          })}
        </div>
        <FeedEnd />
      </div>
    </div>
  );
}

/** The row with the focus stays in the page, or the keyboard would lose its place. */
function listDrawn({ first, last }: LineRange, focused: number, count: number): number[] {
  const indexes: number[] = [];
  if (focused >= 0 && focused < first) indexes.push(focused);
  for (let index = first; index <= Math.min(last, count - 1); index += 1) indexes.push(index);
  if (focused > last && focused < count) indexes.push(focused);
  return indexes;
}

/** The pages without events that lie near the lines on screen. */
function findGaps(items: readonly FeedItem[], range: LineRange): number[] {
  const reach = Math.ceil(PREFETCH_PX / ROW_HEIGHT);
  const found: number[] = [];
  const last = Math.min(items.length - 1, range.last + reach);
  for (let index = Math.max(0, range.first - reach); index <= last; index += 1) {
    const item = items[index];
    if (item?.kind === 'gap') found.push(item.pageKey);
  }
  return found;
}

function NewAbove({ onClick }: { onClick: () => void }) {
  const { feed } = useApp();
  const { strings, formats, isStreaming } = useWords();
  const count = feed.newAbove.value;
  if (count === 0) return null;
  return (
    <button type="button" class="new-above" onClick={onClick}>
      {isStreaming
        ? strings.newEventsHidden
        : fillPlural(strings, 'newEvents', count, formats.locale, formats.number(count))}
      <Icon name="arrow-up" />
    </button>
  );
}
