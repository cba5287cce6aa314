import type { EventCursor, FeedEvent } from '../../src/shared/events';

/** Sorts newest first, as the pages come: by when it happened, then by when it was recorded. */
export function compareNewestFirst(a: EventCursor, b: EventCursor): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? 1 : -1;
  return b.id - a.id;
}

/** The place right after an event: what is older than it comes next. */
export function cursorOf(event: FeedEvent): EventCursor {
  return { occurredAt: event.occurredAt, id: event.id };
}

/**
 * Puts events into a list that is newest first. An event with a known id replaces the old one, so that the
 * same event never shows twice. Answers the new list and which were not there before.
 */
export function mergeEvents(
  list: readonly FeedEvent[],
  events: readonly FeedEvent[],
): { events: FeedEvent[]; added: FeedEvent[] } {
  const incoming = new Map(events.map(event => [event.id, event]));
  const kept = list.map(event => {
    const replacement = incoming.get(event.id);
    if (replacement) incoming.delete(event.id);
    return replacement ?? event;
  });
  const added = [...incoming.values()].sort(compareNewestFirst);
  // Of two sorted runs that is one pass.
  return { events: [...added, ...kept].sort(compareNewestFirst), added };
}
