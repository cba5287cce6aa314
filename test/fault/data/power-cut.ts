import type { DataEngine } from '../../../src/data/data-engine';
import { CRASH_POINTS } from '../../../src/data/file-layer';
import { createFaultEngine, recordViewers, storedViewers } from './fault-engine';
import { compare, createRandom, emptyReport, type FaultReport } from './fault-report';
import { SimulatedDisk } from './simulated-disk';

const FOLDER = '/data';
const LIVES = 4;

/**
 * Cuts the power at each named point in turn, several times on one disk, on a disk that forgets what was not
 * synced and may reorder renames. Everything acknowledged has to be there at the next start, once.
 */
export async function run(count: number): Promise<FaultReport> {
  const report = emptyReport();
  for (let round = 0; round < count; round++) {
    const random = createRandom(round * 7919 + 1);
    const disk = new SimulatedDisk(random);
    const acknowledged = new Set<string>();
    let nextViewer = 1;
    for (let life = 0; life < LIVES; life++) {
      const point = CRASH_POINTS[(round + life * 5) % CRASH_POINTS.length];
      const where = `round ${round}, life ${life}, ${point ?? ''}`;
      let visits = Math.floor(random() * 6) + 1;
      let die: () => void = () => undefined;
      const death = new Promise<'dead'>(resolve => {
        die = () => resolve('dead');
      });
      const engine = createFaultEngine(disk.boot(reached => reached === point && --visits <= 0, die));
      const opened = await Promise.race([
        death,
        engine.open({ folder: FOLDER, retentionDays: 0 }).then(
          () => 'open' as const,
          (error: unknown) => error,
        ),
      ]);
      report.tried++;
      if (opened === 'dead') continue;
      if (opened !== 'open') {
        report.unreadable++;
        report.notes.push(`${where}: ${String(opened)}`);
        break;
      }
      compare(report, acknowledged, await storedViewers(engine), where);
      nextViewer = await live(engine, death, random, acknowledged, nextViewer);
      // A life that never came to its point ends like the others.
      disk.cutPower();
    }
  }
  return report;
}

/** Records and snapshots until the power goes, or for a while. Answers the next viewer's number. */
async function live(
  engine: DataEngine,
  death: Promise<'dead'>,
  random: () => number,
  acknowledged: Set<string>,
  firstViewer: number,
): Promise<number> {
  let next = firstViewer;
  for (let step = 0; step < 25; step++) {
    const size = 1 + Math.floor(random() * 20);
    const ids = Array.from({ length: size }, (_, index) => String(next + index));
    next += size;
    const recorded = recordViewers(engine, ids).then(result => {
      if (!result.isUnsaved) for (const id of ids) acknowledged.add(id);
    });
    const works: Promise<unknown>[] = [recorded];
    if (random() < 0.4) works.push(engine.snapshot());
    if ((await Promise.race([death, Promise.all(works)])) === 'dead') break;
  }
  return next;
}
