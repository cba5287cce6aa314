import type { FeedFamily } from '../shared/catalogue';
import type { EventFilter } from '../shared/events';

/** What the person can choose to export, counted back from today. */
export type ExportRange = 'all' | 'today' | '7days' | '30days' | 'year' | { fromDay: string; toDay: string };

/** The filter of an export: whole local days, both ends included. */
export function buildExportFilter(
  range: ExportRange,
  families: readonly FeedFamily[] | null,
  now: Date,
): EventFilter {
  const filter: EventFilter = families === null ? {} : { families: [...families] };
  if (range === 'all') return filter;
  if (typeof range === 'object') {
    const from = parseDay(range.fromDay);
    const to = parseDay(range.toDay);
    if (from) filter.from = from.toISOString();
    if (to) filter.to = addDays(to, 1).toISOString();
    return filter;
  }
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = { today: 0, '7days': 6, '30days': 29, year: 364 }[range];
  return { ...filter, from: addDays(midnight, -days).toISOString() };
}

/** A day as `YYYY-MM-DD` at its local beginning; null if there is no such day. */
export function parseDay(text: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(year, month - 1, day);
  const isReal = date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day;
  return isReal ? date : null;
}

/** The name that a save dialogue suggests, e.g. `eventsub-events-2026-03-01.csv`. */
export function suggestFileName(format: 'csv' | 'jsonl', now: Date): string {
  return `eventsub-events-${formatDay(now)}.${format}`;
}

/** A local day as `YYYY-MM-DD`. */
export function formatDay(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Calendar days, so that a change of clocks does not shift the hour. */
function addDays(date: Date, days: number): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
}
