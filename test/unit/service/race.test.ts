import assert from 'node:assert/strict';
import { run } from '../../fault/service/race';

describe('a race of twenty windows for the lead', function () {
  this.timeout(120_000);

  it('always has exactly one leader, whatever happens to it', async () => {
    const result = await run(3);
    assert.deepEqual(
      { tried: result.tried, lost: result.lost, twice: result.twice, superseded: result.superseded },
      { tried: 3, lost: 0, twice: 0, superseded: 0 },
    );
    assert.equal(result.takeovers, 6);
    assert.deepEqual(result.troubles, []);
  });
});
