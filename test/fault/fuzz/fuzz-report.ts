import fc from 'fast-check';
import { emptyReport, type FaultReport } from '../data/fault-report';

/** Whether a seed is given decides whether a run repeats that of a finding; see `EVENTSUB_SEED`. */
const SEED = process.env['EVENTSUB_SEED'];

/** Tries a property so often; what breaks it becomes a note with the smallest example that was found. */
export async function tryProperty<T>(
  property: fc.IAsyncProperty<T> | fc.IProperty<T>,
  count: number,
): Promise<FaultReport> {
  const report = emptyReport();
  const seed = SEED === undefined ? {} : { seed: Number(SEED) };
  // Every property here is awaited, whichever kind it is.
  const details = await fc.check(property as fc.IAsyncProperty<T>, { numRuns: count, ...seed });
  report.tried = details.numRuns;
  if (details.failed) {
    const cause = details.errorInstance instanceof Error ? details.errorInstance.message : '';
    const example = fc.stringify(details.counterexample).slice(0, 2_000);
    report.notes.push(`seed ${details.seed}: ${cause} ${example}`);
  }
  return report;
}
