import assert from 'node:assert/strict';
import type { EventsRecorded } from '../../../src/shared/service';
import { heldBy, reduceSync, type SyncState } from '../../../webview/state/sync-state';

const batch = (sequence: number, epoch = 1, after = sequence - 1): EventsRecorded => ({
  epoch,
  after,
  sequence,
  events: [],
  gifts: [],
  unread: 0,
  isUnsaved: false,
});
const following: SyncState = { kind: 'following', epoch: 1, sequence: 5 };

describe('Following the pushes', () => {
  it('shows the next batch, and drops one that the snapshot had already', () => {
    const next = reduceSync(following, { kind: 'batch', batch: batch(6) });
    assert.deepEqual(next, { state: { ...following, sequence: 6 }, apply: [batch(6)], needsSnapshot: false });
    const old = reduceSync(following, { kind: 'batch', batch: batch(5) });
    assert.deepEqual(old, { state: following, apply: [], needsSnapshot: false });
  });

  it('asks for a snapshot at a gap and at another epoch, and keeps the batch', () => {
    for (const odd of [batch(7), batch(1, 2)]) {
      const step = reduceSync(following, { kind: 'batch', batch: odd });
      assert.deepEqual(step, { state: { kind: 'waiting', held: [odd] }, apply: [], needsSnapshot: true });
    }
    assert.equal(reduceSync(following, { kind: 'epoch', epoch: 2 }).needsSnapshot, true);
    assert.equal(reduceSync(following, { kind: 'epoch', epoch: 1 }).needsSnapshot, false);
  });

  it('shows several batches in one, also where the snapshot had the first of them', () => {
    for (const after of [3, 5]) {
      const joined = batch(8, 1, after);
      const step = reduceSync(following, { kind: 'batch', batch: joined });
      assert.deepEqual(step, { state: { ...following, sequence: 8 }, apply: [joined], needsSnapshot: false });
    }
    assert.equal(reduceSync(following, { kind: 'batch', batch: batch(8, 1, 6) }).needsSnapshot, true);
  });

  it('holds batches while a snapshot is under way and shows those that it does not contain', () => {
    let { state } = reduceSync(following, { kind: 'stale' });
    for (const sequence of [6, 7, 8])
      ({ state } = reduceSync(state, { kind: 'batch', batch: batch(sequence) }));
    const step = reduceSync(state, { kind: 'snapshot', epoch: 1, sequence: 6 });
    assert.deepEqual(step.apply, [batch(7), batch(8)]);
    assert.deepEqual(step.state, { kind: 'following', epoch: 1, sequence: 8 });
  });

  it('asks again where even the held batches have a gap', () => {
    let { state } = reduceSync(following, { kind: 'stale' });
    ({ state } = reduceSync(state, { kind: 'batch', batch: batch(9) }));
    const step = reduceSync(state, { kind: 'snapshot', epoch: 1, sequence: 6 });
    assert.equal(step.needsSnapshot, true);
    assert.deepEqual(step.apply, []);
  });

  it('keeps every batch from the gap on: each says what it lacks', () => {
    let { state } = reduceSync(following, { kind: 'stale' });
    for (const held of [batch(6), batch(9), batch(10), batch(15, 1, 15)]) {
      ({ state } = reduceSync(state, { kind: 'batch', batch: held }));
    }
    ({ state } = reduceSync(state, { kind: 'snapshot', epoch: 1, sequence: 5 }));
    assert.deepEqual(heldBy(state), [batch(9), batch(10), batch(15, 1, 15)]);
    assert.deepEqual(heldBy(reduceSync(state, { kind: 'snapshot', epoch: 1, sequence: 15 }).state), []);
  });

  it('keeps what is held where it becomes stale meanwhile', () => {
    let { state } = reduceSync(following, { kind: 'batch', batch: batch(15, 1, 15) });
    ({ state } = reduceSync(state, { kind: 'stale' }));
    assert.deepEqual(heldBy(state), [batch(15, 1, 15)]);
  });

  it('drops what an earlier leader pushed', () => {
    let { state } = reduceSync(following, { kind: 'epoch', epoch: 2 });
    ({ state } = reduceSync(state, { kind: 'batch', batch: batch(6, 1) }));
    const step = reduceSync(state, { kind: 'snapshot', epoch: 2, sequence: 0 });
    assert.deepEqual(step, {
      state: { kind: 'following', epoch: 2, sequence: 0 },
      apply: [],
      needsSnapshot: false,
    });
  });
});
