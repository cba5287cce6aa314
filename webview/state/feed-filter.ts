import { feedFamilyOf, type EventFilter, type FeedEvent } from '../../src/shared/events';
import type { FeedChip } from '../../src/shared/service';
import { sayType } from '../../src/shared/state-words';
import type { WebviewStrings } from '../../src/shared/webview-strings';

/** What the person asked to see. */
export interface FeedQuery {
  chip: FeedChip;
  /** Trimmed; empty: no search. */
  text: string;
}

/** The filter that a query means to the database. */
export function toFilter(query: FeedQuery): EventFilter {
  return {
    ...(query.chip === 'all' ? {} : { families: [query.chip] }),
    ...(query.text === '' ? {} : { text: query.text }),
  };
}

/** Whether gifted subscriptions hide behind their gift's line: only where that line is shown too. */
export function foldsGifts(query: FeedQuery): boolean {
  return query.text === '' && (query.chip === 'all' || query.chip === 'gifts');
}

/**
 * Whether a new event belongs to what is shown. The database looks into the event's JSON as well; of a new event only
 * the names and the description are known here; the loader asks for the rest.
 */
export function matchesQuery(event: FeedEvent, query: FeedQuery, strings: WebviewStrings | null): boolean {
  if (query.chip !== 'all' && feedFamilyOf(event.type) !== query.chip) return false;
  if (query.text === '') return true;
  const wanted = query.text.toLocaleLowerCase();
  const said = [
    event.viewer?.displayName,
    event.viewer?.login,
    event.type,
    strings ? sayType(event.type, strings) : '',
  ];
  return said.some(text => text?.toLocaleLowerCase().includes(wanted) ?? false);
}

/** How many of each chip were recorded today. */
export function countChips(today: Partial<Record<string, number>>): Record<FeedChip, number> {
  const counts: Record<FeedChip, number> = { all: 0, follows: 0, subs: 0, gifts: 0, mods: 0, vips: 0 };
  for (const [type, count] of Object.entries(today)) {
    if (count === undefined) continue;
    counts.all += count;
    const family = feedFamilyOf(type);
    if (family) counts[family] += count;
  }
  return counts;
}
