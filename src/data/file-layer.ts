import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';

/**
 * The places at which tests end the process or cut the power. Each is reached right after (or, where it says
 * so, before) what it names.
 */
export const CRASH_POINTS = [
  'journal.segmentCreated',
  'journal.appended',
  'journal.synced',
  'journal.applied',
  'snapshot.begun',
  'snapshot.halfWritten',
  'snapshot.written',
  'snapshot.synced',
  'snapshot.beforePrevious',
  'snapshot.afterPrevious',
  'snapshot.beforeRename',
  'snapshot.afterRename',
  'snapshot.folderSynced',
  'journal.beforeDelete',
  'journal.afterDelete',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** A file that is written from beginning to end. */
export interface AppendFile {
  append(bytes: Uint8Array): Promise<void>;
  /** What was appended is on the disk, whatever happens to the power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system as the data room uses it. Rejections are Node's, with `code`. */
export interface FileLayer {
  makeFolder(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  size(path: string): Promise<number | null>;
  /** The whole file; `visit` sees each part of it in order while the next one is being read. */
  read(path: string, visit?: (part: Uint8Array) => void): Promise<Uint8Array>;
  /** At most the first `bytes` bytes. */
  readStart(path: string, bytes: number): Promise<Uint8Array>;
  /** Makes a new file, or empties the old one. */
  create(path: string): Promise<AppendFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in this folder, new and gone, are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** Tells where we are; only tests listen. */
  reached(point: CrashPoint): Promise<void> | void;
}

/** Whether an error is Node's with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** The real file system. */
export function createNodeFiles(): FileLayer {
  return {
    async makeFolder(path) {
      await mkdir(path, { recursive: true });
    },
    list: folder => readdir(folder),
    async size(path) {
      try {
        return (await stat(path)).size;
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
        throw error;
      }
    },
    read: readParts,
    async readStart(path, bytes) {
      const handle = await open(path, 'r');
      try {
        const buffer = Buffer.alloc(bytes);
        const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
    async create(path) {
      const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
      return createAppendFile(handle);
    },
    rename,
    remove: unlink,
    syncFolder,
    reached: () => undefined,
  };
}

function createAppendFile(handle: FileHandle): AppendFile {
  return {
    async append(bytes) {
      for (let at = 0; at < bytes.byteLength;) {
        const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at);
        at += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

const PART_BYTES = 4 * 1024 * 1024;

async function readParts(path: string, visit?: (part: Uint8Array) => void): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.allocUnsafeSlow(size);
    let visited = 0;
    let at = 0;
    while (at < size) {
      const reading = handle.read(bytes, at, Math.min(PART_BYTES, size - at), at);
      if (visited < at) visit?.(bytes.subarray(visited, at));
      visited = at;
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    if (visited < at) visit?.(bytes.subarray(visited, at));
    return bytes.subarray(0, at);
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing; there a rename is in the file system's own journal.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
