import { instant } from './figures';

/** When a program was through, and what it had used up by then. */
export interface Finish {
  at: number;
  /** Processor time of all its threads since it began, in microseconds. */
  cpuUs: number;
}

/** Notes both now. */
export function noteFinish(): Finish {
  const { user, system } = process.cpuUsage();
  return { at: instant(), cpuUs: user + system };
}
