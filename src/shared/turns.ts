/** Work of which each piece gets a turn of the event loop of its own, so that a rush of it holds up nothing else. */
export interface Turns {
  /** The first piece of a quiet time is done at once; what comes meanwhile follows in order. None may throw. */
  add(work: () => void): void;
  /** Does what waits without giving way. */
  flush(): void;
  /** Resolves when nothing waits. */
  settled(): Promise<void>;
}

/** Makes an empty one. */
export function createTurns(): Turns {
  const waiting: (() => void)[] = [];
  let running: Promise<void> | null = null;

  const run = async (): Promise<void> => {
    for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) {
      work();
      await nextTurn();
    }
  };

  return {
    add: work => {
      waiting.push(work);
      running ??= run().finally(() => (running = null));
    },
    flush: () => {
      for (const work of waiting.splice(0)) work();
    },
    settled: () => running ?? Promise.resolve(),
  };
}

/** Resolves once everything else of this turn was done. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
