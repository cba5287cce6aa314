import path from 'node:path';
import { queryDatabase } from '../../support/query-database';
import { waitFor } from '../../support/poll';
import type { Workbench } from '../../support/workbench/workbench';

/** The database of the custom server, read from its file as any SQLite tool would. */
export class History {
  constructor(private readonly workbench: Workbench) {}

  /** The rows of a query. */
  rows(sql: string): Promise<Record<string, unknown>[]> {
    return queryDatabase(path.join(this.workbench.storageFolder, 'custom', 'eventsub.sqlite'), sql);
  }

  /** The one number that a query answers. */
  async count(sql: string): Promise<number> {
    const [row = {}] = await this.rows(sql);
    return Number(Object.values(row)[0]);
  }

  /** Waits until a query answers this number; the file follows what is shown by seconds. */
  async until(sql: string, expected: number): Promise<void> {
    let last: number | undefined;
    await waitFor(`${expected} from ${sql}`, async () => {
      last = await this.count(sql);
      return last === expected;
    }).catch((error: unknown) => {
      throw new Error(`It answers ${String(last)}.`, { cause: error });
    });
  }

  /** The types and sources of a viewer's events, oldest first: `channel.follow poll`. */
  async eventsOf(viewer: string): Promise<string[]> {
    const rows = await this.rows(
      `SELECT e.event_type || ' ' || e.source AS event FROM events e JOIN viewers v ON v.id = e.viewer_id
       WHERE v.display_name = '${viewer}' ORDER BY e.id`,
    );
    return rows.map(row => String(row['event']));
  }
}
