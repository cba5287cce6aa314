import type { NotificationInput, RecordResult } from '../shared/data-service';
import { toServiceError } from '../shared/rpc';
import type { EventsRecorded, Logger } from '../shared/service';
import { createTurns, nextTurn } from '../shared/turns';

/** Views take a batch in one go; a burst is told in several, each in a turn of its own. */
const MAX_EVENTS_TOLD = 200;

/** A batch without its place in the row of pushes, which is the caller's. */
export type Told = Omit<EventsRecorded, 'epoch' | 'after' | 'sequence'>;

export interface EventRecorderOptions {
  record: (batch: NotificationInput[]) => Promise<RecordResult>;
  /** Tells what is on disk now; numbering is the caller's. */
  onRecorded: (batch: Told) => void;
  /** Hears of every result, also of those that recorded nothing. */
  onResult: (result: RecordResult) => void;
  logger: Logger;
}

/** Brings notifications into the database in the order in which they came. */
export interface EventRecorder {
  add(notification: NotificationInput): void;
  /** What a sweep recorded by itself. */
  tell(result: RecordResult): void;
  /** Resolves when everything that was added is recorded and told. */
  settled(): Promise<void>;
}

/** Makes a recorder: what one read of the socket brings goes to the database together. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { record, onRecorded, onResult, logger } = options;
  let waiting: NotificationInput[] = [];
  const underWay = new Set<Promise<void>>();
  // Every view writes each batch down.
  const turns = createTurns();

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.then(() => underWay.delete(work));
  };

  const tellNow = (batch: Told): void => {
    try {
      onRecorded(batch);
    } catch (error: unknown) {
      logger.error('Recorded events could not be told.', error);
    }
  };

  const tell = (result: RecordResult): void => {
    onResult(result);
    const { events, unread, isUnsaved } = result;
    let gifts = result.gifts;
    if (events.length === 0 && gifts.length === 0) return;
    for (let start = 0; start === 0 || start < events.length; start += MAX_EVENTS_TOLD) {
      const batch = { events: events.slice(start, start + MAX_EVENTS_TOLD), gifts, unread, isUnsaved };
      turns.add(() => tellNow(batch));
      gifts = [];
    }
    track(turns.settled());
  };

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      tell(await record(batch));
    } catch (error: unknown) {
      logger.error(`${batch.length} events could not be recorded.`, toServiceError(error).message);
    }
  };

  return {
    add: notification => {
      waiting.push(notification);
      if (waiting.length > 1) return;
      track(nextTurn().then(flush));
    },
    tell,
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
