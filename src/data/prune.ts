import type { Books } from './books';
import { parseInstant } from './instants';
import type { LedgerRecord } from './records';

/** So many at once, so that nothing else has to wait long; the rest goes with the next record. */
const MOST_PRUNED = 20_000;

/** Whether anything in `events` occurred before an instant. */
export function hasOlderEvents(books: Books, before: string): boolean {
  const found = books.database.prepare('SELECT 1 FROM feed WHERE family = ?1 AND at < ?2 LIMIT 1');
  const beforeMs = parseInstant(before);
  return [0, 1, 2, 3, 4, 5].some(family => found.first([family, beforeMs], () => true) === true);
}

/**
 * Deletes the oldest rows of `events` that occurred before an instant, and sets `event_id` to null where it
 * pointed to them. History rows, message ids and sums stay.
 */
export function applyPrune(books: Books, record: Extract<LedgerRecord, { kind: 'prune' }>): void {
  const { database } = books;
  database.exec('CREATE TEMP TABLE IF NOT EXISTS pruned (event INTEGER PRIMARY KEY); DELETE FROM pruned');
  const collect = database.prepare(
    'INSERT INTO pruned SELECT event FROM feed WHERE family = ?1 AND at < ?2 ORDER BY at LIMIT ?3',
  );
  let left = MOST_PRUNED;
  for (let family = 0; family <= 5 && left > 0; family++) {
    collect.run(family, parseInstant(record.before), left);
    left -= database.changes();
    database
      .prepare(`DELETE FROM feed WHERE family = ?1 AND at < ?2 AND event IN (SELECT event FROM pruned)`)
      .run(family, parseInstant(record.before));
  }
  for (const table of ['follower_history', 'viewer_subscriptions', 'viewer_roles']) {
    database.exec(`UPDATE ${table} SET event_id = NULL WHERE event_id IN (SELECT event FROM pruned)`);
  }
  database.exec('DELETE FROM events WHERE id IN (SELECT event FROM pruned)');
  const count = database.changes();
  if (count === 0) return;
  books.tallies.stock('', 'events', -count);
  books.events.countUnread();
}
