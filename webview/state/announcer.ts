import { signal, type ReadonlySignal } from '@preact/signals';

/** What a screen reader hears. */
export interface Announcer {
  readonly text: ReadonlySignal<string>;
  /** Adds new events; several within the pause are told as a number. */
  add(sentences: readonly string[]): void;
}

/** A burst must not talk for minutes: at most one announcement in this time. */
const PAUSE_MS = 5_000;

/** Gathers new events into few, polite announcements. `say` words one sentence, or the number of several. */
export function createAnnouncer(say: (sentences: readonly string[]) => string): Announcer {
  const text = signal('');
  let pending: string[] = [];
  let isPausing = false;
  const flush = (): void => {
    if (pending.length === 0) {
      isPausing = false;
      return;
    }
    text.value = say(pending);
    pending = [];
    isPausing = true;
    window.setTimeout(flush, PAUSE_MS);
  };
  return {
    text,
    add: sentences => {
      if (sentences.length === 0) return;
      pending.push(...sentences);
      if (!isPausing) flush();
    },
  };
}
