import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Logger } from '../shared/service';
import type { SessionMemory } from '../twitch/eventsub-manager';
import { hasCode } from './epoch-files';

const FILE = 'sessions.json';
const KEPT = 30;
const schema = z.array(z.string().check(z.maxLength(500)));

/** Session ids in a file beside the database: their subscriptions are ours to delete, also after a restart. */
export interface StoredSessionMemory extends SessionMemory {
  /** Resolves when what was remembered is on disk. */
  settled(): Promise<void>;
}

/** Reads what is remembered of a server. A file that cannot be read or written costs only that knowledge. */
export async function loadSessionMemory(folder: string, logger: Logger): Promise<StoredSessionMemory> {
  let ids: string[] = [];
  let saving: Promise<void> = Promise.resolve();
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
    if (parsed.success) ids = parsed.data.slice(-KEPT);
  } catch (error: unknown) {
    if (!hasCode(error, 'ENOENT')) logger.warn('The sessions of earlier runs cannot be read.', error);
  }
  const save = async (): Promise<void> => {
    try {
      await mkdir(folder, { recursive: true });
      const temporary = join(folder, `${FILE}.tmp`);
      await writeFile(temporary, JSON.stringify(ids), { mode: 0o600 });
      await rename(temporary, join(folder, FILE));
    } catch (error: unknown) {
      logger.warn('The session cannot be remembered for the next run.', error);
    }
  };
  return {
    list: () => ids,
    remember: id => {
      ids = [...ids.filter(known => known !== id), id].slice(-KEPT);
      saving = saving.then(save);
    },
    settled: () => saving,
  };
}
