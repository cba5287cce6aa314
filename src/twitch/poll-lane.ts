import type { SweepKind, SweepRecorder } from '../shared/data-service';
import { ServiceError, type Logger, type PollKind, type PollStatus } from '../shared/service';
import type { Clock } from './clock';
import type { HelixClient } from './helix-client';
import { HelixError } from './helix-error';
import { HELIX_LISTS } from './helix-lists';
import { createListMemory, pollList, type ListMemory } from './poll-run';

/** How one poll ended. */
export type PollOutcome =
  | { kind: 'ok'; recovered: number; isBaseline: boolean }
  | { kind: 'failed'; recovered: number; message: string }
  /** The token is no longer good for anything. */
  | { kind: 'signedOut' }
  | { kind: 'cancelled' };

export interface LaneParts {
  helix: HelixClient;
  recorder: SweepRecorder;
  channelId: string;
  clock: Clock;
  logger: Logger;
  /** The server refused for the lack of a scope, or seems to: the account should ask what is really granted. */
  onScopeDoubt: () => void;
  onProgress: () => void;
}

/** How far the poll that runs is. */
export interface Progress {
  since: string;
  done: number;
  total: number | null;
  isBaseline: boolean;
}

/** Polls the lists of one kind, one after another, and remembers what they taught. Never runs twice at once. */
export class PollLane {
  last: PollStatus['last'] = null;
  failures = 0;
  isSignedOut = false;
  /** Lists that Helix refused for the lack of a scope. */
  readonly refused = new Set<SweepKind>();
  #running: { promise: Promise<PollOutcome>; stop: AbortController; progress: Progress } | null = null;
  readonly #memory = new Map<SweepKind, ListMemory>();

  constructor(
    readonly kind: PollKind,
    private readonly parts: LaneParts,
  ) {}

  get progress(): Progress | null {
    return this.#running?.progress ?? null;
  }

  /** The poll that runs, if one does. Never rejects. */
  get running(): Promise<PollOutcome> | null {
    return this.#running?.promise ?? null;
  }

  /** Polls these lists now; there must be none running. Never rejects. */
  run(lists: readonly SweepKind[], isThorough: boolean): Promise<PollOutcome> {
    if (this.#running) throw new Error(`The poll of ${this.kind} runs already.`);
    const stop = new AbortController();
    const since = new Date(this.parts.clock.now()).toISOString();
    const progress: Progress = { since, done: 0, total: null, isBaseline: false };
    const promise = this.#pollAll(lists, isThorough, stop.signal, progress).then(outcome => {
      this.#running = null;
      this.#remember(outcome);
      return outcome;
    });
    this.#running = { promise, stop, progress };
    return promise;
  }

  /** Aborts the poll that runs, if one does. */
  abort(): void {
    this.#running?.stop.abort();
  }

  async #pollAll(
    lists: readonly SweepKind[],
    isThorough: boolean,
    signal: AbortSignal,
    progress: Progress,
  ): Promise<PollOutcome> {
    let recovered = 0;
    let isBaseline = false;
    const problems: string[] = [];
    for (const list of lists) {
      const outcome = await this.#pollOne(list, isThorough, signal, progress);
      if (outcome.kind === 'cancelled' || outcome.kind === 'signedOut') return outcome;
      recovered += outcome.recovered;
      if (outcome.kind === 'ok') isBaseline ||= outcome.isBaseline;
      else problems.push(outcome.message);
    }
    if (problems.length > 0) return { kind: 'failed', recovered, message: problems.join(' ') };
    return { kind: 'ok', recovered, isBaseline };
  }

  async #pollOne(
    list: SweepKind,
    isThorough: boolean,
    signal: AbortSignal,
    progress: Progress,
  ): Promise<PollOutcome> {
    const { parts } = this;
    const onProgress = (done: number, total: number | null, isBaseline: boolean): void => {
      Object.assign(progress, { done, total, isBaseline });
      parts.onProgress();
    };
    const memory = this.#memory.get(list) ?? createListMemory();
    this.#memory.set(list, memory);
    try {
      const result = await pollList({ ...parts, signal, onProgress }, list, memory, isThorough);
      if (result.doubt === null) return { kind: 'ok', ...result };
      return { kind: 'failed', recovered: result.recovered, message: result.doubt };
    } catch (error: unknown) {
      return this.#explain(list, error, signal);
    }
  }

  #explain(list: SweepKind, error: unknown, signal: AbortSignal): PollOutcome {
    const { logger, onScopeDoubt } = this.parts;
    const message = error instanceof Error ? error.message : describe(error);
    if (signal.aborted || (error instanceof HelixError && error.kind === 'cancelled')) {
      return { kind: 'cancelled' };
    }
    logger.warn(`The poll of ${list} failed: ${message}`);
    if (!(error instanceof HelixError)) {
      if (error instanceof Error && error.name === 'ImplausibleList') onScopeDoubt();
      return { kind: 'failed', recovered: 0, message };
    }
    if (error.kind === 'missingScope') {
      this.refused.add(list);
      onScopeDoubt();
      const scope = HELIX_LISTS[list].scopes[0] ?? '';
      return { kind: 'failed', recovered: 0, message: `needs ${scope}: sign in again` };
    }
    if (error.kind === 'signedOut' || error.kind === 'unauthorized') return { kind: 'signedOut' };
    return { kind: 'failed', recovered: 0, message };
  }

  #remember(outcome: PollOutcome): void {
    const at = new Date(this.parts.clock.now()).toISOString();
    this.isSignedOut = outcome.kind === 'signedOut';
    switch (outcome.kind) {
      case 'ok':
        this.failures = 0;
        this.last = { kind: 'ok', at, recovered: outcome.recovered, isBaseline: outcome.isBaseline };
        return;
      case 'failed':
        this.failures++;
        this.last = { kind: 'failed', at, message: outcome.message };
        return;
      case 'signedOut':
        this.failures++;
        this.last = { kind: 'failed', at, message: 'The sign-in is not valid any more.' };
        return;
      case 'cancelled':
        return;
    }
  }
}

/** What a refresh of several polls comes to. Throws a `ServiceError` if none of them succeeded. */
export function concludeRefresh(outcomes: readonly PollOutcome[]): { recovered: number } {
  if (outcomes.length > 0 && outcomes.every(outcome => outcome.kind === 'signedOut')) {
    throw new ServiceError('signedOut', 'The sign-in is not valid any more.');
  }
  const failed = outcomes.filter(outcome => outcome.kind === 'failed');
  if (failed.length > 0 && failed.length === outcomes.length) {
    throw new ServiceError('offline', failed[0]?.message ?? 'Nothing could be polled.');
  }
  const recovered = outcomes.map(outcome => ('recovered' in outcome ? outcome.recovered : 0));
  return { recovered: recovered.reduce((sum, count) => sum + count, 0) };
}

/** What a call into the data worker rejected with: an error, or the plain data of one. */
function describe(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
