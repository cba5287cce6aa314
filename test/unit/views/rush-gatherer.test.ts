import assert from 'node:assert/strict';
import type { EventsRecorded } from '../../../src/shared/service';
import { RushGatherer } from '../../../src/views/rush-gatherer';
import { sampleEvent } from '../../support/status-samples';
import { HandClock } from './hand-clock';

function batchOf(sequence: number, count: number, more: Partial<EventsRecorded> = {}): EventsRecorded {
  const events = Array.from({ length: count }, (_, index) => sampleEvent({ id: sequence * 1000 + index }));
  return {
    epoch: 1,
    after: sequence - 1,
    sequence,
    events,
    gifts: [],
    unread: sequence,
    isUnsaved: false,
    ...more,
  };
}

describe('The gatherer of a rush', () => {
  let clock: HandClock;
  let told: EventsRecorded[];
  let gatherer: RushGatherer;

  beforeEach(() => {
    clock = new HandClock();
    told = [];
    gatherer = new RushGatherer(clock, batch => told.push(batch));
  });

  const places = (): [number, number, number][] =>
    told.map(({ after, sequence, events }) => [after, sequence, events.length]);

  it('tells a few at once, one by one', () => {
    for (let sequence = 1; sequence <= 5; sequence++) gatherer.add(batchOf(sequence, 1));
    assert.deepEqual(
      places(),
      [1, 2, 3, 4, 5].map(sequence => [sequence - 1, sequence, 1]),
    );
  });

  it('tells each at once for as long as they come singly, however many they become', () => {
    for (let sequence = 1; sequence <= 500; sequence++) {
      gatherer.add(batchOf(sequence, 1));
      assert.equal(told.length, sequence);
      clock.pass(5);
    }
  });

  it('tells the first of a rush at once and the rest at its pace, none left out and in order', () => {
    for (let sequence = 1; sequence <= 6; sequence++) gatherer.add(batchOf(sequence, 400));
    assert.deepEqual(places(), [[0, 1, 400]]);
    clock.pass(99);
    assert.equal(told.length, 1);
    clock.pass(1);
    assert.deepEqual(places()[1], [1, 3, 800]);
    clock.pass(100);
    assert.deepEqual(places()[2], [3, 5, 800]);
    clock.pass(100);
    assert.deepEqual(places()[3], [5, 6, 400]);
    assert.deepEqual(
      told.flatMap(({ events }) => events.map(event => event.id)),
      [1, 2, 3, 4, 5, 6].flatMap(sequence => batchOf(sequence, 400).events.map(event => event.id)),
    );
    assert.equal(told[1]?.unread, 3);
    clock.pass(1000);
    gatherer.add(batchOf(7, 1));
    assert.equal(told.at(-1)?.sequence, 7);
  });

  it('tells more at a time the more there waits, so that it is never long behind', () => {
    for (let sequence = 1; sequence <= 401; sequence++) gatherer.add(batchOf(sequence, 100));
    clock.pass(100);
    assert.deepEqual(places()[1], [1, 21, 2000]);
    for (let turn = 0; turn < 60; turn++) clock.pass(100);
    assert.equal(told.at(-1)?.sequence, 401);
    assert.ok(told.every((batch, index) => batch.after === (told[index - 1]?.sequence ?? 0)));
  });

  it('joins nothing that has to stay apart: another leader, what is not saved, gifts of events before', () => {
    const gifts = [{ id: 2001, giftEventId: 9 }];
    gatherer.add(batchOf(1, 200));
    gatherer.add(batchOf(2, 1));
    gatherer.add(batchOf(3, 1, { gifts }));
    gatherer.add(batchOf(4, 1, { isUnsaved: true }));
    gatherer.add(batchOf(1, 1, { epoch: 2 }));
    for (let turn = 0; turn < 5; turn++) clock.pass(100);
    assert.deepEqual(
      told.map(({ epoch, sequence }) => [epoch, sequence]),
      [
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 4],
        [2, 1],
      ],
    );
  });

  it('tells all that waits before something that speaks of it', () => {
    gatherer.add(batchOf(1, 200));
    assert.equal(gatherer.hasUnsaved, false);
    gatherer.add(batchOf(2, 200, { isUnsaved: true }));
    gatherer.add(batchOf(3, 200));
    assert.equal(gatherer.hasUnsaved, true);
    gatherer.flush();
    assert.deepEqual(places(), [
      [0, 1, 200],
      [1, 2, 200],
      [2, 3, 200],
    ]);
    clock.pass(1000);
    assert.equal(told.length, 3);
  });

  it('drops what nobody looks at any more, and goes on', () => {
    gatherer.add(batchOf(1, 200));
    gatherer.add(batchOf(2, 200));
    gatherer.dispose();
    clock.pass(200);
    assert.equal(told.length, 1);
    gatherer.add(batchOf(3, 1));
    assert.deepEqual(places()[1], [2, 3, 1]);
  });
});
