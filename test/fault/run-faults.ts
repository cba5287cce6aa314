// `npm run test:faults [program ...] [-- --count N | --minutes N]`: breaks what can be broken and prints one table. Ends with 1 if
// anything was lost, was there twice, could not be opened, or was found otherwise. Without names: all but the soak.
import { parseArgs } from 'node:util';
import { run as runCorruption } from './data/corruption';
import type { FaultReport } from './data/fault-report';
import { run as runKill } from './data/kill';
import { run as runPowerCut } from './data/power-cut';
import { run as fuzzContract } from './fuzz/contract';
import { run as fuzzHelix } from './fuzz/helix';
import { run as fuzzJournal } from './fuzz/journal';
import { run as fuzzNames } from './fuzz/names';
import { run as fuzzWebview } from './fuzz/webview';
import { run as runBurst } from './live/burst';
import { run as runSoak } from './live/soak';
import { run as runStorm } from './live/storm';
import { run as runTakeover } from './live/takeover';
import { run as runWeeks } from './live/weeks';
import { run as runRace } from './service/race';

/** The longest that the extension host's loop may be late in a burst, in milliseconds. */
const LATE_MS = 50;
/** A burst is over for the feed after at most this. */
const IDLE_MS = 3_000;
const TAKEOVER_MS = 2_000;

interface Row extends FaultReport {
  figures: string;
}

interface Program {
  what: string;
  count: number;
  run: (count: number) => Promise<Row>;
}

const plain =
  (run: (count: number) => Promise<FaultReport>) =>
  async (count: number): Promise<Row> => ({ ...(await run(count)), figures: '' });

const PROGRAMS: Readonly<Record<string, Program>> = {
  kill: {
    what: 'process killed at random moments and at every named point',
    count: 200,
    run: plain(runKill),
  },
  'power-cut': { what: 'power cut at every named point', count: 100, run: plain(runPowerCut) },
  corruption: { what: 'files damaged, each in every way', count: 200, run: plain(runCorruption) },
  race: {
    what: '20 windows race; the leader stopped, killed, closed',
    count: 100,
    run: async count => {
      const { tried, lost, twice, superseded, takeovers, slowestTakeoverMs, troubles } = await runRace(count);
      const notes = [...troubles];
      if (superseded > 0) notes.push(`${superseded} stopped leaders were superseded.`);
      if (slowestTakeoverMs > TAKEOVER_MS) notes.push(`A takeover took ${slowestTakeoverMs} ms.`);
      const figures = `${takeovers} takeovers, slowest ${slowestTakeoverMs} ms`;
      return { tried, lost, twice, unreadable: 0, notes, figures };
    },
  },
  takeover: {
    what: 'leading window killed while people follow',
    count: 20,
    run: async count => {
      const { slowestMs, ...report } = await runTakeover(count);
      if (slowestMs > TAKEOVER_MS) report.notes.push(`A takeover took ${slowestMs} ms.`);
      return { ...report, figures: `slowest takeover ${slowestMs} ms` };
    },
  },
  storm: { what: 'calls in any order, with faults between', count: 500, run: plain(runStorm) },
  burst: {
    what: '10 000 notifications at once',
    count: 3,
    run: async count => {
      const { delay, toldMs, told, ...report } = await runBurst(count);
      const own = delay.ownMaxMs.toFixed(0);
      if (delay.ownMaxMs > LATE_MS) report.notes.push(`The host's event loop was late by ${own} ms.`);
      if (toldMs > IDLE_MS) report.notes.push(`The feed was idle again only after ${toldMs.toFixed(0)} ms.`);
      const figures = `loop late ${own} ms (${delay.maxMs.toFixed(0)} with waiting for the processor), idle after ${toldMs.toFixed(0)} ms, largest batch ${told.largestBatch}`;
      return { ...report, figures };
    },
  },
  'fuzz-names': { what: 'frames and names that no one sane sends', count: 1_000, run: plain(fuzzNames) },
  'fuzz-helix': { what: 'any answers of Helix', count: 5_000, run: plain(fuzzHelix) },
  'fuzz-journal': { what: 'any bytes in the journal', count: 200, run: plain(fuzzJournal) },
  'fuzz-contract': { what: 'any lines between windows', count: 2_000, run: plain(fuzzContract) },
  'fuzz-webview': { what: 'any messages of a webview', count: 5_000, run: plain(fuzzWebview) },
  weeks: {
    what: 'days on a fake clock: sessions, polls, tokens',
    count: 14,
    run: async days => {
      const { requests, timers, ...report } = await runWeeks(days);
      const counts = Object.entries(requests).map(([route, count]) => `${route} ${count}`);
      return { ...report, figures: `timers ${timers.first} → ${timers.last}; ${counts.join(', ')}` };
    },
  },
  soak: {
    what: 'minutes of 50 events/s, a reconnect every 30 s',
    count: 20,
    run: async minutes => {
      const { levels, events, ...report } = await runSoak(minutes);
      const tell = (name: keyof typeof levels, unit = 1): string =>
        `${name} ${(levels[name].second / unit).toFixed(1)} → ${(levels[name].last / unit).toFixed(1)}`;
      const figures = [
        `${events} events`,
        tell('heapBytes', 1e6),
        tell('rssBytes', 1e6),
        tell('timers'),
        tell('handles'),
        tell('listeners'),
      ].join(', ');
      return { ...report, figures };
    },
  },
};

async function runProgram(name: string, program: Program, count: number): Promise<Row & { seconds: number }> {
  console.log(`${name}: ${program.what} (${count})`);
  const startedAt = Date.now();
  let row: Row;
  try {
    row = await program.run(count);
  } catch (error: unknown) {
    const note = error instanceof Error ? (error.stack ?? error.message) : String(error);
    row = { tried: 0, lost: 0, twice: 0, unreadable: 0, notes: [note], figures: '' };
  }
  for (const note of row.notes.slice(0, 20)) console.log(`  ! ${note}`);
  if (row.notes.length > 20) console.log(`  ! and ${row.notes.length - 20} more`);
  return { ...row, seconds: (Date.now() - startedAt) / 1000 };
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  for (const row of rows)
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | '));
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { count: { type: 'string' }, minutes: { type: 'string' } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(PROGRAMS).filter(name => name !== 'soak');
  const table = [['program', 'tried', 'lost', 'twice', 'unreadable', 'findings', 'seconds', 'figures']];
  let isClean = true;
  for (const name of names) {
    const program = PROGRAMS[name];
    if (!program) throw new Error(`There is no ${name}; it is one of ${Object.keys(PROGRAMS).join(', ')}.`);
    const asked = Number(values.minutes ?? values.count ?? program.count);
    if (!(asked > 0)) throw new Error('The count has to be above 0.');
    const row = await runProgram(name, program, asked);
    const { tried, lost, twice, unreadable, notes, seconds, figures } = row;
    if (tried === 0 || lost + twice + unreadable + notes.length > 0) isClean = false;
    const counts = [tried, lost, twice, unreadable, notes.length].map(String);
    table.push([name, ...counts, seconds.toFixed(1), figures]);
  }
  console.log('');
  printTable(table);
  process.exit(isClean ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
