import type { EventsRecorded } from '../../src/shared/service';

/** How far pushes were followed. While a snapshot is under way, batches wait for it. */
export type SyncState =
  | { kind: 'waiting'; held: readonly EventsRecorded[] }
  | { kind: 'following'; epoch: number; sequence: number };

export type SyncInput =
  | { kind: 'batch'; batch: EventsRecorded }
  /** A status of another window's lead. */
  | { kind: 'epoch'; epoch: number }
  | { kind: 'snapshot'; epoch: number; sequence: number }
  /** What was known may be stale, e.g. the view was hidden. */
  | { kind: 'stale' };

interface SyncStep {
  state: SyncState;
  /** To be shown now, in order. */
  apply: readonly EventsRecorded[];
  needsSnapshot: boolean;
}

/** More than this many held batches say nothing that the snapshot will not say. */
const HELD_LIMIT = 200;

const go = (state: SyncState, apply: readonly EventsRecorded[] = []): SyncStep => ({
  state,
  apply,
  needsSnapshot: false,
});

/** Batches wait for a snapshot from now on, these first. */
const ask = (...held: readonly EventsRecorded[]): SyncStep => ({
  state: { kind: 'waiting', held },
  apply: [],
  needsSnapshot: true,
});

/** Decides what to do with a push: show it, hold it, drop it, or ask for a snapshot because some are missing. */
export function reduceSync(state: SyncState, input: SyncInput): SyncStep {
  const { kind } = state;
  switch (input.kind) {
    case 'stale':
      // What is held still says since when something is missing.
      return ask(...heldBy(state));
    case 'epoch':
      return kind === 'waiting' || state.epoch === input.epoch ? go(state) : ask();
    case 'batch':
      if (kind === 'following') return follow(state, input.batch);
      return go({ kind, held: [...state.held, input.batch].slice(-HELD_LIMIT) });
    case 'snapshot':
      return resume(state, input.epoch, input.sequence);
  }
}

/** The batches that wait for a snapshot. */
export function heldBy(state: SyncState): readonly EventsRecorded[] {
  return state.kind === 'waiting' ? state.held : [];
}

type Following = Extract<SyncState, { kind: 'following' }>;

function follow(state: Following, batch: EventsRecorded): SyncStep {
  const { epoch, after, sequence } = batch;
  const isSame = epoch === state.epoch;
  if (isSame && sequence <= state.sequence) return go(state);
  if (!isSame || after > state.sequence) return ask(batch);
  return go({ ...state, sequence }, [batch]);
}

function resume(state: SyncState, epoch: number, sequence: number): SyncStep {
  let current: SyncState = { kind: 'following', epoch, sequence };
  const apply: EventsRecorded[] = [];
  const held = heldBy(state);
  for (const [index, batch] of held.entries()) {
    if (batch.epoch < epoch) continue;
    const step: SyncStep = follow(current, batch);
    if (step.state.kind === 'waiting') return { ...ask(...held.slice(index)), apply };
    apply.push(...step.apply);
    current = step.state;
  }
  return go(current, apply);
}
