import assert from 'node:assert/strict';
import type { FaultReport } from '../../fault/data/fault-report';
import { run as fuzzContract } from '../../fault/fuzz/contract';
import { run as fuzzHelix } from '../../fault/fuzz/helix';
import { run as fuzzJournal } from '../../fault/fuzz/journal';
import { run as fuzzNames } from '../../fault/fuzz/names';
import { run as fuzzWebview } from '../../fault/fuzz/webview';

const PROGRAMS: Readonly<Record<string, [(count: number) => Promise<FaultReport>, number]>> = {
  'frames and names that no one sane sends lose nothing and come back as they were': [fuzzNames, 15],
  'any answers of Helix give a page or an error in words': [fuzzHelix, 150],
  'any bytes in the journal leave what the snapshot has': [fuzzJournal, 6],
  'any lines between windows are answered, refused or left out': [fuzzContract, 60],
  'any messages of a webview carry out nothing but the contract': [fuzzWebview, 150],
};

describe('fuzzing', function () {
  this.timeout(120_000);
  for (const [name, [run, count]] of Object.entries(PROGRAMS)) {
    it(name, async () => {
      const report = await run(count);
      assert.deepEqual(report.notes, []);
      assert.equal(report.lost + report.twice + report.unreadable, 0);
    });
  }
});
