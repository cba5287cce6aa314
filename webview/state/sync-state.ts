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

/** Decides what to do with a push: show it, hold it, drop it, or ask for a snapshot because some are missing. */
export function reduceSync(state: SyncState, input: SyncInput): SyncStep {
  switch (input.kind) {
    case 'stale':
      return { state: { kind: 'waiting', held: [] }, apply: [], needsSnapshot: true };
    case 'epoch':
      if (state.kind === 'waiting' || state.epoch === input.epoch)
        return { state, apply: [], needsSnapshot: false };
      return { state: { kind: 'waiting', held: [] }, apply: [], needsSnapshot: true };
    case 'batch':
      return state.kind === 'waiting' ? hold(state, input.batch) : follow(state, input.batch);
    case 'snapshot':
      return resume(state, input.epoch, input.sequence);
  }
}

type Waiting = Extract<SyncState, { kind: 'waiting' }>;
type Following = Extract<SyncState, { kind: 'following' }>;

function hold(state: Waiting, batch: EventsRecorded): SyncStep {
  const held = [...state.held, batch].slice(-HELD_LIMIT);
  return { state: { kind: 'waiting', held }, apply: [], needsSnapshot: false };
}

function follow(state: Following, batch: EventsRecorded): SyncStep {
  if (batch.epoch === state.epoch && batch.sequence <= state.sequence) {
    return { state, apply: [], needsSnapshot: false };
  }
  if (batch.epoch !== state.epoch || batch.after > state.sequence) {
    return { state: { kind: 'waiting', held: [batch] }, apply: [], needsSnapshot: true };
  }
  return { state: { ...state, sequence: batch.sequence }, apply: [batch], needsSnapshot: false };
}

function resume(state: SyncState, epoch: number, sequence: number): SyncStep {
  let current: Following = { kind: 'following', epoch, sequence };
  const apply: EventsRecorded[] = [];
  for (const batch of state.kind === 'waiting' ? state.held : []) {
    if (batch.epoch < epoch) continue;
    const step = follow(current, batch);
    if (step.needsSnapshot || step.state.kind === 'waiting') return { ...step, apply };
    apply.push(...step.apply);
    current = step.state;
  }
  return { state: current, apply, needsSnapshot: false };
}
