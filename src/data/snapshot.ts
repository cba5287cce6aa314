import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileLayer } from './file-layer';
import type { FrozenImage } from './paged-image';

export const SNAPSHOT = 'eventsub.sqlite';
export const PREVIOUS = 'eventsub.sqlite.previous';
export const TEMPORARY = 'eventsub.sqlite.tmp';

/** Where `PRAGMA application_id` lies in SQLite's header (sqlite.org/fileformat.html); it holds our seal. */
export const SEAL_OFFSET = 68;

/** The CRC-32 of a whole file, given part by part, with the seal itself taken as zero; never zero itself. */
export class SealSum {
  private sum = 0;
  private isFirst = true;

  add(part: Uint8Array): void {
    if (!this.isFirst || part.byteLength < SEAL_OFFSET + 4) {
      this.sum = crc32(part, this.sum);
      return;
    }
    this.isFirst = false;
    this.sum = crc32(part.subarray(0, SEAL_OFFSET), this.sum);
    this.sum = crc32(new Uint8Array(4), this.sum);
    this.sum = crc32(part.subarray(SEAL_OFFSET + 4), this.sum);
  }

  get value(): number {
    return this.sum === 0 ? 1 : this.sum;
  }
}

/** The seal that a file carries. */
export function readSeal(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(SEAL_OFFSET);
}

/** The image's chunks, the last one cut to its length and the first one sealed. */
function seal(image: FrozenImage): Uint8Array[] {
  const lengthOfOthers = image.chunks.slice(0, -1).reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const chunks = image.chunks.map((chunk, index) =>
    index === image.chunks.length - 1 ? chunk.subarray(0, image.byteLength - lengthOfOthers) : chunk,
  );
  const first = chunks[0];
  if (!first) throw new Error('The database has no pages.');
  const sum = new SealSum();
  for (const chunk of chunks) sum.add(chunk);
  const sealed = Uint8Array.prototype.slice.call(first);
  new DataView(sealed.buffer).setUint32(SEAL_OFFSET, sum.value);
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
  const chunks = seal(image);
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
