import { createHash } from 'node:crypto';
import type { Database } from './database';

const KEY_BYTES = 16;
/** The hash table grows when it is filled to this part. */
const FULL = 0.65;
/** A row of `message_keys` is filled up to this many keys. */
const CHUNK_KEYS = 256;

/** Every hexadecimal digit's value by its character code; 255 for all others. */
const DIGITS = new Uint8Array(128).fill(255);
for (let i = 0; i < 16; i++) DIGITS['0123456789abcdef'.charCodeAt(i)] = i;

/**
 * Every message id ever recorded, as 16 bytes each: a UUID's own (nothing is lost), of anything else a hash.
 * In memory it is a hash table; in the database whole chunks, which are read in a moment when it is opened.
 */
export class MessageIds {
  private slots = new Uint32Array(4 * 1024);
  private count = 0;
  private readonly key = new Uint32Array(4);
  /** Keys that were added and not yet handed to `persist`, in order. */
  private fresh = new Uint32Array(4 * 256);
  private freshFrom = 0;
  private freshTo = 0;
  private chunk = 0;
  private chunkKeys: Uint8Array = new Uint8Array(0);

  private unread: Database | null;

  /** `database`'s own ids are read when the first one is asked for, or by `load`. */
  constructor(database: Database) {
    this.unread = database;
  }

  /** Reads what the database has, unless that was done. */
  load(): void {
    const database = this.unread;
    if (!database) return;
    this.unread = null;
    const chunks = database.integer('SELECT count(*) FROM message_keys');
    while (this.capacity * FULL < chunks * CHUNK_KEYS) this.slots = new Uint32Array(this.slots.length * 2);
    database.prepare('SELECT chunk, keys FROM message_keys ORDER BY chunk').each([], row => {
      this.chunk = row.integer(0);
      this.chunkKeys = row.blob(1);
      const words = new Uint32Array(new Uint8Array(this.chunkKeys).buffer);
      for (let at = 0; at + 4 <= words.length; at += 4) {
        this.insert(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0);
      }
    });
    if (this.chunkKeys.length >= CHUNK_KEYS * KEY_BYTES) this.beginChunk();
  }

  /** Adds an id; false if it was there. A new one waits for `persist`. */
  add(id: string): boolean {
    this.setKey(id);
    const { key } = this;
    if (!this.insert(key[0] ?? 0, key[1] ?? 0, key[2] ?? 0, key[3] ?? 0)) return false;
    if (this.freshTo + 4 > this.fresh.length) this.makeRoom();
    this.fresh.set(key, this.freshTo);
    this.freshTo += 4;
    return true;
  }

  /** Writes the oldest `count` waiting keys to the database, in the caller's transaction. */
  persist(database: Database, count: number): void {
    const statement = database.prepare('INSERT OR REPLACE INTO message_keys (chunk, keys) VALUES (?1, ?2)');
    let left = count;
    while (left > 0) {
      const room = CHUNK_KEYS - this.chunkKeys.length / KEY_BYTES;
      const taken = Math.min(room, left);
      const part = new Uint8Array(this.fresh.buffer, this.freshFrom * 4, taken * KEY_BYTES);
      const joined = new Uint8Array(this.chunkKeys.length + part.length);
      joined.set(this.chunkKeys);
      joined.set(part, this.chunkKeys.length);
      statement.run(this.chunk, joined);
      this.chunkKeys = joined;
      this.freshFrom += taken * 4;
      left -= taken;
      if (joined.length >= CHUNK_KEYS * KEY_BYTES) this.beginChunk();
    }
  }

  /** Where `persist` stands; given to `restore` when the transaction is rolled back. */
  mark(): { chunk: number; chunkKeys: Uint8Array; freshFrom: number } {
    return { chunk: this.chunk, chunkKeys: this.chunkKeys, freshFrom: this.freshFrom };
  }

  restore(mark: { chunk: number; chunkKeys: Uint8Array; freshFrom: number }): void {
    this.chunk = mark.chunk;
    this.chunkKeys = mark.chunkKeys;
    this.freshFrom = mark.freshFrom;
  }

  private beginChunk(): void {
    this.chunk++;
    this.chunkKeys = new Uint8Array(0);
  }

  private setKey(id: string): void {
    if (this.unread) this.load();
    if (id.length === 36 && this.readUuid(id)) return;
    const digest = createHash('md5').update(id).digest();
    for (let i = 0; i < 4; i++) this.key[i] = digest.readUInt32LE(i * 4);
    this.key[0] = (this.key[0] ?? 0) || 1;
  }

  /** Only the usual spelling counts as a UUID, so that two spellings stay two ids. */
  private readUuid(id: string): boolean {
    let digit = 0;
    let word = 0;
    for (let i = 0; i < 36; i++) {
      const code = id.charCodeAt(i);
      if (i === 8 || i === 13 || i === 18 || i === 23) {
        if (code !== 45) return false;
        continue;
      }
      const value = code < 128 ? (DIGITS[code] ?? 255) : 255;
      if (value === 255) return false;
      word = (word << 4) | value;
      digit++;
      if ((digit & 7) === 0) this.key[(digit >> 3) - 1] = word;
    }
    // All zeros marks an empty slot.
    return (this.key[0] ?? 0) !== 0;
  }

  private get capacity(): number {
    return this.slots.length / 4;
  }

  /** The empty slot where a key belongs, or -1 if it is there. */
  private findSlot(a: number, b: number, c: number, d: number): number {
    const { slots } = this;
    const mask = slots.length / 4 - 1;
    let slot = (a ^ Math.imul(d, 0x9e3779b1)) & mask;
    for (;;) {
      const at = slot * 4;
      const found = slots[at];
      if (found === 0) return at;
      if (found === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d) return -1;
      slot = (slot + 1) & mask;
    }
  }

  private insert(a: number, b: number, c: number, d: number): boolean {
    const at = this.findSlot(a, b, c, d);
    if (at < 0) return false;
    const { slots } = this;
    slots[at] = a;
    slots[at + 1] = b;
    slots[at + 2] = c;
    slots[at + 3] = d;
    this.count++;
    if (this.count > this.capacity * FULL) this.grow();
    return true;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    this.count = 0;
    for (let at = 0; at < old.length; at += 4) {
      const a = old[at] ?? 0;
      if (a !== 0) this.insert(a, old[at + 1] ?? 0, old[at + 2] ?? 0, old[at + 3] ?? 0);
    }
  }

  private makeRoom(): void {
    const waiting = this.fresh.subarray(this.freshFrom, this.freshTo);
    const room = new Uint32Array(Math.max(this.fresh.length, waiting.length * 2));
    room.set(waiting);
    this.fresh = room;
    this.freshTo = waiting.length;
    this.freshFrom = 0;
  }
}
