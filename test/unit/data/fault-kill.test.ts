import assert from 'node:assert/strict';
import { run } from '../../fault/data/kill';

describe('a process that is killed', () => {
  it('loses nothing that was acknowledged', async function () {
    this.timeout(240_000);
    const report = await run(20);
    assert.deepEqual(report.notes, []);
    assert.equal(report.lost + report.twice + report.unreadable, 0);
  });
});
