import type { NotificationInput, RecordResult } from '../shared/data-service';
import { toServiceError } from '../shared/rpc';
import type { EventsRecorded, Logger } from '../shared/service';

/** Views take a batch in one go; a burst is told in several. */
const MAX_EVENTS_TOLD = 500;

export interface EventRecorderOptions {
  record: (batch: NotificationInput[]) => Promise<RecordResult>;
  /** Tells what is on disk now; numbering is the caller's. */
  onRecorded: (batch: Omit<EventsRecorded, 'epoch' | 'sequence'>) => void;
  /** Hears of every result, also of those that recorded nothing. */
  onResult: (result: RecordResult) => void;
  logger: Logger;
}

/** Brings notifications into the database in the order in which they came. */
export interface EventRecorder {
  add(notification: NotificationInput): void;
  /** What a sweep recorded by itself. */
  tell(result: RecordResult): void;
  /** Resolves when everything that was added is recorded. */
  settled(): Promise<void>;
}

/** Makes a recorder: what one read of the socket brings goes to the database together. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { record, onRecorded, onResult, logger } = options;
  let waiting: NotificationInput[] = [];
  const underWay = new Set<Promise<void>>();

  const tell = (result: RecordResult): void => {
    onResult(result);
    const { events, unread, isUnsaved } = result;
    let gifts = result.gifts;
    if (events.length === 0 && gifts.length === 0) return;
    for (let start = 0; start === 0 || start < events.length; start += MAX_EVENTS_TOLD) {
      onRecorded({ events: events.slice(start, start + MAX_EVENTS_TOLD), gifts, unread, isUnsaved });
      gifts = [];
    }
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
      const turn = new Promise<void>(resolve => setImmediate(resolve)).then(flush);
      underWay.add(turn);
      void turn.then(() => underWay.delete(turn));
    },
    tell,
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
