/** Heights in CSS pixels that the list's arithmetic and `feed.css` share. */
export const ROW_HEIGHT = 30;
/** A day's heading above its first row. */
export const DAY_HEIGHT = 32;

/** Events in the first answer: more than a screen, and quick to read. */
export const FIRST_PAGE = 100;
/** Events in every later answer; the most that the contract allows. */
export const NEXT_PAGE = 500;
/** Events kept in memory beside those near the screen; pages further away are let go and fetched again when near. */
export const KEPT_EVENTS = 20_000;
/** So many lines beyond the screen are fetched ahead, or so many events where lines stand for many. */
export const PREFETCH_LINES = 300;
export const PREFETCH_EVENTS = 3_000;
