import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventCursor, EventFilter, FeedEvent } from '../../../src/shared/events';
import { formatCell } from '../../../src/data/queries/export';
import { follow, gift, Harness, notification, person, subscribe } from './engine-harness';

async function everything(harness: Harness, filter: EventFilter, limit: number): Promise<FeedEvent[]> {
  const all: FeedEvent[] = [];
  let cursor: EventCursor | null = null;
  do {
    const page: Awaited<ReturnType<Harness['engine']['queryEvents']>> = await harness.engine.queryEvents(
      filter,
      cursor,
      limit,
      null,
    );
    all.push(...page.events);
    cursor = page.next;
  } while (cursor !== null);
  return all;
}

const ids = (events: readonly FeedEvent[]): number[] => events.map(event => event.id);

describe('queries', () => {
  let harness: Harness;

  before(async () => {
    harness = new Harness();
    await harness.open();
    const minute = (n: number): string =>
      new Date(Date.parse('2026-11-29T08:00:00Z') + n * 60_000).toISOString();
    for (let n = 0; n < 60; n++) {
      const at = { at: minute(n) };
      if (n % 5 === 0) await harness.record(subscribe(`s${n}`, false, at));
      else if (n % 7 === 0) await harness.record(notification('channel.vip.add', person(`v${n}`), at));
      else await harness.record(follow(`f${n}`, minute(n)));
    }
    // Came last, and happened in between.
    await harness.record(follow('late', minute(30.5)));
    await harness.record(notification('channel.raid', { note: 'A Straße of Ünïcode' }, { at: minute(61) }));
    await harness.record(gift('s0', 4, { at: minute(62) }));
    await harness.record(notification('channel.vip.add', person('j', '日本太郎'), { at: minute(63) }));
  });
  after(() => harness.dispose());

  it('pages through everything once, newest first, whatever the page size', async () => {
    const reference = await everything(harness, {}, 500);
    assert.equal(reference.length, 64);
    const order = reference.map(event => event.occurredAt);
    assert.deepEqual(order, [...order].sort().reverse());
    for (const limit of [1, 3, 7, 63, 64]) assert.deepEqual(await everything(harness, {}, limit), reference);
    assert.equal(reference.findIndex(event => event.viewer?.id === 'late') > 20, true);
  });

  it('filters by family, viewer and time as a filter of the whole would', async () => {
    const all = await everything(harness, {}, 500);
    const follows = all.filter(event => event.type === 'channel.follow');
    assert.deepEqual(ids(await everything(harness, { families: ['follows'] }, 10)), ids(follows));
    const some = all.filter(event => ['channel.vip.add', 'channel.subscribe'].includes(event.type));
    assert.deepEqual(ids(await everything(harness, { families: ['vips', 'subs'] }, 4)), ids(some));
    assert.deepEqual(ids(await everything(harness, { families: [] }, 4)), []);
    assert.deepEqual(
      ids(await everything(harness, { viewerId: 's0' }, 1)),
      ids(all.filter(event => event.viewer?.id === 's0')),
    );
    const from = '2026-11-29T08:10:00.000Z';
    const to = '2026-11-29T08:20:00.000Z';
    assert.deepEqual(
      ids(await everything(harness, { from, to }, 3)),
      ids(all.filter(event => event.occurredAt >= from && event.occurredAt < to)),
    );
  });

  it('finds a name by its beginning first, then text anywhere, each event once', async () => {
    const page = await harness.engine.queryEvents({ text: 'VIEWER_F3' }, null, 50, null);
    assert.ok(page.events.length > 3);
    assert.ok(page.events.every(event => event.viewer?.login.startsWith('viewer_f3')));
    const inside = await everything(harness, { text: 'wer_f3' }, 3);
    assert.deepEqual(ids(inside), ids(page.events));
    const both = await everything(harness, { text: 'viewer_f3' }, 2);
    assert.deepEqual(ids(both), ids(page.events));
  });

  it('finds names of other scripts, text of other cases, and descriptions', async () => {
    assert.equal((await everything(harness, { text: '日本' }, 5)).length, 1);
    assert.equal((await everything(harness, { text: '本太' }, 5)).length, 1);
    assert.equal((await everything(harness, { text: 'STRASSE' }, 5)).length, 0);
    assert.equal((await everything(harness, { text: 'ünÏcode' }, 5)).length, 1);
    assert.equal((await everything(harness, { text: 'gifted subscription' }, 5)).length, 1);
    assert.equal((await everything(harness, { text: 'channel.raid' }, 5)).length, 1);
    assert.equal((await everything(harness, { text: '100%_' }, 5)).length, 0);
    assert.equal((await everything(harness, { text: "'; DROP TABLE events; --" }, 5)).length, 0);
    assert.equal((await everything(harness, { text: 'new', families: ['subs'] }, 5)).length, 12);
  });

  it('refuses a search that was cancelled, and pages of impossible sizes', async () => {
    await harness.engine.cancelSearch('x');
    await assert.rejects(harness.engine.queryEvents({ text: 'viewer' }, null, 5, 'x'), { kind: 'cancelled' });
    assert.ok((await harness.engine.queryEvents({ text: 'viewer' }, null, 5, 'x')).events.length > 0);
    for (const limit of [0, -1, 501, 1.5, Number.NaN]) {
      await assert.rejects(harness.engine.queryEvents({}, null, limit, null), { kind: 'badRequest' });
    }
    await assert.rejects(harness.engine.queryEvents({}, { occurredAt: 'x', id: 1 }, 5, null), {
      kind: 'badRequest',
    });
  });

  it('pages through a person with thousands of events, each once and in order', async () => {
    const busy = new Harness();
    await busy.open();
    try {
      const start = Date.parse('2026-11-28T00:00:00Z');
      const inputs = Array.from({ length: 5000 }, (_, n) => {
        const id = n % 10 === 0 ? 'other' : 'busy';
        return notification('channel.vip.add', person(id), {
          at: new Date(start + ((n * 7919) % 5000) * 1000).toISOString(),
        });
      });
      await busy.record(...inputs);
      const events = await everything(busy, { viewerId: 'busy' }, 500);
      assert.equal(events.length, 4500);
      const order = events.map(event => event.occurredAt);
      assert.deepEqual(order, [...order].sort().reverse());
      assert.equal((await everything(busy, { text: 'viewer_bus' }, 500)).length, 4500);
      assert.equal((await everything(busy, { viewerId: 'other' }, 500)).length, 500);
    } finally {
      await busy.dispose();
    }
  });

  it('tells what a person is and what happened to them', async () => {
    const viewer = await harness.engine.getViewer('s0');
    assert.equal(viewer?.isFollowing, false);
    assert.equal(viewer.subscription?.tier, '1000');
    assert.deepEqual(
      viewer.history.map(entry => entry.what),
      ['subscriptionBegun'],
    );
    assert.equal(await harness.engine.getViewer('nobody'), null);
    assert.equal(await harness.engine.getEvent(9999), null);
    const details = await harness.engine.getEvent(1);
    assert.equal(details?.viewer?.viewer.id, 's0');
    assert.deepEqual((details.data as { tier: string }).tier, '1000');
  });

  it('adds up statistics in local days that agree with the rows', async () => {
    for (const range of ['7days', '30days', 'year', 'all'] as const) {
      const statistics = await harness.engine.getStatistics(range);
      const follows = statistics.buckets.reduce((sum, bucket) => sum + bucket.follows, 0);
      assert.equal(follows, statistics.now.followers, range);
      assert.equal(statistics.eventCount, 64);
      assert.ok(statistics.buckets.length >= 7);
    }
    const today = await harness.engine.getToday();
    assert.equal(
      Object.values(today).reduce((sum: number, count) => sum + (count ?? 0), 0),
      64,
    );
  });

  it('exports JSON Lines and CSV, reports progress, and leaves nothing when cancelled', async () => {
    const jsonl = join(harness.folder, 'out.jsonl');
    assert.deepEqual(await harness.engine.exportEvents('1', 'jsonl', {}, jsonl), { count: 64 });
    const lines = readFileSync(jsonl, 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, 64);
    assert.equal((JSON.parse(lines[0] ?? '') as { viewer: { id: string } }).viewer.id, 'j');
    assert.deepEqual(harness.progress.at(-1), ['1', 64, 64]);
    const csv = join(harness.folder, 'out.csv');
    await harness.engine.exportEvents('2', 'csv', { families: ['vips'] }, csv);
    const text = readFileSync(csv, 'utf8');
    assert.ok(text.startsWith('\ufeffid,occurred_at'));
    assert.ok(text.includes('日本太郎'));
    const running = harness.engine.exportEvents('3', 'csv', {}, join(harness.folder, 'never.csv'));
    await harness.engine.cancelExport('3');
    await assert.rejects(running, { kind: 'cancelled' });
    assert.equal(existsSync(join(harness.folder, 'never.csv')), false);
    assert.ok(readdirSync(harness.folder).every(name => !name.endsWith('.part')));
  });

  it('makes formulas harmless in CSV', () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx']) {
      assert.match(formatCell(text), /^"?'/);
    }
    assert.equal(formatCell('a"b'), '"a""b"');
    assert.equal(formatCell('a,b\nc'), '"a,b\nc"');
    assert.equal(formatCell(null), '');
    assert.equal(formatCell(-5), '-5');
  });
});
