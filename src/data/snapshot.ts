import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { nextTurn } from '../shared/turns';
import type { FileLayer } from './file-layer';
import { CHUNK_BYTES, type FrozenImage } from './paged-image';

export const SNAPSHOT = 'eventsub.sqlite';
export const PREVIOUS = 'eventsub.sqlite.previous';
export const TEMPORARY = 'eventsub.sqlite.tmp';

/** Where `PRAGMA application_id` lies in SQLite's header (sqlite.org/fileformat.html); it holds our seal. */
const SEAL_OFFSET = 68;

/** A chunk's CRC-32; in the file's first one the seal itself is taken as zero. */
function sumOf(chunk: Uint8Array, isFirst: boolean): number {
  if (!isFirst || chunk.byteLength < SEAL_OFFSET + 4) return crc32(chunk);
  const before = crc32(chunk.subarray(0, SEAL_OFFSET));
  return crc32(chunk.subarray(SEAL_OFFSET + 4), crc32(new Uint8Array(4), before));
}

/** The seal of a file: the CRC-32 of its chunks' CRC-32s, so that what did not change need not be read again. */
function sealOf(sums: readonly number[]): number {
  const seal = crc32(Buffer.from(Uint32Array.from(sums).buffer));
  return seal === 0 ? 1 : seal;
}

/** Computes a file's seal from its bytes, part by part; every part but the last is whole chunks. */
export class SealSum {
  readonly sums: number[] = [];

  add(part: Uint8Array): void {
    for (let at = 0; at < part.byteLength; at += CHUNK_BYTES) {
      this.sums.push(sumOf(part.subarray(at, at + CHUNK_BYTES), this.sums.length === 0));
    }
  }

  get value(): number {
    return sealOf(this.sums);
  }
}

/** The seal that a file carries. */
export function readSeal(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(SEAL_OFFSET);
}

/** So many chunks are summed up before something else gets its turn: a few milliseconds. */
const SUMS_AT_ONCE = 16;

/** The image's chunks, the last one cut to its length and the first one sealed. */
async function seal(image: FrozenImage): Promise<Uint8Array[]> {
  const chunks = image.chunks.map((chunk, index) =>
    chunk.subarray(0, Math.min(CHUNK_BYTES, image.byteLength - index * CHUNK_BYTES)),
  );
  const first = chunks[0];
  if (!first) throw new Error('The database has no pages.');
  const sums: number[] = [];
  let computed = 0;
  for (const [index, chunk] of chunks.entries()) {
    let sum = image.sums[index];
    if (sum === undefined) {
      sum = sumOf(chunk, index === 0);
      // The last chunk may grow without a page of this one changing.
      if (index < chunks.length - 1) image.keepSum(index, sum);
      if (++computed % SUMS_AT_ONCE === 0) await nextTurn();
    }
    sums.push(sum);
  }
  const sealed = Uint8Array.prototype.slice.call(first);
  new DataView(sealed.buffer).setUint32(SEAL_OFFSET, sealOf(sums));
  chunks[0] = sealed;
  return chunks;
}

/**
 * Writes the image as `eventsub.sqlite`: a temporary file, synced; the old one becomes `.previous`; renamed into
 * place; the folder synced. Between any two of these the folder has a readable file with everything that the
 * journal lacks. Throws what the disk throws; then what was there is still there, under one name or another.
 */
export async function writeSnapshot(
  files: FileLayer,
  folder: string,
  image: FrozenImage,
  keepsPrevious: boolean,
): Promise<void> {
  const temporary = join(folder, TEMPORARY);
  const target = join(folder, SNAPSHOT);
  await files.reached('snapshot.begun');
  const chunks = await seal(image);
  const file = await files.create(temporary);
  try {
    const half = Math.floor(chunks.length / 2);
    for (const [index, chunk] of chunks.entries()) {
      if (index === half) await files.reached('snapshot.halfWritten');
      await file.append(chunk);
    }
    await files.reached('snapshot.written');
    await file.sync();
    await files.reached('snapshot.synced');
  } finally {
    await file.close();
  }
  if (keepsPrevious && (await files.size(target)) !== null) {
    await files.reached('snapshot.beforePrevious');
    await files.rename(target, join(folder, PREVIOUS));
    await files.reached('snapshot.afterPrevious');
  }
  await files.reached('snapshot.beforeRename');
  await files.rename(temporary, target);
  await files.reached('snapshot.afterRename');
  await files.syncFolder(folder);
  await files.reached('snapshot.folderSynced');
}
