import type { Database } from './database';

interface Run {
  /** `viewers.rowid` of the first. */
  viewer: number;
  count: number;
  event: number | null;
  follow: number;
}

/** `first_runs`: where the first event and the first row of `follower_history` of each new follower lie. */
export class FirstRuns {
  /** The last run, which may go on. */
  private last: Run | null = null;
  private isWritten = true;

  constructor(private readonly database: Database) {}

  /** Notes a viewer of whom nothing was noted. */
  add(viewer: number, event: number | null, follow: number): void {
    const { last } = this;
    if (last && goesOn(last, viewer, event, follow)) {
      last.count++;
    } else {
      this.flush();
      this.last = { viewer, count: 1, event, follow };
    }
    this.isWritten = false;
  }

  /** The first event or row of `follower_history` of a viewer; null if none was noted. */
  find(what: 'event' | 'follow', viewer: number): number | null {
    const run = this.last && holds(this.last, viewer) ? this.last : this.read(viewer);
    if (!run || !holds(run, viewer)) return null;
    const first = run[what];
    return first === null ? null : first + (viewer - run.viewer);
  }

  /** Writes what was noted; called at the end of each transaction. */
  flush(): void {
    if (this.isWritten || !this.last) return;
    const { viewer, count, event, follow } = this.last;
    this.database
      .prepare(
        'INSERT INTO first_runs VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET count = excluded.count',
      )
      .run(viewer, count, event, follow);
    this.isWritten = true;
  }

  /** Drops what was not written, after a transaction was rolled back. */
  forget(): void {
    this.last = null;
    this.isWritten = true;
  }

  private read(viewer: number): Run | undefined {
    return this.database
      .prepare(
        'SELECT viewer, count, event, follow FROM first_runs WHERE viewer <= ?1 ORDER BY viewer DESC LIMIT 1',
      )
      .first([viewer], row => ({
        viewer: row.integer(0),
        count: row.integer(1),
        event: row.integerOrNull(2),
        follow: row.integer(3),
      }));
  }
}

function holds(run: Run, viewer: number): boolean {
  return viewer >= run.viewer && viewer < run.viewer + run.count;
}

function goesOn(run: Run, viewer: number, event: number | null, follow: number): boolean {
  const { count } = run;
  return (
    viewer === run.viewer + count &&
    follow === run.follow + count &&
    event === (run.event === null ? null : run.event + count)
  );
}
