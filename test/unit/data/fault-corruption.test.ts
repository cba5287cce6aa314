import assert from 'node:assert/strict';
import { run } from '../../fault/data/corruption';

describe('a damaged file', () => {
  it('opens to the most that can be saved, or is refused and left alone', async function () {
    this.timeout(120_000);
    const report = await run(40);
    assert.deepEqual(report.notes, []);
    assert.equal(report.lost + report.twice + report.unreadable, 0);
  });
});
