import assert from 'node:assert/strict';
import { run as runBurst } from '../../fault/live/burst';
import { run as runStorm } from '../../fault/live/storm';

describe('the service under load, with Twitch in another process', function () {
  this.timeout(180_000);

  it('records and tells each of 10 000 events of one burst once, in small batches', async () => {
    const { lost, twice, notes, told } = await runBurst(1);
    assert.deepEqual({ lost, twice, notes }, { lost: 0, twice: 0, notes: [] });
    assert.ok(told.largestBatch <= 500, `a view was told ${told.largestBatch} events in one turn`);
  });

  it('is live with everything recorded after any calls in any order', async () => {
    const { lost, twice, notes } = await runStorm(60);
    assert.deepEqual({ lost, twice, notes }, { lost: 0, twice: 0, notes: [] });
  });
});
