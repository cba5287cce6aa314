import { signal, type ReadonlySignal } from '@preact/signals';

/** What a screen reader hears. */
export interface Announcer {
  readonly text: ReadonlySignal<string>;
  /** Adds so many new events, at least one, with a sentence for the first; several within the pause are told as a number. */
  add(sentence: string, count: number): void;
}

/** A burst must not talk for minutes: at most one announcement in this time. */
const PAUSE_MS = 5_000;

/** Gathers new events into few, polite announcements. `say` words the only one, or the number of several. */
export function createAnnouncer(say: (sentence: string, count: number) => string): Announcer {
  const text = signal('');
  let first = '';
  let pending = 0;
  let isPausing = false;
  const flush = (): void => {
    isPausing = pending > 0;
    if (!isPausing) return;
    text.value = say(first, pending);
    pending = 0;
    window.setTimeout(flush, PAUSE_MS);
  };
  return {
    text,
    add: (sentence, count) => {
      if (pending === 0) first = sentence;
      pending += count;
      if (!isPausing) flush();
    },
  };
}
