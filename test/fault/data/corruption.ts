import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeFiles } from '../../../src/data/file-layer';
import { decodeSegment, RECORD_HEAD_BYTES } from '../../../src/data/journal-format';
import { createFaultEngine, recordViewers, storedViewers } from './fault-engine';
import { compare, createRandom, emptyReport, type FaultReport } from './fault-report';

const MAIN = 'eventsub.sqlite';
const PREVIOUS = 'eventsub.sqlite.previous';
const TEMPORARY = 'eventsub.sqlite.tmp';

const DAMAGES = ['flip', 'flips', 'cut', 'empty', 'noise', 'newer'] as const;
type Damage = (typeof DAMAGES)[number];

/**
 * Damages each file in turn, in each way, and opens. What must be there: everything, if a database file was
 * damaged (the other and the journal have it); everything but the damaged records, if it was the journal. A file
 * of a newer version must be refused and left as it is.
 */
export async function run(count: number): Promise<FaultReport> {
  const report = emptyReport();
  const model = mkdtempSync(join(tmpdir(), 'eventsub-whole-'));
  try {
    const all = await fill(model);
    const segments = readdirSync(join(model, 'journal')).map(name => join('journal', name));
    const targets = [MAIN, PREVIOUS, TEMPORARY, ...segments];
    for (let turn = 0; turn < count; turn++) {
      const random = createRandom(turn * 31_337 + 11);
      const target = targets[turn % targets.length] ?? MAIN;
      const damage = DAMAGES[Math.floor(turn / targets.length) % DAMAGES.length] ?? 'flip';
      await damageOnce(report, {
        model,
        target,
        damage,
        random,
        all,
        where: `turn ${turn}: ${damage} in ${target}`,
      });
    }
  } finally {
    rmSync(model, { recursive: true, force: true });
  }
  return report;
}

/** A folder as a crash leaves it: two snapshots, and a journal that goes on after them. */
async function fill(folder: string): Promise<Set<string>> {
  const engine = createFaultEngine(createNodeFiles());
  await engine.open({ folder, retentionDays: 0 });
  const all = new Set<string>();
  for (let batch = 0; batch < 30; batch++) {
    const ids = Array.from({ length: 10 }, (_, index) => String(batch * 10 + index + 1));
    await recordViewers(engine, ids);
    for (const id of ids) all.add(id);
    if (batch === 5 || batch === 12 || batch === 20) await engine.snapshot();
  }
  // As it is at this moment, before the engine can close properly.
  const copy = mkdtempSync(join(tmpdir(), 'eventsub-whole-'));
  cpSync(folder, copy, { recursive: true });
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
  cpSync(copy, folder, { recursive: true });
  rmSync(copy, { recursive: true, force: true });
  // A temporary file that is whole and old, as a refused rename leaves it.
  cpSync(join(folder, PREVIOUS), join(folder, TEMPORARY));
  return all;
}

interface Turn {
  model: string;
  target: string;
  damage: Damage;
  random: () => number;
  all: ReadonlySet<string>;
  where: string;
}

async function damageOnce(report: FaultReport, turn: Turn): Promise<void> {
  const { model, target, damage, random, all, where } = turn;
  if (damage === 'newer' && target.startsWith('journal')) return;
  report.tried++;
  const folder = mkdtempSync(join(tmpdir(), 'eventsub-damaged-'));
  try {
    cpSync(model, folder, { recursive: true });
    const path = join(folder, target);
    const whole = readFileSync(path);
    const damaged = spoil(whole, damage, random);
    writeFileSync(path, damaged);
    const before = snapshotOf(folder);
    const engine = createFaultEngine(createNodeFiles());
    try {
      await engine.open({ folder, retentionDays: 0 });
    } catch (error) {
      if (damage === 'newer' || isVersionTouched(target, whole, damaged)) {
        if (JSON.stringify(snapshotOf(folder)) !== JSON.stringify(before)) {
          report.unreadable++;
          report.notes.push(`${where}: refused, but something was changed.`);
        }
        return;
      }
      report.unreadable++;
      report.notes.push(`${where}: ${String(error)}`);
      return;
    }
    if (damage === 'newer') report.notes.push(`${where}: a newer file was not refused.`);
    const expected = target.startsWith('journal') ? survivors(all, whole, damaged) : all;
    compare(report, expected, await storedViewers(engine), where);
    await engine.close();
    const again = createFaultEngine(createNodeFiles());
    await again.open({ folder, retentionDays: 0 });
    compare(report, expected, await storedViewers(again), `${where}, opened again`);
    await again.close();
    if (target === MAIN && !isKept(folder, damaged)) {
      report.notes.push(`${where}: the damaged file was not kept.`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function spoil(whole: Buffer, damage: Damage, random: () => number): Buffer {
  const copy = Buffer.from(whole);
  const flip = (): void => {
    const at = Math.floor(random() * copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  };
  switch (damage) {
    case 'flip':
      flip();
      return copy;
    case 'flips':
      for (let i = 0; i < 40; i++) flip();
      return copy;
    case 'cut':
      return copy.subarray(0, Math.floor(random() * copy.length));
    case 'empty':
      return copy.subarray(0, 0);
    case 'noise':
      return Buffer.from(copy.map(() => Math.floor(random() * 256)));
    case 'newer':
      copy.writeUInt32BE(99, 60);
      return copy;
  }
}

function isVersionTouched(target: string, whole: Buffer, damaged: Buffer): boolean {
  return !target.startsWith('journal') && !whole.subarray(60, 64).equals(damaged.subarray(60, 64));
}

/** All but those whose record in this segment is not as it was and which no snapshot has. */
function survivors(all: ReadonlySet<string>, whole: Buffer, damaged: Buffer): Set<string> {
  const expected = new Set(all);
  // The model's newest snapshot has the first 21 batches.
  const inSnapshot = 210;
  let at = 8;
  for (const record of decodeSegment(whole).records) {
    const length = RECORD_HEAD_BYTES + Buffer.byteLength(record.text);
    const isSame = whole.subarray(at, at + length).equals(damaged.subarray(at, at + length));
    if (!isSame && record.sequence > inSnapshot) expected.delete(String(record.sequence));
    at += length;
  }
  return expected;
}

function isKept(folder: string, bytes: Buffer): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder)
    .filter(name => name.startsWith(MAIN))
    .some(name => readFileSync(join(folder, name)).equals(bytes));
}

/** Names and bytes of everything in the folder but what opening makes anyway. */
function snapshotOf(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map((path): [string, string] => [path, readFileSync(path).toString('base64').slice(0, 200_000)]);
}
