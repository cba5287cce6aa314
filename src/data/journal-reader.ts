import { join } from 'node:path';
import type { FileLayer } from './file-layer';
import { decodeSegment, segmentName, segmentNumber, type JournalRecord } from './journal-format';
import type { Segment } from './journal';

/** Segments with damage inside are kept as copies with this ending. */
const DAMAGED_ENDING = '.damaged';

export interface JournalReport {
  segments: Segment[];
  /** Stretches that could not be read although records follow them. */
  damagedStretches: number;
  /** Bytes after the last record of a segment that are no record: what a crash had half written. */
  tornBytes: number;
  lastSequence: number;
  /** The records after the sequence asked for, in order, each once. */
  records: JournalRecord[];
}

/** Whether there is any segment, read or not. */
export async function hasJournal(files: FileLayer, folder: string): Promise<boolean> {
  return (await files.list(folder)).some(name => segmentNumber(name) !== null);
}

/** Reads every segment and keeps what comes after `applied`. A damaged segment is copied before it can be lost. */
export async function readJournal(files: FileLayer, folder: string, applied: number): Promise<JournalReport> {
  const names = await files.list(folder);
  const numbers = names.flatMap(name => segmentNumber(name) ?? []).sort((a, b) => a - b);
  const report: JournalReport = {
    segments: [],
    damagedStretches: 0,
    tornBytes: 0,
    lastSequence: 0,
    records: [],
  };
  for (const [index, number] of numbers.entries()) {
    const path = join(folder, segmentName(number));
    const following = numbers[index + 1];
    const nextFirst = following === undefined ? null : await firstSequence(files, folder, following);
    if (nextFirst !== null && nextFirst <= applied + 1) {
      // Whatever is in it is in the database; reading it could tell nothing.
      report.segments.push({ number, lastSequence: nextFirst - 1 });
      continue;
    }
    const bytes = await files.read(path);
    const content = decodeSegment(bytes, applied);
    for (const record of content.records) {
      // After a failed sync the same records stand in the next segment again.
      if (record.sequence > (report.records.at(-1)?.sequence ?? 0)) report.records.push(record);
    }
    const last = content.sequences.reduce((highest, sequence) => Math.max(highest, sequence), 0);
    report.lastSequence = Math.max(report.lastSequence, last);
    report.segments.push({ number, lastSequence: last });
    report.damagedStretches += content.damaged.length;
    report.tornBytes += bytes.byteLength - content.end;
    const copy = `${segmentName(number)}${DAMAGED_ENDING}`;
    const isWorthKeeping =
      content.damaged.length > 0 || (content.sequences.length === 0 && bytes.byteLength > 64);
    if (isWorthKeeping && !names.includes(copy)) await copyFile(files, join(folder, copy), bytes);
  }
  return report;
}

/** Enough of a segment for its first record, in all but strange cases. */
const FIRST_BYTES = 16 * 1024;

/** The number of a segment's first record, or null if it cannot be told from its beginning. */
async function firstSequence(files: FileLayer, folder: string, number: number): Promise<number | null> {
  const start = await files.readStart(join(folder, segmentName(number)), FIRST_BYTES);
  const { sequences, damaged } = decodeSegment(start, Infinity);
  return damaged.length === 0 ? (sequences[0] ?? null) : null;
}

async function copyFile(files: FileLayer, to: string, bytes: Uint8Array): Promise<void> {
  const file = await files.create(to);
  try {
    await file.append(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
