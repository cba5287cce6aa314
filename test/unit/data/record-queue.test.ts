import assert from 'node:assert/strict';
import { RecordQueue } from '../../../src/data/record-queue';
import type { RecordResult } from '../../../src/shared/data-service';
import { ServiceError } from '../../../src/shared/service';
import { nextTurn } from '../../../src/shared/turns';
import { follow } from './engine-harness';

/** More than one batch's lines. */
const MANY = 600;
/** More calls than may be on their way at once. */
const CALLS = 8;

function emptyResult(): RecordResult {
  return { events: [], gifts: [], copies: 0, late: 0, setAside: 0, unread: 0, isUnsaved: false };
}

describe('the queue of what is to be recorded', () => {
  let sent: (() => void)[];
  let queue: RecordQueue;
  let results: PromiseSettledResult<RecordResult>[];

  beforeEach(async () => {
    sent = [];
    results = [];
    queue = new RecordQueue({
      send: (_lines, counts) =>
        new Promise(resolve => {
          sent.push(() => resolve(JSON.stringify(counts.map(emptyResult))));
        }),
    });
    queue.resume();
    const batch = Array.from({ length: MANY }, () => follow('1'));
    for (let call = 0; call < CALLS; call++) {
      void Promise.allSettled([queue.add(batch)]).then(settled => results.push(...settled));
    }
    await nextTurn();
    assert.equal(sent.length, 6);
    // Answered all at once: the first is read, the others wait for their turns.
    for (const answer of sent) answer();
    await Promise.resolve();
  });

  const count = (status: string): number => results.filter(result => result.status === status).length;

  it('reads what was answered and sends nothing more to a worker that died', async () => {
    const before = sent.length;
    queue.suspend();
    await nextTurn();
    assert.equal(sent.length, before);
    assert.equal(count('fulfilled'), 6);
    queue.resend(() => undefined);
    assert.ok(sent.length > before);
  });

  it('reads what was answered and rejects the rest when it is stopped', async () => {
    const before = sent.length;
    queue.stop(new ServiceError('cancelled', 'The database is closed.'));
    await nextTurn();
    assert.equal(sent.length, before);
    assert.equal(count('fulfilled') + count('rejected'), CALLS);
    assert.ok(count('fulfilled') >= 6);
  });

  it('does what must not overtake the answers after them', async () => {
    const done = new Promise<number>(resolve => queue.inOrder(() => resolve(count('fulfilled'))));
    assert.equal(await done, 6);
  });
});
