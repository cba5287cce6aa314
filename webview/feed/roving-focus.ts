import { useMemo, useRef } from 'preact/hooks';
import type { FeedItem } from '../state/feed-items';
import type { VirtualList } from './use-virtual-list';
import { useRedraw } from './use-redraw';

/** Which row the keyboard is on: one row can be tabbed to, the arrows move between them. */
export interface RovingFocus {
  /** How many rows a page of PageDown has. */
  visibleRows: number;
  focusedIndex(): number;
  /** Whether this row is the one that Tab reaches. */
  isTabStop(key: string, index: number): boolean;
  note(key: string): void;
  /** Moves the cursor to a row; it is focused as soon as it is drawn. */
  focus(index: number): void;
  /** Focuses the row that waits for it; called after each drawing. */
  settle(): void;
}

/** Keeps the place by the row's key, so that it holds while rows come and go above it. The same object each time. */
export function useRovingFocus(items: readonly FeedItem[]): RovingFocus {
  const [, redraw] = useRedraw();
  const place = useRef({ items, key: '', index: -1, pending: '' }).current;
  if (place.items !== items) {
    place.items = items;
    if (items[place.index]?.key !== place.key) place.index = items.findIndex(({ key }) => key === place.key);
    // A row that goes leaves the keyboard to the newest one.
    const { activeElement } = document;
    const had = activeElement instanceof HTMLElement && activeElement.dataset['row'];
    if (had && place.index < 0) place.pending = items[0]?.key ?? '';
  }
  return useMemo(
    () => ({
      visibleRows: 10,
      focusedIndex: () => place.index,
      isTabStop: (key, index) => (place.index < 0 ? index === 0 : place.key === key),
      note: key => {
        if (place.key === key) return;
        place.key = key;
        place.index = place.items.findIndex(item => item.key === key);
        redraw();
      },
      focus: index => {
        const item = place.items[index];
        if (!item || item.kind === 'gap') return;
        place.key = item.key;
        place.index = index;
        place.pending = item.key;
        redraw();
      },
      settle: () => {
        const row = place.pending && document.querySelector<HTMLElement>(`[data-row="${place.pending}"]`);
        if (!row) return;
        place.pending = '';
        row.focus({ preventScroll: true });
      },
    }),
    [],
  );
}

/** Carries out the list's keys: arrows, Home, End, PageUp, PageDown. Enter and Space are the row's own. */
export function moveFocus(event: KeyboardEvent, roving: RovingFocus, list: VirtualList): void {
  const row = event.target instanceof HTMLElement && event.target.dataset['row'];
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const last = list.offsets.length - 2;
  const now = Math.max(0, roving.focusedIndex());
  const page = Math.max(1, roving.visibleRows - 1);
  const target = {
    ArrowDown: now + 1,
    ArrowUp: now - 1,
    PageDown: now + page,
    PageUp: now - page,
    Home: 0,
    End: last,
  }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  const index = Math.min(last, Math.max(0, target));
  list.reveal(index, 'nearest');
  roving.focus(index);
}
