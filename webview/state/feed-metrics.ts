/** Heights in CSS pixels that the list's arithmetic and `feed.css` share. */
export const ROW_HEIGHT = 30;
/** A day's heading above its first row. */
export const DAY_HEIGHT = 32;

/** Events in the first answer: more than a screen, and quick to read. */
export const FIRST_PAGE = 100;
/** Events in every later answer; the most that the contract allows. */
export const NEXT_PAGE = 500;
/** Events kept in memory; pages far from the screen are let go beyond it and fetched again when near. */
export const KEPT_EVENTS = 20_000;
/** How near the end (or a page that was let go) may come before it is fetched, in pixels. */
export const PREFETCH_PX = 9_000;
