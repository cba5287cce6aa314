import type { Database } from './database';

/**
 * So many new viewers go into the index together, in the order of their names. Names lie at random places of it: one
 * at a time, each would change a page of its own.
 */
const TOGETHER = 8_192;

/** `logins`: finds viewers by the beginning of their login. The newest ones wait outside of it and are looked through. */
export class LoginIndex {
  /** The last `viewers.rowid` that is in it. */
  private upTo = 0;

  constructor(private readonly database: Database) {}

  /** Reads again how far it goes, after opening and after a transaction was rolled back. */
  forget(): void {
    this.upTo = this.database.integer("SELECT value FROM marks WHERE name = 'loginsTo'");
  }

  /** A viewer has another login now. */
  rename(viewerRow: number, before: string, now: string): void {
    if (viewerRow > this.upTo) return;
    this.database
      .prepare('UPDATE OR REPLACE logins SET login = lower(?3) WHERE login = lower(?2) AND viewer = ?1')
      .run(viewerRow, before, now);
  }

  /** Takes in who waits, once they are many; called at the end of each transaction. */
  flush(newestRow: number): void {
    if (newestRow - this.upTo < TOGETHER) return;
    this.database
      .prepare(
        `INSERT OR IGNORE INTO logins SELECT lower(login), rowid FROM viewers WHERE rowid > ?1
         ORDER BY lower(login), rowid`,
      )
      .run(this.upTo);
    this.database
      .prepare("INSERT INTO marks VALUES ('loginsTo', ?1) ON CONFLICT DO UPDATE SET value = excluded.value")
      .run(newestRow);
    this.upTo = newestRow;
  }
}

/** The ids of viewers whose login begins with a text in either case, `most` at most, in no order. */
export function viewersByLogin(database: Database, text: string, most: number): string[] {
  const end = `${text}\u{10ffff}`;
  const indexed = database.prepare(
    `SELECT v.id FROM logins l CROSS JOIN viewers v ON v.rowid = l.viewer
     WHERE l.login >= lower(?1) AND l.login < lower(?2) LIMIT ?3`,
  );
  const waiting = database.prepare(
    `SELECT id FROM viewers WHERE rowid > coalesce((SELECT value FROM marks WHERE name = 'loginsTo'), 0)
     AND login >= ?1 COLLATE NOCASE AND login < ?2 COLLATE NOCASE LIMIT ?3`,
  );
  const ids = indexed.all([text, end, most], row => row.text(0));
  if (ids.length === most) return ids;
  return [...ids, ...waiting.all([text, end, most - ids.length], row => row.text(0))];
}
