/** What a fault program tried and found; the table of `npm run test:faults` has one line for each. */
export interface FaultReport {
  tried: number;
  /** Acknowledged and gone. */
  lost: number;
  /** There more than once. */
  twice: number;
  /** Times that nothing could be opened any more. */
  unreadable: number;
  /** One sentence for each finding, and for what else is worth knowing. */
  notes: string[];
}

export function emptyReport(): FaultReport {
  return { tried: 0, lost: 0, twice: 0, unreadable: 0, notes: [] };
}

/** A repeatable random number generator: 0 up to, not including, 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Compares what was acknowledged with the viewers of all stored events; each event has a viewer of its own. */
export function compare(
  report: FaultReport,
  acknowledged: ReadonlySet<string>,
  stored: readonly string[],
  where: string,
): void {
  const seen = new Set<string>();
  for (const id of stored) {
    if (seen.has(id)) {
      report.twice++;
      report.notes.push(`${where}: ${id} is there twice.`);
    }
    seen.add(id);
  }
  for (const id of acknowledged) {
    if (seen.has(id)) continue;
    report.lost++;
    report.notes.push(`${where}: ${id} was acknowledged and is gone.`);
  }
}
