import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createNodeFiles, CRASH_POINTS } from '../../../src/data/file-layer';
import { createFaultEngine, storedViewers } from './fault-engine';
import { compare, createRandom, emptyReport, type FaultReport } from './fault-report';

const LIVES = 4;
/** A child that never came to its point is killed after this long. */
const LONGEST_LIFE_MS = 3_000;

/**
 * Kills a real process with SIGKILL, at random moments and at each named point, several times on one folder. A
 * ledger in this process knows what was acknowledged.
 */
export async function run(count: number): Promise<FaultReport> {
  const report = emptyReport();
  const bundle = mkdtempSync(join(tmpdir(), 'eventsub-kill-'));
  const child = join(bundle, 'kill-child.js');
  try {
    await build({
      entryPoints: [join(process.cwd(), 'test', 'fault', 'data', 'kill-child.ts')],
      outfile: child,
      bundle: true,
      platform: 'node',
      target: 'node20',
      mainFields: ['module', 'main'],
      logLevel: 'error',
    });
    for (let round = 0; report.tried < count; round++) await runFolder(report, round, child, count);
  } finally {
    rmSync(bundle, { recursive: true, force: true });
  }
  return report;
}

async function runFolder(report: FaultReport, round: number, child: string, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'eventsub-killed-'));
  const random = createRandom(round * 104_729 + 3);
  const acknowledged = new Set<string>();
  let next = 1;
  try {
    for (let life = 0; life < LIVES && report.tried < count; life++) {
      const turn = report.tried % (CRASH_POINTS.length + 5);
      const point = CRASH_POINTS[turn] ?? '-';
      const visits = 1 + Math.floor(random() * 4);
      const lifeMs = point === '-' ? 20 + random() * 400 : LONGEST_LIFE_MS;
      const told = await runChild(
        child,
        [folder, String(round * 10 + life), String(next), point, String(visits)],
        lifeMs,
      );
      report.tried++;
      const where = `round ${round}, life ${life}, ${point}`;
      for (const line of told) {
        const [word, ...rest] = line.split(' ');
        if (word === 'kept') for (const id of rest) acknowledged.add(id);
        if (word === 'sent') next = Math.max(next, Number(rest[0]));
        if (word === 'failed') {
          report.unreadable++;
          report.notes.push(`${where}: ${line}`);
        }
      }
      await inspect(report, folder, acknowledged, where, life === LIVES - 1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens the folder as the next start would; the last time properly to its end. */
async function inspect(
  report: FaultReport,
  folder: string,
  acknowledged: ReadonlySet<string>,
  where: string,
  isLast: boolean,
): Promise<void> {
  const engine = createFaultEngine(createNodeFiles());
  try {
    await engine.open({ folder, retentionDays: 0 });
    compare(report, acknowledged, await storedViewers(engine), where);
    await engine.close();
    if (!isLast) return;
    const again = createFaultEngine(createNodeFiles());
    await again.open({ folder, retentionDays: 0 });
    compare(report, acknowledged, await storedViewers(again), `${where}, after closing`);
    await again.close();
  } catch (error) {
    report.unreadable++;
    report.notes.push(`${where}: ${String(error)}`);
  }
}

/** The whole lines that the child wrote before it died. */
function runChild(script: string, args: string[], lifeMs: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    let timer: NodeJS.Timeout | null = null;
    const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (part: string) => {
      text += part;
      // Its life begins when it has opened, however slow the machine is.
      if (!timer && text.startsWith('open')) timer = setTimeout(() => child.kill('SIGKILL'), lifeMs);
    });
    child.on('error', reject);
    child.on('close', () => {
      if (timer) clearTimeout(timer);
      clearTimeout(limit);
      resolve(text.split('\n').slice(0, -1));
    });
  });
}
