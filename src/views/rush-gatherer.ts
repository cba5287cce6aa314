import type { Disposable, EventsRecorded } from '../shared/service';
import type { ViewClock } from './view-clock';

/** Within so many milliseconds a page is told these few events at once; what comes beyond that waits for their end. */
const PACE_MS = 250;
const FEW_EVENTS = 50;
/** Of more than these at a time only the newest would be seen: the page is told that there are some, and asks. */
const MOST_TOLD = 500;

/**
 * Hands batches to a page: at once as long as they are few, and in a rush several as one at a steady pace, because
 * each costs the page a redraw that nobody could follow. Of a flood it hears only how far it went, by a batch that goes
 * on from there: it sees what it lacks and asks for a snapshot, as after any gap. The batch holds the one event that
 * happened first, because what is shown is complete only before that one.
 */
export class RushGatherer implements Disposable {
  private readonly waiting: EventsRecorded[] = [];
  private timer: Disposable | null = null;
  /** When the present span of `PACE_MS` began, and how many events were told in it. */
  private begunAtMs = -Infinity;
  private toldSince = 0;

  constructor(
    private readonly clock: ViewClock,
    private readonly tell: (batch: EventsRecorded) => void,
  ) {}

  /** Takes the next batch; their order stays. */
  add(batch: EventsRecorded): void {
    this.waiting.push(batch);
    if (this.timer) return;
    const sinceMs = this.clock.now() - this.begunAtMs;
    // A clock that was put back must not hold anything up.
    if (sinceMs >= PACE_MS || sinceMs < 0) this.begin();
    if (this.toldSince < FEW_EVENTS) this.flush();
    else this.plan(PACE_MS - sinceMs);
  }

  /** Drops what waits: nobody looks any more. What comes later is taken all the same. */
  dispose(): void {
    this.timer?.dispose();
    this.timer = null;
    this.waiting.length = 0;
  }

  /** Whether something waits that is not on disk yet. */
  get hasUnsaved(): boolean {
    return this.waiting.some(batch => batch.isUnsaved);
  }

  /** Tells everything that waits, because something else is told now that speaks of it. */
  flush(): void {
    const events = this.waiting.flatMap(batch => batch.events);
    const last = this.waiting.at(-1);
    this.toldSince += events.length;
    // Only from here does a page learn which events are not on disk yet.
    if (last && events.length > MOST_TOLD && !this.hasUnsaved) {
      const first = events.reduce((a, b) => (b.occurredAt < a.occurredAt ? b : a));
      const gifts = this.waiting.flatMap(batch => batch.gifts);
      this.waiting.length = 0;
      this.tell({ ...last, after: last.sequence, events: [first], gifts });
    }
    for (let next = this.takeJoined(); next; next = this.takeJoined()) this.tell(next);
  }

  private plan(ms: number): void {
    this.timer = this.clock.after(ms, () => {
      this.timer = null;
      this.begin();
      this.flush();
    });
  }

  private begin(): void {
    this.begunAtMs = this.clock.now();
    this.toldSince = 0;
  }

  /** The next batches as one, as long as they may be joined. */
  private takeJoined(): EventsRecorded | undefined {
    const first = this.waiting.shift();
    if (!first) return undefined;
    const joined = { ...first, events: [...first.events] };
    for (let next = this.waiting[0]; next && canJoin(joined, next); next = this.waiting[0]) {
      const { sequence, unread } = next;
      Object.assign(joined, { sequence, unread });
      joined.events.push(...next.events);
      this.waiting.shift();
    }
    return joined;
  }
}

/** A later batch's gifts may speak of an earlier one's events, which have to be shown before. */
function canJoin(held: EventsRecorded, batch: EventsRecorded): boolean {
  return (
    held.epoch === batch.epoch &&
    held.sequence === batch.after &&
    held.isUnsaved === batch.isUnsaved &&
    batch.gifts.length === 0
  );
}
