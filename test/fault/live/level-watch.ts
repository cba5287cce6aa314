import { EventEmitter, getEventListeners } from 'node:events';

/** What must stay level over a long run. */
export interface Levels {
  heapBytes: number;
  /** Memory of the whole process: with the database, which grows by what it holds. */
  rssBytes: number;
  timers: number;
  /** Everything else that keeps a loop alive: sockets, ports, files. */
  handles: number;
  /** Of every emitter and signal that is still alive. */
  listeners: number;
}

type Method = (this: object, ...args: never[]) => unknown;

const watched = new Set<WeakRef<object>>();
const known = new WeakSet();

function note(target: object): void {
  if (known.has(target)) return;
  known.add(target);
  watched.add(new WeakRef(target));
}

/** Notes whatever is listened to from now on; to be called before anything else. */
export function watchListeners(): void {
  const noting = (owner: object, name: string): void => {
    const original = Reflect.get(owner, name) as Method;
    Reflect.set(owner, name, function (this: object, ...args: never[]) {
      note(this);
      return original.apply(this, args);
    });
  };
  for (const name of ['on', 'addListener', 'once', 'prependListener']) noting(EventEmitter.prototype, name);
  noting(EventTarget.prototype, 'addEventListener');
}

function countListeners(): number {
  let count = 0;
  for (const reference of watched) {
    const target = reference.deref();
    if (target === undefined) watched.delete(reference);
    else if (target instanceof EventEmitter) {
      for (const name of target.eventNames()) count += target.listenerCount(name);
    } else if (target instanceof AbortSignal) count += getEventListeners(target, 'abort').length;
  }
  return count;
}

/** The levels of this moment, after all garbage is collected; needs `--expose-gc`. */
export async function readLevels(): Promise<Levels> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise(resolve => setImmediate(resolve));
  }
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter(name => name === 'Timeout' || name === 'Immediate').length;
  const { heapUsed, rss } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    rssBytes: rss,
    timers,
    handles: resources.length - timers,
    listeners: countListeners(),
  };
}
