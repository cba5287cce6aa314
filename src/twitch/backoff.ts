/** How long retries wait: milliseconds for the first try's upper bound, and the cap that doubling ends at. */
export interface BackoffOptions {
  baseMs: number;
  capMs: number;
}

/**
 * Milliseconds to wait before the next try after `failures` failures (1 or more): full jitter, a random part of
 * a bound that doubles with each failure up to the cap. There is no last try. `random` is at least 0 and below 1.
 */
export function backoffMs(failures: number, random: number, { baseMs, capMs }: BackoffOptions): number {
  const doublings = Math.min(Math.max(0, failures - 1), 30);
  return Math.round(random * Math.min(capMs, baseMs * 2 ** doublings));
}
