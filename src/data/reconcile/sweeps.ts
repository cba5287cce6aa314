import type { SweepKind, SweepMarks, SweepRow, SweepStart, SweepSuspects } from '../../shared/data-service';
import { ServiceError } from '../../shared/service';
import type { Books } from '../books';
import type { LedgerRecord, NotificationRecord, SweepIdentity } from '../records';
import { findMissing } from './apply-sweep';
import { STOCK_OF } from './current';

/** Followers are asked for one a request, so not more than this many a sweep. */
const MOST_ASKED_FOR = 100;
/** With more than this many known, an empty list is taken for a fault and not for a farewell. */
const MANY_KNOWN = 3;

interface OpenSweep {
  identity: SweepIdentity;
  listed: Set<string>;
  suspects: Set<string>;
}

export interface SweepsOptions {
  books: Books;
  now: () => number;
  /** Journals and applies a record; answers how many events it made. */
  commit: (record: Exclude<LedgerRecord, NotificationRecord>) => Promise<number>;
}

/** The sweeps under way: what each has listed so far, and what follows from it at its end. */
export class Sweeps {
  private readonly open = new Map<number, OpenSweep>();
  private nextId = 1;

  constructor(private readonly options: SweepsOptions) {}

  getMarks(channelId: string, kind: SweepKind): SweepMarks {
    const { database, tallies } = this.options.books;
    const found = database
      .prepare(
        `SELECT has_baseline, baseline_cursor, baseline_done, last_completed_start_at, last_whole_at,
         total_offset FROM sweep_marks WHERE channel_id = ?1 AND kind = ?2`,
      )
      .first([channelId, kind], row => ({
        hasBaseline: row.integer(0) === 1,
        baselineCursor: row.textOrNull(1),
        baselineDone: row.integer(2),
        lastCompletedStartAt: row.textOrNull(3),
        lastWholeSweepAt: row.textOrNull(4),
        totalOffset: row.integer(5),
      }));
    return {
      kind,
      hasBaseline: false,
      baselineCursor: null,
      baselineDone: 0,
      lastCompletedStartAt: null,
      lastWholeSweepAt: null,
      totalOffset: 0,
      ...found,
      knownCount: tallies.now(channelId, STOCK_OF[kind]),
    };
  }

  begin(start: SweepStart): { sweepId: number; isBaseline: boolean; resumeCursor: string | null } {
    const marks = this.getMarks(start.channelId, start.kind);
    const isBaseline = !marks.hasBaseline;
    const sweepId = this.nextId++;
    this.open.set(sweepId, {
      identity: {
        list: start.kind,
        channelId: start.channelId,
        mode: start.mode,
        isBaseline,
        startedAt: start.startedAt,
      },
      listed: new Set(),
      suspects: new Set(),
    });
    const resumeCursor = isBaseline && start.mode === 'whole' ? marks.baselineCursor : null;
    return { sweepId, isBaseline, resumeCursor };
  }

  async addPage(
    sweepId: number,
    page: { rows: SweepRow[]; cursor: string | null; total: number | null },
  ): Promise<{ recovered: number }> {
    const sweep = this.require(sweepId);
    for (const row of page.rows) sweep.listed.add(row.userId);
    const recovered = await this.options.commit({
      kind: 'sweepPage',
      sweep: sweep.identity,
      atMs: this.options.now(),
      cursor: page.cursor,
      rows: page.rows,
    });
    return { recovered };
  }

  async finish(sweepId: number, outcome: { isWhole: boolean; total: number | null }): Promise<SweepSuspects> {
    const sweep = this.require(sweepId);
    const { identity, listed } = sweep;
    const isWhole = outcome.isWhole && identity.mode === 'whole';
    const verdict = isWhole && !identity.isBaseline ? this.judge(sweep) : NOBODY;
    const known = this.getMarks(identity.channelId, identity.list);
    await this.options.commit({
      kind: 'sweepEnd',
      sweep: identity,
      atMs: this.options.now(),
      isWhole: isWhole && !verdict.isImplausible,
      total: outcome.total,
      // A baseline that was cut off has listed only its last part now.
      listed: identity.isBaseline ? Math.max(listed.size, known.baselineDone) : listed.size,
      suspects: verdict.remembered,
      removed: verdict.removed,
    });
    sweep.suspects = new Set(verdict.suspects);
    // What has nothing left to confirm is over.
    if (verdict.suspects.length === 0) this.open.delete(sweepId);
    const { suspects, needsSecondSweep, isImplausible } = verdict;
    return { suspects, needsSecondSweep, isImplausible };
  }

  async confirmRemovals(sweepId: number, goneIds: string[]): Promise<{ removed: number }> {
    const sweep = this.require(sweepId);
    this.open.delete(sweepId);
    // Only who was suspected can be removed, whatever the caller says.
    const viewerIds = goneIds.filter(id => sweep.suspects.has(id));
    if (viewerIds.length === 0) return { removed: 0 };
    const removed = await this.options.commit({
      kind: 'removals',
      sweep: sweep.identity,
      atMs: this.options.now(),
      viewerIds,
    });
    return { removed };
  }

  abandon(sweepId: number): void {
    this.open.delete(sweepId);
  }

  private judge(sweep: OpenSweep): Verdict {
    const { books } = this.options;
    const { identity, listed } = sweep;
    const known = books.tallies.now(identity.channelId, STOCK_OF[identity.list]);
    if (listed.size === 0 && known > MANY_KNOWN) return { ...NOBODY, isImplausible: true };
    const missing = findMissing(books, identity, listed);
    if (identity.list !== 'followers' || missing.length <= MOST_ASKED_FOR) {
      return { ...NOBODY, suspects: missing };
    }
    const before = new Set(
      books.database
        .prepare('SELECT viewer_id FROM sweep_suspects WHERE channel_id = ?1 AND kind = ?2')
        .all([identity.channelId, identity.list], row => row.text(0)),
    );
    const agreed = missing.filter(id => before.has(id));
    const rest = missing.filter(id => !before.has(id));
    if (rest.length <= MOST_ASKED_FOR) return { ...NOBODY, suspects: rest, removed: agreed };
    return { ...NOBODY, removed: agreed, remembered: rest, needsSecondSweep: true };
  }

  private require(sweepId: number): OpenSweep {
    const sweep = this.open.get(sweepId);
    if (!sweep) throw new ServiceError('badRequest', `There is no sweep ${sweepId}.`);
    return sweep;
  }
}

interface Verdict extends SweepSuspects {
  /** Gone without being asked for, because two whole sweeps agree. */
  removed: string[];
  /** For the next whole sweep to agree with. */
  remembered: string[];
}

const NOBODY: Verdict = {
  suspects: [],
  needsSecondSweep: false,
  isImplausible: false,
  removed: [],
  remembered: [],
};
