import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { useApp, useWords } from '../app-context';
import { Icon } from '../parts/icon';
import { fillPlural } from '../../src/shared/webview-strings';
import { FeedEnd } from './feed-end';
import { FeedSlot } from './feed-row';
import { moveFocus, useRovingFocus } from './roving-focus';
import { useReveal } from './use-reveal';
import { useVirtualList, type LineRange } from './use-virtual-list';

/** The feed's lines, of which only those near the screen exist. */
export function FeedList() {
  const { feed } = useApp();
  const { strings } = useWords();
  const items = feed.items.value;
  const roving = useRovingFocus(items);
  const list = useVirtualList(items, line => {
    feed.place = line;
    if (line === null && feed.newAbove.peek() > 0) feed.newAbove.value = 0;
  });
  const { scroller, offsets, range, drawn } = list;
  const total = offsets.at(-1) ?? 0;
  roving.visibleRows = range.last - range.first;
  useReveal(list);

  useEffect(() => {
    const settle = (): void => feed.settle(range.first, range.last);
    const waitMs = feed.calmAt - performance.now();
    if (waitMs <= 0) {
      settle();
      return undefined;
    }
    const timer = window.setTimeout(settle, waitMs);
    return () => window.clearTimeout(timer);
  });
  useSignalEffect(() => {
    if (feed.topRequests.value > 0 && scroller.current) scroller.current.scrollTop = 0;
  });
  useLayoutEffect(() => roving.settle());
  const indexes = listDrawn(drawn, roving.focusedIndex(), items.length);
  const count = feed.pages.value?.next ? -1 : items.length;

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
          <div class="feed-drawn" style={{ transform: `translateY(${offsets[drawn.first] ?? 0}px)` }}>
            {indexes.map(index => {
              const item = items[index];
              if (!item) return null;
              if (item.kind === 'gap') {
                return (
                  <div key={item.key} class="feed-gap" role="article" style={{ height: `${item.height}px` }}>
                    {strings.loading}
                  </div>
                );
              }
              const isFar = index < drawn.first || index > drawn.last;
              const top = isFar ? (offsets[index] ?? 0) - (offsets[drawn.first] ?? 0) : null;
              const { measure } = list;
              return <FeedSlot key={item.key} {...{ item, index, top, count, roving, measure }} />;
            })}
          </div>
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

function NewAbove({ onClick }: { onClick: () => void }) {
  const { feed } = useApp();
  const { strings, formats, isStreaming } = useWords();
  const count = feed.newAbove.value;
  if (count === 0) return null;
  return (
    <button type="button" class="new-above" onClick={onClick}>
      {isStreaming || count === Infinity
        ? strings.newEventsHidden
        : fillPlural(strings, 'newEvents', count, formats.locale, formats.number(count))}
      <Icon name="arrow-up" />
    </button>
  );
}
