import fs from 'node:fs';
import { instant } from '../figures';

const TEMPORARY = 'eventsub.sqlite.tmp';

/** Notes when snapshots of a database are written, by their temporary file. Whoever opens it closes it. */
export class SnapshotWatch {
  /** From the file's appearance to its renaming; the last may still be open. */
  readonly spans: { from: number; to: number | null }[] = [];
  private readonly watcher: fs.FSWatcher;
  private listeners: { for: 'begin' | 'end'; tell: () => void }[] = [];

  constructor(private readonly folder: string) {
    this.watcher = fs.watch(folder, (_event, name) => {
      if (name === TEMPORARY) this.look();
    });
  }

  /** Resolves when the next snapshot begins or ends. */
  next(what: 'begin' | 'end'): Promise<void> {
    return new Promise(resolve => this.listeners.push({ for: what, tell: resolve }));
  }

  close(): void {
    this.watcher.close();
  }

  private look(): void {
    const isThere = fs.existsSync(`${this.folder}/${TEMPORARY}`);
    const last = this.spans.at(-1);
    const isOpen = last !== undefined && last.to === null;
    if (isThere === isOpen) return;
    if (isThere) this.spans.push({ from: instant(), to: null });
    else if (last) last.to = instant();
    const what = isThere ? 'begin' : 'end';
    const told = this.listeners.filter(listener => listener.for === what);
    this.listeners = this.listeners.filter(listener => listener.for !== what);
    for (const { tell } of told) tell();
  }
}
