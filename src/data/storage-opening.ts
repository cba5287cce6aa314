import { join } from 'node:path';
import { ServiceError } from '../shared/service';
import { listCandidates, openCandidate, type Candidate, type OpenedFile } from './candidates';
import { Database } from './database';
import { hasCode, type FileLayer } from './file-layer';
import { hasJournal, readJournal, type JournalReport } from './journal-reader';
import { migrate } from './migrations/migrate';
import { PREVIOUS, SNAPSHOT, TEMPORARY } from './snapshot';
import type { Sqlite } from './sqlite-module';

/** The database was written by a newer version of the extension, and was left as it is. */
export class NewerVersionError extends ServiceError {
  constructor(version: number) {
    super(
      'storage',
      `The database was written by a newer version of EventSub Live (its format is ${version}). It was left untouched; please update the extension.`,
    );
  }
}

export interface OpenedStorage {
  database: Database;
  /** The last sequence that the database contains; the journal's records after it are still to be applied. */
  sequence: number;
  journal: JournalReport;
  notices: string[];
  usedPrevious: boolean;
  setAsidePath: string | null;
  /** What the files contain as far as is known; 0 for one that is not there or cannot be read. */
  snapshotSequence: number;
  previousSequence: number;
  /** The database is not in a file yet in this form (new, migrated, or another file stood in). */
  needsSnapshot: boolean;
}

/**
 * Opens the folder's database by the rules of DESIGN.md: the readable file with the highest sequence wins,
 * whatever its name; one that cannot be read is put aside, never overwritten; a fresh one is begun only when
 * nothing is left to open. Rejects with `NewerVersionError`, or with what the disk says.
 */
export async function openStorage(
  files: FileLayer,
  folder: string,
  sqlite: Sqlite,
  stamp: string,
): Promise<OpenedStorage> {
  const journalFolder = join(folder, 'journal');
  await files.makeFolder(journalFolder);
  const candidates = await listCandidates(files, folder, sqlite);
  const newer = candidates.find(candidate => candidate.kind === 'newer');
  if (newer) throw new NewerVersionError(newer.version);
  const hadJournal = await hasJournal(files, journalFolder);

  const choice = await choose(files, folder, sqlite, candidates);
  // Not looked at closely, because a better one was found before; what is no database is put aside all the same.
  for (const candidate of candidates) {
    const isHopeless = candidate.kind !== 'sqlite' || candidate.sequence < 0;
    const isSeen = choice.opened?.candidate === candidate || choice.unreadable.includes(candidate);
    if (isHopeless && !isSeen) choice.unreadable.push(candidate);
  }
  const notices: string[] = [];
  const setAsidePath = await putAside(files, folder, choice.unreadable, stamp, notices);
  const opened = choice.opened;
  const database = opened?.file.database ?? Database.create(sqlite);
  const isMigrated = migrate(database);
  const sequence = opened?.file.sequence ?? 0;
  const journal = await readJournal(files, journalFolder, sequence);
  tellGaps(journal, sequence, notices);
  const usedPrevious = opened?.candidate.name === PREVIOUS;
  if (usedPrevious && journal.records.length === 0 && choice.unreadable.length > 0) {
    notices.push('The previous snapshot was used; what came after it may be missing.');
  } else if (usedPrevious) {
    notices.push('The previous snapshot and the journal were used instead of the database file.');
  }
  if (!opened && (candidates.length > 0 || hadJournal)) {
    notices.push(
      `No snapshot could be opened; the database was built from ${journal.records.length} journal records.`,
    );
  }
  if (opened?.candidate.name === TEMPORARY) await promote(files, folder);
  const known = (name: string): number =>
    Math.max(
      0,
      candidates.find(candidate => candidate.name === name && candidate.kind === 'sqlite')?.sequence ?? 0,
    );
  return {
    database,
    sequence,
    journal,
    notices,
    usedPrevious,
    setAsidePath,
    snapshotSequence: opened?.candidate.name === SNAPSHOT ? sequence : 0,
    previousSequence: choice.unreadable.some(c => c.name === PREVIOUS) ? 0 : known(PREVIOUS),
    needsSnapshot: isMigrated || opened?.candidate.name !== SNAPSHOT || !opened.file.isSealed,
  };
}

