import type { WindowContext } from './window-context';

/** How many of the newest rows are looked at for the highest number. */
const PAGE = 500;

/**
 * Marks everything as read that is stored now. Rows are ordered by when they happened, so a recovered one with a
 * higher number may stand further down.
 */
export async function markAllRead({ service }: WindowContext): Promise<void> {
  const { page, readUpTo } = await service.getSnapshot({}, PAGE);
  const highest = page.events.reduce((most, event) => Math.max(most, event.id), readUpTo);
  if (highest > readUpTo) await service.markRead(highest);
}
