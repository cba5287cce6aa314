import type { Disposable, EventsRecorded } from '../shared/service';
import type { ViewClock } from './view-clock';

/** So many events are told at once within each stretch of so many milliseconds; the others together at its end. */
const STRETCH_MS = 50;
const EVENTS_AT_ONCE = 100;

/**
 * Hands batches to a page: at once as long as they are few, and in a rush as few large ones, because each costs
 * the page a redraw that nobody could follow.
 */
export class RushGatherer implements Disposable {
  private held: EventsRecorded | null = null;
  private timer: Disposable | null = null;
  private stretchEndsAt = -Infinity;
  private toldInStretch = 0;

  constructor(
    private readonly clock: ViewClock,
    private readonly tell: (batch: EventsRecorded) => void,
  ) {}

  /** Takes the next batch; none is left out, and their order stays. */
  add(batch: EventsRecorded): void {
    const now = this.clock.now();
    // A clock that was put back must not hold anything up.
    if (now >= this.stretchEndsAt || now < this.stretchEndsAt - STRETCH_MS) this.beginStretch(now);
    if (this.held && !canJoin(this.held, batch)) this.flush();
    if (this.held) this.held = join(this.held, batch);
    else if (this.toldInStretch < EVENTS_AT_ONCE) this.tellNow(batch);
    else {
      this.held = batch;
      this.timer = this.clock.after(this.stretchEndsAt - now, () => {
        this.beginStretch(this.clock.now());
        this.flush();
      });
    }
  }

  /** Drops what is held: nobody looks any more. What comes later is taken all the same. */
  dispose(): void {
    this.timer?.dispose();
    this.timer = null;
    this.held = null;
  }

  private flush(): void {
    const { held } = this;
    this.dispose();
    if (held) this.tellNow(held);
  }

  private tellNow(batch: EventsRecorded): void {
    this.toldInStretch += batch.events.length;
    this.tell(batch);
  }

  private beginStretch(now: number): void {
    this.stretchEndsAt = now + STRETCH_MS;
    this.toldInStretch = 0;
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

function join(held: EventsRecorded, batch: EventsRecorded): EventsRecorded {
  return {
    ...batch,
    after: held.after,
    events: [...held.events, ...batch.events],
    gifts: held.gifts,
  };
}
