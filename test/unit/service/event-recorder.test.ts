import assert from 'node:assert/strict';
import type { NotificationInput, RecordResult } from '../../../src/shared/data-service';
import type { FeedEvent } from '../../../src/shared/events';
import { createEventRecorder } from '../../../src/service/event-recorder';
import { createLog } from './support';

const notification = (id: number): NotificationInput => ({
  messageId: String(id),
  messageTimestamp: '2026-01-01T00:00:00Z',
  type: 'channel.follow',
  version: '2',
  subscriptionId: 's',
  eventJson: '{}',
  receivedAtMs: 0,
  isLate: false,
});

const resultOf = (batch: { messageId: string }[]): RecordResult => ({
  events: batch.map(({ messageId }) => ({ id: Number(messageId) }) as FeedEvent),
  gifts: [],
  copies: 0,
  late: 0,
  setAside: 0,
  unread: batch.length,
  isUnsaved: false,
});

describe('what the socket brings', () => {
  it('goes to the database together, in order, and to the views in parts', async () => {
    const batches: number[] = [];
    const told: number[][] = [];
    const recorder = createEventRecorder({
      record: batch => {
        batches.push(batch.length);
        return Promise.resolve(resultOf(batch));
      },
      onRecorded: ({ events }) => told.push(events.map(({ id }) => id)),
      onResult: () => undefined,
      logger: createLog(),
    });
    for (let id = 1; id <= 1200; id++) recorder.add(notification(id));
    await recorder.settled();
    recorder.add(notification(1201));
    await recorder.settled();
    assert.deepEqual(batches, [1200, 1]);
    assert.deepEqual(
      told.map(({ length }) => length),
      [200, 200, 200, 200, 200, 200, 1],
    );
    assert.deepEqual(
      told.flat(),
      Array.from({ length: 1201 }, (_, index) => index + 1),
    );
  });

  it('is told in parts between which everything else gets its turn', async () => {
    const happened: string[] = [];
    const recorder = createEventRecorder({
      record: batch => Promise.resolve(resultOf(batch)),
      onRecorded: ({ events }) => {
        happened.push(`${events.length} told`);
        setImmediate(() => happened.push('turn'));
      },
      onResult: () => undefined,
      logger: createLog(),
    });
    for (let id = 1; id <= 1200; id++) recorder.add(notification(id));
    await recorder.settled();
    assert.deepEqual(happened, Array.from({ length: 6 }, () => ['200 told', 'turn']).flat());
  });

  it('is told of in the log when it cannot be recorded, and the next goes on', async () => {
    const log = createLog();
    let isBroken = true;
    const told: number[] = [];
    const recorder = createEventRecorder({
      record: batch => (isBroken ? Promise.reject(new Error('closed')) : Promise.resolve(resultOf(batch))),
      onRecorded: ({ events }) => told.push(...events.map(({ id }) => id)),
      onResult: () => undefined,
      logger: log,
    });
    recorder.add(notification(1));
    await recorder.settled();
    isBroken = false;
    recorder.add(notification(2));
    await recorder.settled();
    assert.deepEqual(told, [2]);
    assert.match(log.lines.join(), /1 events could not be recorded/);
  });
});
