import type { Problem } from '../shared/service';

/** How long a warning has to last (ms) before it is told: what mends itself at once needs nobody. */
const WARNING_PATIENCE_MS = 5_000;
/** How long a cause has to be gone (ms) before its return is told again. */
const FORGET_AFTER_MS = 10 * 60_000;

/** Remembers which causes were told, so that each is told once while it lasts and not again at every flicker. */
export class ToldOnce {
  /** By id: null while present, else when it went away. */
  private readonly told = new Map<string, number | null>();

  constructor(private readonly now: () => number) {}

  /** Of the causes that are present now, those that have to be told. */
  update(present: readonly string[]): string[] {
    const now = this.now();
    for (const [id, goneAt] of this.told) {
      if (goneAt === null && !present.includes(id)) this.told.set(id, now);
      else if (goneAt !== null && now - goneAt > FORGET_AFTER_MS) this.told.delete(id);
    }
    const fresh = [...new Set(present)].filter(id => !this.told.has(id));
    for (const id of present) this.told.set(id, null);
    return fresh;
  }
}

/**
 * Which problems are worth telling now: errors at once, others when they have lasted; and of several that say the same
 * of different things (three polls that failed alike) only the first.
 */
export class ProblemFilter {
  private readonly seenAt = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** The problems to tell, and how long (ms) until one of the others has lasted; null: none is waiting. */
  choose<P extends Pick<Problem, 'id' | 'message' | 'action' | 'severity'>>(
    present: readonly P[],
  ): { ripe: P[]; nextInMs: number | null } {
    const now = this.now();
    for (const id of this.seenAt.keys())
      if (!present.some(problem => problem.id === id)) this.seenAt.delete(id);
    const ripe = new Map<string, P>();
    let nextInMs: number | null = null;
    for (const problem of present) {
      const since = this.seenAt.get(problem.id) ?? now;
      this.seenAt.set(problem.id, since);
      const leftMs = problem.severity === 'error' ? 0 : since + WARNING_PATIENCE_MS - now;
      const cause = `${problem.message} ${String(problem.action)}`;
      if (leftMs > 0) nextInMs = Math.min(nextInMs ?? leftMs, leftMs);
      else if (!ripe.has(cause)) ripe.set(cause, problem);
    }
    return { ripe: [...ripe.values()], nextInMs };
  }
}
