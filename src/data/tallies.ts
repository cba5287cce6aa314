import type { Database } from './database';

/** Sums are kept for steps of this length, so that any time zone's days can be put together from them. */
export const QUARTER_MS = 900_000;
/** `tallies.at` for what is so now. */
const NOW = -1;

/** What came or went in a quarter of an hour. */
export type FlowKind =
  | 'follows'
  | 'unfollows'
  | 'subscriptionsBegun'
  | 'subscriptionsEnded'
  | 'moderatorsAdded'
  | 'moderatorsRemoved'
  | 'vipsAdded'
  | 'vipsRemoved';

/** How many there are now. */
export type StockKind = 'followers' | 'subscribers' | 'moderators' | 'vips' | 'events';

type TallyKind = FlowKind | StockKind | `event:${string}`;

interface Cell {
  channelId: string;
  kind: TallyKind;
  at: number;
  amount: number;
}

/** Sums kept beside the tables in the same transaction, so that statistics never have to count rows. */
export class Tallies {
  private open = new Map<TallyKind, Cell>();
  private cells: Cell[] = [];
  private readonly kindOfType = new Map<string, `event:${string}`>();

  constructor(private readonly database: Database) {}

  /** Something came or went at an instant (milliseconds since 1970). */
  flow(channelId: string, kind: FlowKind, atMs: number, amount: number): void {
    this.add(channelId, kind, Math.floor(atMs / QUARTER_MS), amount);
  }

  /** An event of a type was recorded at an instant. */
  recorded(channelId: string, type: string, atMs: number): void {
    let kind = this.kindOfType.get(type);
    if (kind === undefined) {
      kind = `event:${type}`;
      // Types come from outside, so there may be any number of them.
      if (this.kindOfType.size < 100) this.kindOfType.set(type, kind);
    }
    this.add(channelId, kind, Math.floor(atMs / QUARTER_MS), 1);
  }

  /** There are so many more, or fewer, now. */
  stock(channelId: string, kind: StockKind, amount: number): void {
    this.add(channelId, kind, NOW, amount);
  }

  /** Writes the sums; called at the end of each transaction. */
  flush(): void {
    if (this.cells.length === 0) return;
    const statement = this.database.prepare(
      `INSERT INTO tallies (channel_id, kind, at, amount) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`,
    );
    for (const { channelId, kind, at, amount } of this.cells) {
      if (amount !== 0) statement.run(channelId, kind, at, amount);
    }
    this.forget();
  }

  /** Drops what was not written, after a transaction was rolled back. */
  forget(): void {
    this.open = new Map();
    this.cells = [];
  }

  /** How many there are now, as of the last transaction. */
  now(channelId: string, kind: StockKind): number {
    return (
      this.database
        .prepare('SELECT amount FROM tallies WHERE channel_id = ?1 AND kind = ?2 AND at = -1')
        .first([channelId, kind], row => row.integer(0)) ?? 0
    );
  }

  private add(channelId: string, kind: TallyKind, at: number, amount: number): void {
    const open = this.open.get(kind);
    if (open?.at === at && open.channelId === channelId) {
      open.amount += amount;
      return;
    }
    const cell: Cell = { channelId, kind, at, amount };
    this.open.set(kind, cell);
    this.cells.push(cell);
  }
}
