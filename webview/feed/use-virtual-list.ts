import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { FeedItem } from '../state/feed-items';
import { findAnchor, findAnchored, findLine, layOut, type Anchor, type Offsets } from '../state/feed-layout';
import { ROW_HEIGHT } from '../state/feed-metrics';
import { useRedraw } from './use-redraw';

/** Which lines are on screen; the end is included. */
export interface LineRange {
  first: number;
  last: number;
}

/** The list's window: what is drawn of it, and how to move it. */
export interface VirtualList {
  scroller: RefObject<HTMLDivElement | null>;
  offsets: Offsets;
  /** The lines on screen. */
  range: LineRange;
  /** The lines to draw: those on screen and some beyond, so that a fast scroll finds them there. */
  drawn: LineRange;
  /** Told to opened lines, whose height is only known once they are there. */
  measure: (key: string, height: number | null) => void;
  /** Brings a line into sight; `center` puts it in the middle. */
  reveal: (index: number, where: 'nearest' | 'center') => void;
}

/** Pixels drawn beyond each edge of the screen. */
const OVERSCAN_PX = 1_200;
/** The list is drawn anew before the screen comes this near to the end of what is drawn. */
const MARGIN_PX = 700;

interface Place {
  top: number;
  height: number;
  /** Null at the top, where new lines may push the rest down. */
  anchor: Anchor | null;
  overscan: number;
  /** What is drawn, in pixels from the list's top. */
  from: number;
  to: number;
}

function leavesDrawn({ top, height, from, to }: Place, total: number): boolean {
  return Math.max(0, top - MARGIN_PX) < from || Math.min(total, top + height + MARGIN_PX) > to;
}

/**
 * Draws only the lines near the screen. Where the person has scrolled down, the page keeps its place while lines come,
 * go or change their height above; at the top new lines push the rest down. `onMove` hears the line at the top edge, null
 * for the list's own top.
 */
export function useVirtualList(
  items: readonly FeedItem[],
  onMove: (line: number | null) => void,
): VirtualList {
  const [, redraw] = useRedraw();
  const scroller = useRef<HTMLDivElement>(null);
  const measured = useRef(new Map<string, number>());
  const [version, remeasure] = useRedraw();
  const offsets = useMemo(() => layOut(items, measured.current), [items, version]);
  const place = useRef<Place>({
    top: 0,
    height: window.innerHeight,
    anchor: null,
    overscan: 0,
    from: 0,
    to: 0,
  });
  const { current } = place;

  // Before anything is drawn: where the line at the top edge went, the screen goes too.
  const anchored = current.anchor && findAnchored(items, offsets, current.anchor);
  const top = anchored ?? current.top;
  const range = { first: findLine(offsets, top), last: findLine(offsets, top + current.height) };
  const drawn = {
    first: findLine(offsets, top - current.overscan),
    last: findLine(offsets, top + current.height + current.overscan),
  };
  current.from = offsets[drawn.first] ?? 0;
  current.to = offsets[drawn.last + 1] ?? 0;

  const note = (element: HTMLElement): void => {
    current.top = element.scrollTop;
    current.height = element.clientHeight || window.innerHeight;
    current.anchor = current.top < ROW_HEIGHT ? null : findAnchor(items, offsets, current.top);
    onMove(current.anchor && current.anchor.index);
  };
  const latest = useRef(note);
  latest.current = note;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    if (anchored === null || Math.abs(current.top - anchored) < 1) {
      // Reading the place from the page would make it lay itself out twice.
      if (current.anchor) current.anchor = findAnchor(items, offsets, current.top);
      return;
    }
    element.scrollTop = anchored;
    note(element);
  });
  useEffect(() => {
    // After the first rows were painted: how long they took since the script began, for whoever measures.
    performance.measure('eventsub rows', 'eventsub start');
    // The first screen alone is there sooner.
    current.overscan = OVERSCAN_PX;
    redraw();
  }, []);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const update = (): void => {
      latest.current(element);
      if (leavesDrawn(current, element.scrollHeight)) redraw();
    };
    element.addEventListener('scroll', update, { passive: true });
    const resize = new ResizeObserver(update);
    resize.observe(element);
    return () => {
      element.removeEventListener('scroll', update);
      resize.disconnect();
    };
  }, []);

  const measure = useCallback((key: string, height: number | null) => {
    if (measured.current.get(key) === (height ?? undefined)) return;
    if (height === null) measured.current.delete(key);
    else measured.current.set(key, height);
    remeasure();
  }, []);
  const reveal = (index: number, where: 'nearest' | 'center'): void => {
    const element = scroller.current;
    if (!element) return;
    const start = offsets[index] ?? 0;
    const end = offsets[index + 1] ?? start;
    const room = element.clientHeight;
    if (where === 'center') element.scrollTop = start - Math.max(0, room - (end - start)) / 2;
    else if (start < element.scrollTop) element.scrollTop = index === 0 ? 0 : start;
    else if (end > element.scrollTop + room) element.scrollTop = Math.min(start, end - room);
    latest.current(element);
    redraw();
  };
  return { scroller, offsets, range, drawn, measure, reveal };
}
