import assert from 'node:assert/strict';
import { run } from '../../fault/live/weeks';

describe('a simulated day', function () {
  this.timeout(180_000);

  it('ends with the database as the channel is, with requests as often as promised, and no timer more', async () => {
    const { lost, twice, notes } = await run(1);
    assert.deepEqual({ lost, twice, notes }, { lost: 0, twice: 0, notes: [] });
  });
});
