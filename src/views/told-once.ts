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
