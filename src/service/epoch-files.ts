import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';

/** What `leader-<epoch>` says of the window that leads, or led. */
export interface EpochRecord {
  /** The local socket's path, or the pipe's name. */
  address: string;
  /** The first thing that a follower has to say. */
  token: string;
  pid: number;
  extensionVersion: string;
  protocol: number;
  /** Whether the window let go of the lead by itself. */
  isReleased: boolean;
  /** It let go for a window of this newer version; older ones hold back for a moment. */
  heir: string | null;
}

const recordSchema = z.object({
  address: z.string().check(z.minLength(1), z.maxLength(1000)),
  token: z.string().check(z.minLength(16), z.maxLength(200)),
  pid: z.int(),
  extensionVersion: z.string(),
  protocol: z.int(),
  isReleased: z.boolean(),
  heir: z.nullable(z.string()),
});

const EPOCH_NAME = /^leader-([1-9]\d{0,14})$/;
const TEMPORARY_NAME = /^leader-[0-9a-f]+\.tmp$/;
/** A temporary file that is older belongs to a process that died between writing and linking. */
const ABANDONED_AFTER_MS = 60_000;
/** Clocks are set while a machine starts. */
const BOOT_SLACK_MS = 60_000;

/** The epochs that a folder has files of, ascending. */
async function listEpochs(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .map(name => Number(EPOCH_NAME.exec(name)?.[1]))
    .filter(epoch => Number.isSafeInteger(epoch))
    .sort((a, b) => a - b);
}

/** The newest epoch of a folder, 0 if there is none. */
export async function findHighestEpoch(folder: string): Promise<number> {
  return (await listEpochs(folder)).at(-1) ?? 0;
}

/** Reads one epoch's file; null if it is gone or cannot be understood. */
export async function readEpoch(folder: string, epoch: number): Promise<EpochRecord | null> {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(await readFile(epochPath(folder, epoch), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error: unknown) {
    if (error instanceof SyntaxError || isMissing(error)) return null;
    throw error;
  }
}

/** Publishes a new epoch; false if another window was first. Its file appears whole or not at all. */
export async function publishEpoch(folder: string, epoch: number, record: EpochRecord): Promise<boolean> {
  const temporary = await writeTemporary(folder, record);
  try {
    await link(temporary, epochPath(folder, epoch));
    return true;
  } catch (error: unknown) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR')) throw error;
    // A file system without hard links (FAT, some network drives): readers bear with a half-written file.
    return await createEpoch(folder, epoch, record);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Replaces what our own epoch's file says, in one step. Only the window that leads in that epoch may. */
export async function rewriteEpoch(folder: string, epoch: number, record: EpochRecord): Promise<void> {
  const temporary = await writeTemporary(folder, record);
  try {
    await rename(temporary, epochPath(folder, epoch));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Takes back an epoch that was published although a higher one exists, so that nobody ever followed it. */
export async function withdrawEpoch(folder: string, epoch: number): Promise<void> {
  await rm(epochPath(folder, epoch), { force: true });
}

/**
 * Removes the files of epochs below `epoch`, which must be the caller's own: only the highest ever leads, so
 * those below are dead. Answers their addresses, whose sockets may be lying about.
 */
export async function removeEpochsBelow(folder: string, epoch: number): Promise<string[]> {
  const addresses: string[] = [];
  for (const stale of await listEpochs(folder)) {
    if (stale >= epoch) continue;
    const record = await readEpoch(folder, stale);
    if (record) addresses.push(record.address);
    await rm(epochPath(folder, stale), { force: true });
  }
  for (const name of await readdir(folder)) {
    if (!TEMPORARY_NAME.test(name)) continue;
    const path = join(folder, name);
    if (Date.now() - (await modifiedAt(path)) > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
  return addresses;
}

/** Whether an epoch was published before this machine started: its process cannot live any more. */
export async function isFromBeforeBoot(folder: string, epoch: number): Promise<boolean> {
  const bootedAt = Date.now() - uptime() * 1000;
  return (await modifiedAt(epochPath(folder, epoch))) < bootedAt - BOOT_SLACK_MS;
}

/** Whether an error of the file system or a socket has one of the codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

async function createEpoch(folder: string, epoch: number, record: EpochRecord): Promise<boolean> {
  try {
    const file = await open(epochPath(folder, epoch), 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(record));
    } finally {
      await file.close();
    }
    return true;
  } catch (error: unknown) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function writeTemporary(folder: string, record: EpochRecord): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `leader-${randomBytes(8).toString('hex')}.tmp`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(record));
  } finally {
    await file.close();
  }
  return path;
}

async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error: unknown) {
    if (isMissing(error)) return Date.now();
    throw error;
  }
}

function epochPath(folder: string, epoch: number): string {
  return join(folder, `leader-${epoch}`);
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}
