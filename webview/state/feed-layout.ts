import { estimateHeight, type FeedItem } from './feed-items';

/** Where each line stands: `offsets[i]` is the top of line `i` in pixels, the last entry the whole height. */
export type Offsets = Float64Array;

/** Adds up the heights; `measured` holds those of opened lines, by key. */
export function layOut(items: readonly FeedItem[], measured: ReadonlyMap<string, number>): Offsets {
  const offsets = new Float64Array(items.length + 1);
  let top = 0;
  items.forEach((item, index) => {
    offsets[index] = top;
    top += measured.get(item.key) ?? estimateHeight(item);
  });
  offsets[items.length] = top;
  return offsets;
}

/** The line that covers a height, found by halving; the first or last one outside of the list. */
export function findLine(offsets: Offsets, top: number): number {
  let low = 0;
  let high = Math.max(0, offsets.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= top) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A line on screen by which the page keeps its place while lines come and go above it. */
export interface Anchor {
  key: string;
  /** Where it was in the list: most often it still is. */
  index: number;
  /** How far the screen's top edge is below the line's own. */
  into: number;
}

/** The line at the screen's top edge. */
export function findAnchor(items: readonly FeedItem[], offsets: Offsets, top: number): Anchor | null {
  const index = findLine(offsets, top);
  const item = items[index];
  return item ? { key: item.key, index, into: top - (offsets[index] ?? 0) } : null;
}

/** Where the screen's top edge belongs now; null if the line is gone. */
export function findAnchored(items: readonly FeedItem[], offsets: Offsets, anchor: Anchor): number | null {
  const isStill = items[anchor.index]?.key === anchor.key;
  const index = isStill ? anchor.index : items.findIndex(item => item.key === anchor.key);
  if (index < 0) return null;
  const start = offsets[index] ?? 0;
  const height = (offsets[index + 1] ?? start) - start;
  return start + Math.min(anchor.into, height);
}
