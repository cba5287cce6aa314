/** Small enough to be copied in a moment when a snapshot still needs the old one. */
export const CHUNK_BYTES = 256 * 1024;

/** A database file as it was at one moment. */
export interface FrozenImage {
  readonly byteLength: number;
  /** In order; all but the last are whole. They must not be written to. */
  readonly chunks: readonly Uint8Array[];
  /** Checksums kept for chunks that have not changed since. */
  readonly sums: readonly (number | undefined)[];
  /** Keeps a chunk's checksum for as long as nothing is written to it. */
  keepSum(index: number, sum: number): void;
  /** Lets the database write in place again; call it when the chunks are no longer needed. Idempotent. */
  release(): void;
}

/**
 * The bytes of the database file in memory, in chunks: it grows without being copied, and can be frozen for a
 * snapshot in an instant (a chunk is copied only when SQLite writes to it while frozen).
 *
 * Emscripten's memory file system keeps a file's bytes in a `Uint8Array` of which it uses `length`, `subarray`
 * and `set` only; this stands in its place. It always has room, so it is never reallocated.
 */
export class PagedImage {
  readonly length = Number.MAX_SAFE_INTEGER;
  private chunks: Uint8Array[] = [];
  private size: number;
  private frozen: FrozenImage | null = null;
  private shared = new Set<number>();
  private sums: (number | undefined)[] = [];

  /** Takes over `bytes`, which must not be used afterwards. */
  constructor(bytes: Uint8Array) {
    this.size = bytes.byteLength;
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      const part = bytes.subarray(at, at + CHUNK_BYTES);
      this.chunks.push(part.byteLength === CHUNK_BYTES ? part : padded(part));
    }
  }

  get byteLength(): number {
    return this.size;
  }

  subarray(from: number, to: number): Uint8Array {
    const chunk = this.chunks[Math.floor(from / CHUNK_BYTES)];
    const offset = from % CHUNK_BYTES;
    if (chunk && offset + (to - from) <= CHUNK_BYTES) return chunk.subarray(offset, offset + (to - from));
    const joined = new Uint8Array(to - from);
    for (let at = from; at < to;) {
      const within = at % CHUNK_BYTES;
      const count = Math.min(to - at, CHUNK_BYTES - within);
      const source = this.chunks[Math.floor(at / CHUNK_BYTES)];
      if (source) joined.set(source.subarray(within, within + count), at - from);
      at += count;
    }
    return joined;
  }

  set(bytes: Uint8Array, position = 0): void {
    for (let done = 0; done < bytes.byteLength;) {
      const at = position + done;
      const within = at % CHUNK_BYTES;
      const count = Math.min(bytes.byteLength - done, CHUNK_BYTES - within);
      const chunk = this.writable(Math.floor(at / CHUNK_BYTES));
      chunk.set(count === bytes.byteLength ? bytes : bytes.subarray(done, done + count), within);
      done += count;
    }
    this.size = Math.max(this.size, position + bytes.byteLength);
  }

  /** The file as it is now. One at a time: throws while an earlier one is not released. */
  freeze(): FrozenImage {
    if (this.frozen) throw new Error('The image is frozen already.');
    const frozen: FrozenImage = {
      byteLength: this.size,
      chunks: [...this.chunks],
      sums: [...this.sums],
      keepSum: (index, sum) => {
        if (this.chunks[index] === frozen.chunks[index] && this.isUnchanged(frozen, index)) {
          this.sums[index] = sum;
        }
      },
      release: () => {
        if (this.frozen !== frozen) return;
        this.frozen = null;
        this.shared = new Set();
      },
    };
    this.frozen = frozen;
    this.shared = new Set(this.chunks.keys());
    return frozen;
  }

  /** Takes over checksums that were computed while the file was read. */
  setSums(sums: readonly number[]): void {
    this.sums = [...sums];
  }

  /** While an image is frozen, writing replaces a chunk; afterwards it may be written in place. */
  private isUnchanged(frozen: FrozenImage, index: number): boolean {
    return this.frozen === frozen && this.shared.has(index);
  }

  private writable(index: number): Uint8Array {
    this.sums[index] = undefined;
    const chunk = this.chunks[index];
    if (!chunk) {
      const fresh = new Uint8Array(CHUNK_BYTES);
      this.chunks[index] = fresh;
      return fresh;
    }
    if (!this.shared.delete(index)) return chunk;
    const copy = Uint8Array.prototype.slice.call(chunk);
    this.chunks[index] = copy;
    return copy;
  }
}

function padded(part: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(CHUNK_BYTES);
  chunk.set(part);
  return chunk;
}

/** Hands a `PagedImage` to Emscripten, which takes over a new file's first bytes by `slice` or `subarray`. */
export class ImageSeed extends Uint8Array {
  constructor(
    bytes: Uint8Array,
    private readonly image: PagedImage,
  ) {
    super(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }

  override slice(): Uint8Array<ArrayBuffer> {
    return this.image as unknown as Uint8Array<ArrayBuffer>;
  }

  override subarray(): Uint8Array<ArrayBuffer> {
    return this.image as unknown as Uint8Array<ArrayBuffer>;
  }
}
