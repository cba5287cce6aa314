import type { Viewer } from '../shared/events';
import type { Database } from './database';
import { FirstRuns } from './first-runs';
import { LoginIndex } from './login-index';

/** A viewer's row; `row` is its rowid, by which `latest` knows it. */
export interface KnownViewer {
  id: string;
  row: number;
  /** Seen for the first time in this record. */
  isNew: boolean;
}

/** `viewers`, and the chains that lead from a viewer to what happened to them. */
export class ViewerBook {
  private nextRow = 0;
  private nextFollow = 0;
  private readonly logins: LoginIndex;
  private readonly firsts: FirstRuns;

  constructor(private readonly database: Database) {
    this.logins = new LoginIndex(database);
    this.firsts = new FirstRuns(database);
    this.forget();
  }

  /** Reads again where the table ends, after opening and after a transaction was rolled back. */
  forget(): void {
    this.nextRow = this.database.integer('SELECT max(rowid) FROM viewers') + 1;
    this.nextFollow = this.database.integer('SELECT max(id) FROM follower_history') + 1;
    this.logins.forget();
    this.firsts.forget();
  }

  /** Writes what the book holds back; called at the end of each transaction. */
  flush(): void {
    this.logins.flush(this.nextRow - 1);
    this.firsts.flush();
  }

  /** The id for a new row of `follower_history`. */
  takeFollowId(): number {
    return this.nextFollow++;
  }

  /**
   * Inserts a viewer or brings names and dates up to date. `listed`: a list named them, which is no sign of life
   * and leaves the dates of one who is known.
   */
  upsert(viewer: Viewer, seenAt: string, why: 'active' | 'listed' = 'active'): KnownViewer {
    this.database
      .prepare(
        `INSERT INTO viewers (rowid, id, login, display_name, first_seen_at, last_seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING`,
      )
      .run(this.nextRow, viewer.id, viewer.login, viewer.displayName, seenAt);
    if (this.database.changes() > 0) {
      const row = this.nextRow++;
      return { id: viewer.id, row, isNew: true };
    }
    return this.update(viewer, seenAt, why);
  }

  /** The rowid, or undefined for one who was never seen. */
  find(viewerId: string): KnownViewer | undefined {
    return this.database
      .prepare('SELECT rowid FROM viewers WHERE id = ?1')
      .first([viewerId], row => ({ id: viewerId, row: row.integer(0), isNew: false }));
  }

  get(viewerId: string): Viewer | undefined {
    return this.database
      .prepare('SELECT login, display_name FROM viewers WHERE id = ?1')
      .first([viewerId], row => ({ id: viewerId, login: row.text(0), displayName: row.text(1) }));
  }

  /** Makes an event the viewer's newest. */
  linkEvent(viewer: KnownViewer, eventId: number): void {
    const earlier = this.newest('event', viewer.row);
    if (earlier !== null) {
      this.database.prepare('INSERT INTO earlier_events VALUES (?1, ?2)').run(eventId, earlier);
    }
    this.setNewest('event', viewer.row, eventId);
  }

  /** Makes a row of `follower_history` the viewer's newest. */
  linkFollow(viewer: KnownViewer, followId: number): void {
    const earlier = this.newest('follow', viewer.row);
    if (earlier !== null) {
      this.database.prepare('INSERT INTO earlier_follows VALUES (?1, ?2)').run(followId, earlier);
    }
    this.setNewest('follow', viewer.row, followId);
  }

  /** An event and a row of `follower_history`, the first of each, of a viewer who is new. */
  linkFirst(viewer: KnownViewer, eventId: number | null, followId: number): void {
    this.firsts.add(viewer.row, eventId, followId);
  }

  /** The ids of a viewer's rows, last recorded first. */
  *chain(what: 'event' | 'follow', viewerRow: number): Generator<number, undefined> {
    let id = this.newest(what, viewerRow);
    const step = this.database.prepare(
      what === 'event'
        ? 'SELECT earlier FROM earlier_events WHERE event = ?1'
        : 'SELECT earlier FROM earlier_follows WHERE follow = ?1',
    );
    while (id !== null) {
      yield id;
      id = step.first([id], row => row.integer(0)) ?? null;
    }
    return undefined;
  }

  private update(viewer: Viewer, seenAt: string, why: 'active' | 'listed'): KnownViewer {
    const known = this.database
      .prepare('SELECT rowid, login, display_name, first_seen_at, last_seen_at FROM viewers WHERE id = ?1')
      .first([viewer.id], row => ({
        row: row.integer(0),
        login: row.text(1),
        hasSameName: row.text(1) === viewer.login && row.text(2) === viewer.displayName,
        isWithin: row.text(3) <= seenAt && row.text(4) >= seenAt,
      }));
    if (!known) throw new Error(`The viewer ${viewer.id} was not inserted and is not there.`);
    if (!known.hasSameName) {
      this.database
        .prepare('UPDATE viewers SET login = ?2, display_name = ?3 WHERE rowid = ?1')
        .run(known.row, viewer.login, viewer.displayName);
      this.logins.rename(known.row, known.login, viewer.login);
    }
    if (!known.isWithin && why === 'active') {
      this.database
        .prepare(
          `UPDATE viewers SET first_seen_at = min(first_seen_at, ?2), last_seen_at = max(last_seen_at, ?2)
           WHERE rowid = ?1`,
        )
        .run(known.row, seenAt);
    }
    return { id: viewer.id, row: known.row, isNew: false };
  }

  private newest(what: 'event' | 'follow', viewerRow: number): number | null {
    const sql =
      what === 'event'
        ? 'SELECT event FROM latest WHERE viewer = ?1'
        : 'SELECT follow FROM latest WHERE viewer = ?1';
    const newest = this.database.prepare(sql).first([viewerRow], row => row.integerOrNull(0));
    return newest ?? this.firsts.find(what, viewerRow);
  }

  private setNewest(what: 'event' | 'follow', viewerRow: number, id: number): void {
    const sql =
      what === 'event'
        ? 'INSERT INTO latest (viewer, event) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET event = excluded.event'
        : 'INSERT INTO latest (viewer, follow) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET follow = excluded.follow';
    this.database.prepare(sql).run(viewerRow, id);
  }
}
