/** How the rows are to be measured. */
export interface BenchOptions {
  /** Each figure is measured so often. */
  runs: number;
  /** 1: as many events as the issue asks for; less: a rehearsal. */
  scale: number;
  /** Says how far it is. */
  say: (line: string) => void;
  /** A folder for CPU profiles of what is measured; null: none. */
  profiles: string | null;
}

/** A number of events at this scale, at least 100. */
export function scaled(count: number, { scale }: BenchOptions): number {
  return Math.max(100, Math.round(count * scale));
}
