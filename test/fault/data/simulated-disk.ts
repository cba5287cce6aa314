import { dirname, basename } from 'node:path';
import type { AppendFile, CrashPoint, FileLayer } from '../../../src/data/file-layer';

interface Inode {
  content: Uint8Array;
  /** How many of its bytes are on the platter for sure. */
  synced: number;
}

type FolderChange =
  | { kind: 'set'; path: string; inode: Inode }
  | { kind: 'rename'; from: string; to: string; inode: Inode }
  | { kind: 'remove'; path: string; inode: Inode };

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file, "${path}"`), { code: 'ENOENT' });
}

const FOREVER = new Promise<never>(() => undefined);

/**
 * A disk that keeps only what was synced. When the power goes, bytes written after the last sync are there in
 * part or not at all, and names that were made, moved or removed after the folder's last sync are each changed
 * or not, in any order. A machine without power answers nothing more.
 */
export class SimulatedDisk {
  private names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();
  private pending: FolderChange[] = [];
  private generation = 0;

  constructor(private readonly random: () => number) {}

  /** The file system of a machine that runs until `shouldDie` says so at a crash point. */
  boot(shouldDie: (point: CrashPoint) => boolean, onDeath: () => void): FileLayer {
    const generation = ++this.generation;
    const isAlive = (): boolean => this.generation === generation;
    const alive = async <T>(work: () => T): Promise<T> => {
      if (!isAlive()) return FOREVER;
      await Promise.resolve();
      return isAlive() ? work() : FOREVER;
    };
    return {
      makeFolder: () => alive(() => undefined),
      list: folder =>
        alive(() =>
          [...this.names.keys()].filter(path => dirname(path) === folder).map(path => basename(path)),
        ),
      size: path => alive(() => this.names.get(path)?.content.byteLength ?? null),
      read: (path, visit) =>
        alive(() => {
          const bytes = this.inode(path).content.slice();
          visit?.(bytes);
          return bytes;
        }),
      readStart: (path, bytes) => alive(() => this.inode(path).content.slice(0, bytes)),
      create: path => alive(() => this.createFile(path, alive)),
      rename: (from, to) => alive(() => this.rename(from, to)),
      remove: path => alive(() => this.remove(path)),
      syncFolder: () => alive(() => this.syncFolder()),
      reached: point => {
        if (!isAlive()) return FOREVER;
        if (!shouldDie(point)) return undefined;
        this.cutPower();
        onDeath();
        return FOREVER;
      },
    };
  }

  /** Everything that was not synced is gone, or half there. */
  cutPower(): void {
    this.generation++;
    const survivors = new Map(this.durableNames);
    const changes = this.pending.filter(() => this.random() < 0.5);
    // Any order is possible for changes that no sync has put in one.
    changes.sort(() => this.random() - 0.5);
    for (const change of changes) applyChange(survivors, change);
    for (const inode of new Set([...survivors.values(), ...this.names.values()])) this.tear(inode);
    this.names = survivors;
    this.durableNames = new Map(survivors);
    this.pending = [];
  }

  private tear(inode: Inode): void {
    const unsynced = inode.content.byteLength - inode.synced;
    if (unsynced <= 0) return;
    const kept = Math.floor(this.random() * (unsynced + 1));
    const content = inode.content.slice(0, inode.synced + kept);
    // The length may be on the platter before the bytes are.
    if (this.random() < 0.3) content.fill(0, inode.synced);
    inode.content = content;
    inode.synced = content.byteLength;
  }

  private inode(path: string): Inode {
    const inode = this.names.get(path);
    if (!inode) throw missing(path);
    return inode;
  }

  private createFile(path: string, alive: <T>(work: () => T) => Promise<T>): AppendFile {
    const inode: Inode = { content: new Uint8Array(0), synced: 0 };
    this.change({ kind: 'set', path, inode });
    return {
      append: bytes =>
        alive(() => {
          const joined = new Uint8Array(inode.content.byteLength + bytes.byteLength);
          joined.set(inode.content);
          joined.set(bytes, inode.content.byteLength);
          inode.content = joined;
        }),
      sync: () =>
        alive(() => {
          inode.synced = inode.content.byteLength;
        }),
      close: () => alive(() => undefined),
    };
  }

  private rename(from: string, to: string): void {
    this.change({ kind: 'rename', from, to, inode: this.inode(from) });
  }

  private remove(path: string): void {
    this.change({ kind: 'remove', path, inode: this.inode(path) });
  }

  private change(change: FolderChange): void {
    applyChange(this.names, change);
    this.pending.push(change);
  }

  private syncFolder(): void {
    this.durableNames = new Map(this.names);
    this.pending = [];
  }
}

function applyChange(names: Map<string, Inode>, change: FolderChange): void {
  switch (change.kind) {
    case 'set':
      names.set(change.path, change.inode);
      return;
    case 'rename':
      if (names.get(change.from) === change.inode) names.delete(change.from);
      names.set(change.to, change.inode);
      return;
    case 'remove':
      if (names.get(change.path) === change.inode) names.delete(change.path);
      return;
  }
}
