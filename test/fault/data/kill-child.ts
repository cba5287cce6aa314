import { writeSync } from 'node:fs';
import { createNodeFiles, type CrashPoint } from '../../../src/data/file-layer';
import { createFaultEngine, recordViewers } from './fault-engine';
import { createRandom } from './fault-report';

/** Arguments: folder, seed, first viewer, crash point or "-", how many visits to it. Dies by SIGKILL only. */
async function main(): Promise<void> {
  const [folder = '', seed = '1', first = '1', point = '-', visits = '1'] = process.argv.slice(2);
  const random = createRandom(Number(seed));
  let left = Number(visits);
  const files = {
    ...createNodeFiles(),
    reached: (at: CrashPoint) => {
      if (at === point && --left <= 0) process.kill(process.pid, 'SIGKILL');
    },
  };
  const engine = createFaultEngine(files);
  await engine.open({ folder, retentionDays: 0 });
  writeSync(1, 'open\n');
  let next = Number(first);
  for (;;) {
    const size = 1 + Math.floor(random() * 60);
    const ids = Array.from({ length: size }, (_, index) => String(next + index));
    next += size;
    writeSync(1, `sent ${next}\n`);
    await recordViewers(engine, ids);
    // The ledger outside: once this is in the pipe, the events have to be there for ever.
    writeSync(1, `kept ${ids.join(' ')}\n`);
    if (random() < 0.25) await engine.snapshot();
  }
}

main().catch((error: unknown) => {
  writeSync(1, `failed ${String(error)}\n`);
  process.exitCode = 1;
});
