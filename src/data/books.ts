import type { Database } from './database';
import { EventBook } from './event-book';
import { Tallies } from './tallies';
import { ViewerBook } from './viewer-book';

/** What handlers write with: everything goes into the one transaction that is open. */
export interface Books {
  database: Database;
  viewers: ViewerBook;
  events: EventBook;
  tallies: Tallies;
  /** Something that the person should know, told after the transaction. */
  notices: string[];
}

export function createBooks(database: Database): Books {
  const tallies = new Tallies(database);
  return {
    database,
    tallies,
    viewers: new ViewerBook(database),
    events: new EventBook(database, tallies),
    notices: [],
  };
}

/** Writes what the books hold back until the end of a transaction. */
export function flushBooks(books: Books): void {
  books.viewers.flush();
  books.events.flush();
  books.tallies.flush();
}

/** Makes the books agree with the tables again after a transaction was rolled back. */
export function forgetBooks(books: Books): void {
  books.viewers.forget();
  books.events.forget();
  books.tallies.forget();
  books.notices.length = 0;
}
