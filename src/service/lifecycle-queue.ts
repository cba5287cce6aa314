/** Work that opens and closes things, one after another: two changes at once must not leave two of anything. */
export interface LifecycleQueue {
  /** Runs `work` when everything before it has ended, however it ended. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes an empty queue. */
export function createLifecycleQueue(): LifecycleQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: work => {
      const turn = last.then(work);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
