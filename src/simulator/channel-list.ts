import type { SimulatedUser } from './people';

/** One entry of a list; the fields that a list does not use keep their neutral values. */
export interface ListRow {
  user: SimulatedUser;
  /** Grows with each entry; breaks ties and orders the lists without a time. */
  sequence: number;
  /** Followers: when the follow happened, in milliseconds since 1970. */
  followedAtMs: number;
  tier: string;
  isGift: boolean;
  gifter: SimulatedUser | null;
}

/** Where a page ended, as its cursor holds it. */
export interface ListPosition {
  followedAtMs: number;
  sequence: number;
}

/** The people of one list, in the order in which Helix lists them. */
export class ChannelList {
  readonly #rows = new Map<string, ListRow>();
  readonly #compare: (a: ListPosition, b: ListPosition) => number;
  #sorted: ListRow[] | null = null;

  constructor(isNewestFirst: boolean) {
    const sign = isNewestFirst ? -1 : 1;
    this.#compare = (a, b) => sign * (a.followedAtMs - b.followedAtMs || a.sequence - b.sequence);
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): ListRow | null {
    return this.#rows.get(id) ?? null;
  }

  set(row: ListRow): void {
    this.#rows.set(row.user.id, row);
    this.#sorted = null;
  }

  delete(id: string): void {
    if (this.#rows.delete(id)) this.#sorted = null;
  }

  sorted(): readonly ListRow[] {
    this.#sorted ??= [...this.#rows.values()].sort(this.#compare);
    return this.#sorted;
  }

  isAfter(row: ListPosition, position: ListPosition): boolean {
    return this.#compare(row, position) > 0;
  }

  /** The index of the first row that comes after a position. */
  indexAfter(position: ListPosition): number {
    const rows = this.sorted();
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = rows[middle];
      if (row && this.#compare(row, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
