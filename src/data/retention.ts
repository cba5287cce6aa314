import { formatInstant } from './instants';
import type { Ledger } from './ledger';
import { hasOlderEvents } from './prune';
import type { Recorder } from './recorder';

const DAY_MS = 86_400_000;
/** Looked at this often while the window stays open. */
const INTERVAL_MS = 6 * 3_600_000;

export interface RetentionOptions {
  ledger: Ledger;
  recorder: Recorder;
  now: () => number;
}

/** Deletes events that are older than the person wants to keep, as records of the journal. */
export class Retention {
  private days = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: RetentionOptions) {}

  /** 0: for ever. Prunes at once what is too old. */
  async set(days: number): Promise<void> {
    this.days = days;
    this.stop();
    if (days <= 0) return;
    this.timer = setInterval(() => void this.prune().catch(() => undefined), INTERVAL_MS);
    this.timer.unref();
    await this.prune();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private async prune(): Promise<void> {
    const { ledger, recorder, now } = this.options;
    const before = formatInstant(now() - this.days * DAY_MS);
    while (hasOlderEvents(ledger.books, before)) await recorder.commit({ kind: 'prune', before });
  }
}
