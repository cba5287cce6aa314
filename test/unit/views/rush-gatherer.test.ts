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
    for (let sequence = 1; sequence <= 3; sequence++) gatherer.add(batchOf(sequence, 200));
    assert.deepEqual(places(), [[0, 1, 200]]);
    clock.pass(249);
    assert.equal(told.length, 1);
    clock.pass(1);
    assert.deepEqual(places()[1], [1, 3, 400]);
    gatherer.add(batchOf(4, 100));
    gatherer.add(batchOf(5, 100));
    assert.equal(told.length, 2);
    clock.pass(250);
    assert.deepEqual(places()[2], [3, 5, 200]);
    assert.deepEqual(
      told.flatMap(({ events }) => events.map(event => event.id)),
      [200, 200, 200, 100, 100].flatMap((count, index) =>
        batchOf(index + 1, count).events.map(event => event.id),
      ),
    );
    assert.equal(told[1]?.unread, 3);
    clock.pass(1000);
    gatherer.add(batchOf(6, 1));
    assert.equal(told.at(-1)?.sequence, 6);
  });

  it('tells of a flood only that there is more, as a gap in what it told, a few times a second', () => {
    for (let sequence = 1; sequence <= 401; sequence++) gatherer.add(batchOf(sequence, 100));
    assert.deepEqual(places(), [[0, 1, 100]]);
    clock.pass(250);
    assert.deepEqual(places()[1], [401, 401, 1]);
    assert.equal(told[1]?.unread, 401);
    gatherer.add(batchOf(402, 10));
    assert.equal(told.length, 2);
    clock.pass(250);
    assert.deepEqual(places()[2], [401, 402, 10]);
  });

  it('tells of a flood the event that happened first, and every gift', () => {
    const late = sampleEvent({ id: 7, occurredAt: '2020-01-01T00:00:00.000Z' });
    const flood = batchOf(1, 501, { gifts: [{ id: 1, giftEventId: 2 }] });
    flood.events.splice(300, 1, late);
    gatherer.add(flood);
    assert.deepEqual(places(), [[1, 1, 1]]);
    assert.deepEqual(told[0]?.events, [late]);
    assert.deepEqual(told[0].gifts, [{ id: 1, giftEventId: 2 }]);
  });

  it('tells all of a flood that is not on disk yet, because each of its rows says so', () => {
    gatherer.add(batchOf(1, 501, { isUnsaved: true }));
    assert.deepEqual(places(), [[0, 1, 501]]);
  });

  it('joins nothing that has to stay apart: another leader, what is not saved, gifts of events before', () => {
    const gifts = [{ id: 2001, giftEventId: 9 }];
    gatherer.add(batchOf(1, 200));
    gatherer.add(batchOf(2, 1));
    gatherer.add(batchOf(3, 1, { gifts }));
    gatherer.add(batchOf(4, 1, { isUnsaved: true }));
    gatherer.add(batchOf(1, 1, { epoch: 2 }));
    clock.pass(250);
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
    clock.pass(250);
    assert.equal(told.length, 1);
    gatherer.add(batchOf(3, 1));
    assert.deepEqual(places()[1], [2, 3, 1]);
  });
});
