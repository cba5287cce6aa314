import { crc32 } from 'node:zlib';

/**
 * A segment begins with `SEGMENT_MAGIC`; records follow, each a head of 20 bytes and its text:
 * mark (4), CRC-32 of everything after it (4), length of the text (4), sequence number (8, a double).
 * All little-endian. A record's text is one line (see `records.ts`).
 */
export const SEGMENT_MAGIC = Buffer.from('EVSBJRN1', 'latin1');
const RECORD_MARK = 0x31524556;
const MARK_BYTES = Buffer.from([0x56, 0x45, 0x52, 0x31]);
export const RECORD_HEAD_BYTES = 20;
/** A length above this can only be damage. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;

export interface JournalRecord {
  sequence: number;
  text: string;
}

/** Whether a text is a segment's file name, and which number it has. */
export function segmentNumber(name: string): number | null {
  const match = /^(\d{10})\.journal$/.exec(name);
  return match?.[1] === undefined ? null : Number(match[1]);
}

export function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}.journal`;
}

/**
 * Turns lines (UTF-8, separated by line feeds) into records numbered from `firstSequence` on. Lines where
 * `skip` says so are left out and get no number.
 */
export function encodeRecords(
  lines: Buffer,
  firstSequence: number,
  skip: ReadonlySet<number> | null,
): { bytes: Buffer; count: number } {
  let lineCount = 1;
  for (let at = lines.indexOf(10); at >= 0; at = lines.indexOf(10, at + 1)) lineCount++;
  const bytes = Buffer.allocUnsafe(lines.length + lineCount * RECORD_HEAD_BYTES);
  let out = 0;
  let count = 0;
  let start = 0;
  for (let index = 0; index < lineCount; index++) {
    let end = lines.indexOf(10, start);
    if (end < 0) end = lines.length;
    if (!skip?.has(index)) {
      const length = end - start;
      bytes.writeUInt32LE(RECORD_MARK, out);
      bytes.writeUInt32LE(length, out + 8);
      bytes.writeDoubleLE(firstSequence + count, out + 12);
      lines.copy(bytes, out + RECORD_HEAD_BYTES, start, end);
      bytes.writeUInt32LE(recordChecksum(bytes, out, length), out + 4);
      out += RECORD_HEAD_BYTES + length;
      count++;
    }
    start = end + 1;
  }
  return { bytes: bytes.subarray(0, out), count };
}

function recordChecksum(bytes: Buffer, at: number, length: number): number {
  return crc32(bytes.subarray(at + 8, at + RECORD_HEAD_BYTES + length));
}

export interface SegmentContent {
  /** The numbers of all records that can be read, in the order in which they stand. */
  sequences: number[];
  /** Those after the number asked for. */
  records: JournalRecord[];
  /** Stretches that are no records although records follow them, as [from, to). */
  damaged: [number, number][];
  /** Where the last record ends; what follows is torn. */
  end: number;
}

/** Reads what can be read of a segment's bytes: never throws, whatever they are. */
export function decodeSegment(content: Uint8Array, after = -Infinity): SegmentContent {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const result: SegmentContent = { sequences: [], records: [], damaged: [], end: 0 };
  let at = 0;
  let damagedFrom = -1;
  if (bytes.subarray(0, SEGMENT_MAGIC.length).equals(SEGMENT_MAGIC)) {
    at = SEGMENT_MAGIC.length;
    result.end = at;
  } else {
    damagedFrom = 0;
  }
  while (at < bytes.length) {
    const length = recordLengthAt(bytes, at);
    if (length === null) {
      if (damagedFrom < 0) damagedFrom = at;
      const next = bytes.indexOf(MARK_BYTES, at + 1);
      if (next < 0) break;
      at = next;
      continue;
    }
    if (damagedFrom >= 0) {
      result.damaged.push([damagedFrom, at]);
      damagedFrom = -1;
    }
    const textAt = at + RECORD_HEAD_BYTES;
    const sequence = bytes.readDoubleLE(at + 12);
    result.sequences.push(sequence);
    if (sequence > after) {
      result.records.push({ sequence, text: bytes.toString('utf8', textAt, textAt + length) });
    }
    at = textAt + length;
    result.end = at;
  }
  return result;
}

/** The length of the text of the whole, undamaged record that begins here, or null. */
function recordLengthAt(bytes: Buffer, at: number): number | null {
  if (at + RECORD_HEAD_BYTES > bytes.length || bytes.readUInt32LE(at) !== RECORD_MARK) return null;
  const length = bytes.readUInt32LE(at + 8);
  if (length > MAX_RECORD_BYTES || at + RECORD_HEAD_BYTES + length > bytes.length) return null;
  if (bytes.readUInt32LE(at + 4) !== recordChecksum(bytes, at, length)) return null;
  return length;
}
