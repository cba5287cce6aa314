import type {
  SweepKind,
  SweepMarks,
  SweepRecorder,
  SweepRow,
  SweepStart,
  SweepSuspects,
} from '../../src/shared/data-service';
import { ServiceError } from '../../src/shared/service';

interface Known {
  row: SweepRow;
  /** When the socket last said something of this person, in milliseconds since 1970. */
  changedAt: number;
}

interface Channel {
  marks: SweepMarks;
  current: Map<string, Known>;
  /** Whom the last whole sweep did not name, when they were too many to ask for. */
  lastMissing: Set<string> | null;
}

interface OpenSweep {
  start: SweepStart;
  isBaseline: boolean;
  seen: Set<string>;
}

/** What the recorder wrote down. */
export interface Finding {
  kind: SweepKind;
  what: 'baseline' | 'recovered' | 'removed';
  userId: string;
}

const PROTECTED_MS = 5 * 60_000;
const MOST_SINGLE = 100;

/** The reconciling half of the data worker in memory, with the rules of src/shared/data-service.ts. */
export class FakeSweepRecorder implements SweepRecorder {
  readonly findings: Finding[] = [];
  readonly begun: SweepStart[] = [];
  readonly outcomes: { kind: SweepKind; mode: SweepStart['mode']; isWhole: boolean }[] = [];
  /** Called before each page; it may reject. */
  beforePage: (() => Promise<void>) | null = null;
  #nextId = 1;
  readonly #channels = new Map<string, Channel>();
  readonly #open = new Map<number, OpenSweep>();

  getSweepMarks(channelId: string, kind: SweepKind): Promise<SweepMarks> {
    const { marks, current } = this.#channel(channelId, kind);
    return Promise.resolve({ ...marks, knownCount: current.size });
  }

  beginSweep(
    start: SweepStart,
  ): Promise<{ sweepId: number; isBaseline: boolean; resumeCursor: string | null }> {
    const isOpen = [...this.#open.values()].some(
      ({ start: other }) => other.kind === start.kind && other.channelId === start.channelId,
    );
    if (isOpen)
      return Promise.reject(new ServiceError('badRequest', `A sweep of ${start.kind} is open already.`));
    const { marks } = this.#channel(start.channelId, start.kind);
    const isBaseline = !marks.hasBaseline;
    const sweepId = this.#nextId++;
    this.#open.set(sweepId, { start, isBaseline, seen: new Set() });
    this.begun.push(start);
    return Promise.resolve({ sweepId, isBaseline, resumeCursor: marks.baselineCursor });
  }

  async addSweepPage(
    sweepId: number,
    page: { rows: SweepRow[]; cursor: string | null; total: number | null },
  ): Promise<{ recovered: number }> {
    await this.beforePage?.();
    const sweep = this.#sweep(sweepId);
    const { start, isBaseline, seen } = sweep;
    const { marks, current } = this.#channel(start.channelId, start.kind);
    let recovered = 0;
    for (const row of page.rows) {
      seen.add(row.userId);
      if (current.has(row.userId)) continue;
      current.set(row.userId, { row, changedAt: 0 });
      this.findings.push({
        kind: start.kind,
        what: isBaseline ? 'baseline' : 'recovered',
        userId: row.userId,
      });
      if (!isBaseline) recovered++;
    }
    if (isBaseline) {
      marks.baselineCursor = page.cursor;
      marks.baselineDone += page.rows.length;
    }
    return { recovered };
  }

