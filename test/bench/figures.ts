/** What a figure has to reach, as a ratio of what stands beside it. */
export interface Target {
  sense: 'atMost' | 'atLeast';
  ratio: number;
  /** The issue's own words. */
  says: string;
}

/** One line of the table: a value for each run, beside a peer's or a limit's of the same run. */
export interface Figure {
  row: string;
  what: string;
  unit: string;
  /** One value for each run. */
  runs: number[];
  /** As many values as there are runs, or one that holds for all of them. */
  beside: { what: string; runs: number[] };
  /** Null: reported only. */
  target: Target | null;
}

/** Middle and ends of some values. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The value below which `share` (0 to 1) of the samples lie; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[index] ?? Number.NaN;
}

/** Median, smallest and largest of the values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** Each run's value divided by what stood beside it in the same run. */
export function ratiosOf(figure: Figure): number[] {
  const { runs: beside } = figure.beside;
  return figure.runs.map((value, index) => value / (beside[index] ?? beside[0] ?? Number.NaN));
}

/** Whether the median ratio reaches the target; null where there is none. */
export function isReached(figure: Figure): boolean | null {
  if (figure.target === null) return null;
  const { median } = spreadOf(ratiosOf(figure));
  return figure.target.sense === 'atMost' ? median <= figure.target.ratio : median >= figure.target.ratio;
}

/** The same instant in every process of this machine, in milliseconds with fractions. */
export function instant(): number {
  return performance.timeOrigin + performance.now();
}
