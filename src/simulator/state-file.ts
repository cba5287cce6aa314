import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../shared/service';

/** The channel as it is written to disk: short rows, because a follow-bot burst makes many. */
export interface SavedChannel {
  version: 1;
  channel: [id: string, login: string, displayName: string];
  nextName: number;
  users: [id: string, login: string, displayName: string][];
  followers: [id: string, followedAtMs: number][];
  moderators: string[];
  vips: string[];
  subscribers: [id: string, tier: string, isGift: 0 | 1, gifterId: string | null][];
  gifts: [gifterId: string, total: number][];
}

/**
 * Reads a saved channel; null where there is none. A file that cannot be understood is set aside under
 * another name, never written over.
 */
export async function loadChannel(path: string, logger: Logger | null): Promise<SavedChannel | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error: unknown) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  const saved = parseSaved(text);
  if (saved) return saved;
  const aside = `${path}.damaged-${Date.now()}`;
  await rename(path, aside);
  logger?.warn(`Simulator: the channel's state could not be read; it was set aside as ${aside}.`);
  return null;
}

function parseSaved(text: string): SavedChannel | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { version, channel, nextName, ...lists } = value as Record<string, unknown>;
  const names = ['users', 'followers', 'moderators', 'vips', 'subscribers', 'gifts'];
  const isWhole =
    version === 1 &&
    Array.isArray(channel) &&
    typeof nextName === 'number' &&
    names.every(name => Array.isArray(lists[name]));
  return isWhole ? (value as SavedChannel) : null;
}

/** Writes the state some time after the last change: to a temporary file, synced, renamed. */
export class StateSaver {
  readonly #path: string;
  readonly #read: () => SavedChannel;
  readonly #logger: Logger | null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #isDirty = false;
  #lastMs = 0;

  constructor(path: string, read: () => SavedChannel, logger: Logger | null) {
    this.#path = path;
    this.#read = read;
    this.#logger = logger;
  }

  schedule(): void {
    this.#isDirty = true;
    if (this.#timer) return;
    // The longer a save takes, the rarer it gets.
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#save();
      },
      Math.max(1000, this.#lastMs * 20),
    );
  }

  /** Resolves when the last change is on disk, or could not be written (that is logged). */
  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#save();
    await this.#running;
  }

  #save(): void {
    this.#running = this.#running.then(async () => {
      if (!this.#isDirty) return;
      this.#isDirty = false;
      const startedAt = performance.now();
      try {
        await writeAtomically(this.#path, JSON.stringify(this.#read()));
      } catch (error: unknown) {
        this.#isDirty = true;
        this.#logger?.warn(`Simulator: the channel's state could not be saved: ${String(error)}`);
      }
      this.#lastMs = performance.now() - startedAt;
    });
  }
}

async function writeAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.writing`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