interface Choice {
  opened: { candidate: Candidate; file: OpenedFile } | null;
  unreadable: Candidate[];
}

async function choose(
  files: FileLayer,
  folder: string,
  sqlite: Sqlite,
  candidates: readonly Candidate[],
): Promise<Choice> {
  const unreadable: Candidate[] = [];
  let unsealed: Choice['opened'] = null;
  for (const candidate of candidates) {
    const file = candidate.kind === 'sqlite' ? await openCandidate(files, folder, sqlite, candidate) : null;
    if (!file) {
      unreadable.push(candidate);
      continue;
    }
    if (file.isSealed) {
      if (!unsealed) return { opened: { candidate, file }, unreadable };
      // A changed file that SQLite can read, and a whole one that is older: the older one only if it loses nothing.
      const journal = await readJournal(files, join(folder, 'journal'), file.sequence);
      const reaches = file.sequence + journal.records.length;
      if (journal.lastSequence === reaches && reaches >= unsealed.file.sequence) {
        unsealed.file.database.close();
        unreadable.push(unsealed.candidate);
        return { opened: { candidate, file }, unreadable };
      }
      file.database.close();
      return { opened: unsealed, unreadable };
    }
    if (unsealed) file.database.close();
    else unsealed = { candidate, file };
  }
  return { opened: unsealed, unreadable };
}

/** Renames what cannot be read, so that it is never written over. Answers where a file that is not SQLite went. */
async function putAside(
  files: FileLayer,
  folder: string,
  unreadable: readonly Candidate[],
  stamp: string,
  notices: string[],
): Promise<string | null> {
  let setAsidePath: string | null = null;
  for (const { name, kind, size } of unreadable) {
    // A snapshot that a crash cut off is no loss: the journal has what it would have had.
    if (name === TEMPORARY) continue;
    const path = join(folder, `${name}.${kind === 'notSqlite' ? 'not-sqlite' : 'damaged'}-${stamp}`);
    try {
      await files.rename(join(folder, name), path);
    } catch (error) {
      if (!hasCode(error, 'EACCES', 'EPERM', 'EBUSY', 'EROFS')) throw error;
      throw new ServiceError('storage', `"${name}" cannot be read and cannot be renamed: ${String(error)}`);
    }
    if (kind === 'notSqlite') {
      setAsidePath = path;
      notices.push(`"${name}" is not an SQLite database; it was renamed to "${path}".`);
    } else {
      const what = size === 0 ? 'is empty' : 'is damaged';
      notices.push(`"${name}" ${what}; it was renamed to "${path}".`);
    }
  }
  if (unreadable.some(candidate => candidate.name !== TEMPORARY)) await files.syncFolder(folder);
  return setAsidePath;
}

/** Finishes the snapshot that a crash cut off between its two renames. */
async function promote(files: FileLayer, folder: string): Promise<void> {
  if ((await files.size(join(folder, SNAPSHOT))) !== null) {
    await files.rename(join(folder, SNAPSHOT), join(folder, PREVIOUS));
  }
  await files.rename(join(folder, TEMPORARY), join(folder, SNAPSHOT));
  await files.syncFolder(folder);
}

function tellGaps(journal: JournalReport, sequence: number, notices: string[]): void {
  const missing = Math.max(0, journal.lastSequence - sequence) - journal.records.length;
  if (missing > 0) {
    notices.push(
      `${missing} records of the journal could not be read; damaged segments were kept as copies.`,
    );
  } else if (journal.damagedStretches > 0) {
    notices.push('A part of the journal that was no longer needed is damaged; a copy was kept.');
  }
}
