import assert from 'node:assert/strict';
import { run } from '../../fault/data/power-cut';

describe('a power cut', () => {
  it('loses nothing that was acknowledged, at any named point', async function () {
    this.timeout(120_000);
    const report = await run(15);
    assert.deepEqual(report.notes, []);
    assert.equal(report.lost + report.twice + report.unreadable, 0);
  });
});