  finishSweep(sweepId: number, outcome: { isWhole: boolean; total: number | null }): Promise<SweepSuspects> {
    const { start, seen, isBaseline } = this.#sweep(sweepId);
    const channel = this.#channel(start.channelId, start.kind);
    const { marks, current } = channel;
    this.outcomes.push({ kind: start.kind, mode: start.mode, isWhole: outcome.isWhole });
    marks.lastCompletedStartAt = start.startedAt;
    const nobody: SweepSuspects = { suspects: [], needsSecondSweep: false, isImplausible: false };
    if (start.mode === 'recent' || !outcome.isWhole) {
      this.#open.delete(sweepId);
      return Promise.resolve(nobody);
    }
    const known = isBaseline ? marks.baselineDone : seen.size;
    if (outcome.total !== null) marks.totalOffset = outcome.total - known;
    Object.assign(marks, { hasBaseline: true, baselineCursor: null, lastWholeSweepAt: start.startedAt });
    if (isBaseline) {
      this.#open.delete(sweepId);
      return Promise.resolve(nobody);
    }
    const since = Date.parse(start.startedAt) - PROTECTED_MS;
    const missing = [...current]
      .filter(([id, { changedAt }]) => !seen.has(id) && changedAt < since)
      .map(([id]) => id);
    return Promise.resolve(this.#judge(sweepId, channel, seen.size, missing));
  }

  confirmRemovals(sweepId: number, goneIds: string[]): Promise<{ removed: number }> {
    const { start } = this.#sweep(sweepId);
    this.#open.delete(sweepId);
    return Promise.resolve({ removed: this.#remove(start, goneIds) });
  }

  abandonSweep(sweepId: number): Promise<void> {
    this.#open.delete(sweepId);
    return Promise.resolve();
  }

  /** What the socket recorded. */
  socketAdds(channelId: string, kind: SweepKind, row: SweepRow, atMs: number): void {
    this.#channel(channelId, kind).current.set(row.userId, { row, changedAt: atMs });
  }

  current(channelId: string, kind: SweepKind): string[] {
    return [...this.#channel(channelId, kind).current.keys()];
  }

  found(kind: SweepKind, what: Finding['what']): string[] {
    return this.findings
      .filter(finding => finding.kind === kind && finding.what === what)
      .map(({ userId }) => userId);
  }

  get openSweeps(): number {
    return this.#open.size;
  }

  #judge(sweepId: number, channel: Channel, listed: number, missing: string[]): SweepSuspects {
    const { start } = this.#sweep(sweepId);
    if (missing.length > 10 && listed < channel.current.size / 2) {
      this.#open.delete(sweepId);
      return { suspects: [], needsSecondSweep: false, isImplausible: true };
    }
    if (start.kind !== 'followers' || missing.length <= MOST_SINGLE) {
      channel.lastMissing = null;
      if (missing.length === 0) this.#open.delete(sweepId);
      return { suspects: missing, needsSecondSweep: false, isImplausible: false };
    }
    this.#open.delete(sweepId);
    const { lastMissing } = channel;
    channel.lastMissing = lastMissing ? null : new Set(missing);
    if (lastMissing)
      this.#remove(
        start,
        missing.filter(id => lastMissing.has(id)),
      );
    return { suspects: [], needsSecondSweep: lastMissing === null, isImplausible: false };
  }

  #remove(start: SweepStart, ids: readonly string[]): number {
    const { current } = this.#channel(start.channelId, start.kind);
    const removed = ids.filter(id => current.delete(id));
    for (const userId of removed) this.findings.push({ kind: start.kind, what: 'removed', userId });
    return removed.length;
  }

  #sweep(sweepId: number): OpenSweep {
    const sweep = this.#open.get(sweepId);
    if (!sweep) throw new ServiceError('badRequest', `There is no sweep ${sweepId}.`);
    return sweep;
  }

  #channel(channelId: string, kind: SweepKind): Channel {
    const key = `${channelId} ${kind}`;
    const known = this.#channels.get(key);
    if (known) return known;
    const marks: SweepMarks = {
      kind,
      hasBaseline: false,
      baselineCursor: null,
      baselineDone: 0,
      lastCompletedStartAt: null,
      lastWholeSweepAt: null,
      knownCount: 0,
      totalOffset: 0,
    };
    const channel: Channel = { marks, current: new Map(), lastMissing: null };
    this.#channels.set(key, channel);
    return channel;
  }
}
