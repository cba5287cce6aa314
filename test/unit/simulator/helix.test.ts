import assert from 'node:assert/strict';
import type { TokenSet } from '../../../src/shared/service';
import type { Simulator } from '../../../src/simulator/simulator';
import { FakeClock } from './fake-clock';
import { closeAll, helix, start, type Reply } from './twitch-client';

type Row = Record<string, string | boolean>;

const LISTS = {
  followers: '/channels/followers',
  moderators: '/moderation/moderators',
  vips: '/channels/vips',
  subscriptions: '/subscriptions',
} as const;

function get(simulator: Simulator, tokens: TokenSet, list: keyof typeof LISTS, query = ''): Promise<Reply> {
  return helix(simulator, tokens, `${LISTS[list]}?broadcaster_id=${simulator.channel.id}${query}`);
}

/** Every row of a list, page by page; at most 50 pages. */
async function readAll(
  simulator: Simulator,
  tokens: TokenSet,
  list: keyof typeof LISTS,
  first: number,
): Promise<{ ids: string[]; sizes: number[]; total: unknown }> {
  const ids: string[] = [];
  const sizes: number[] = [];
  let after = '';
  for (let page = 0; page < 50; page++) {
    const { status, body } = await get(simulator, tokens, list, `&first=${first}${after}`);
    assert.equal(status, 200, JSON.stringify(body));
    const rows = body['data'] as Row[];
    ids.push(...rows.map(row => String(row['user_id'])));
    sizes.push(rows.length);
    const { cursor } = body['pagination'] as { cursor?: string };
    if (cursor === undefined) return { ids, sizes, total: body['total'] };
    after = `&after=${cursor}`;
  }
  throw new Error('The list does not end.');
}

describe('The Helix lists of the simulator', () => {
  afterEach(closeAll);

  it('list followers newest first, with a total, in whole seconds', async () => {
    const simulator = await start({ followers: 250 });
    const tokens = simulator.issueToken();
    const { body } = await get(simulator, tokens, 'followers');
    assert.deepEqual(Object.keys(body), ['total', 'data', 'pagination']);
    assert.equal(body['total'], 250);
    const rows = body['data'] as Row[];
    assert.equal(rows.length, 20);
    assert.deepEqual(Object.keys(rows[0]!), ['user_id', 'user_name', 'user_login', 'followed_at']);
    const times = rows.map(row => String(row['followed_at']));
    assert.deepEqual(times, [...times].sort().reverse());
    for (const time of times) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const all = await readAll(simulator, tokens, 'followers', 100);
    assert.deepEqual(all.sizes, [100, 100, 50]);
    assert.equal(new Set(all.ids).size, 250);
  });

  it('list moderators and VIPs with three fields each, and {} on the last page', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    for (const list of ['moderators', 'vips'] as const) {
      const { body } = await get(simulator, tokens, list, '&first=100');
      assert.deepEqual(Object.keys(body), ['data', 'pagination']);
      assert.deepEqual(body['pagination'], {});
      const [row] = body['data'] as Row[];
      assert.deepEqual(Object.keys(row!).sort(), ['user_id', 'user_login', 'user_name']);
      assert.equal((await readAll(simulator, tokens, list, 1)).ids.length, simulator.state()[list].length);
    }
  });

  it('list subscriptions with empty gifter fields where nobody gave them, total and points', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { body } = await get(simulator, tokens, 'subscriptions', '&first=100');
    const rows = body['data'] as Row[];
    const fields =
      'broadcaster_id broadcaster_login broadcaster_name gifter_id gifter_login gifter_name is_gift ' +
      'plan_name tier user_id user_login user_name';
    assert.deepEqual(Object.keys(rows[0]!).sort(), fields.split(' '));
    const own = rows.find(row => row['is_gift'] === false)!;
    assert.equal(own['gifter_id'], '');
    assert.equal(own['gifter_name'], '');
    const given = rows.find(row => row['is_gift'] === true)!;
    assert.notEqual(given['gifter_id'], '');
    const points = rows.reduce(
      (sum, row) => sum + ({ '1000': 1, '2000': 2, '3000': 6 }[String(row['tier'])] ?? 0),
      0,
    );
    assert.equal(body['total'], rows.length);
    assert.equal(body['points'], points);
  });

  it('page backwards through subscriptions', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const one = await get(simulator, tokens, 'subscriptions', '&first=3');
    const cursor = (one.body['pagination'] as { cursor: string }).cursor;
    const back = await get(simulator, tokens, 'subscriptions', `&first=2&before=${cursor}`);
    assert.deepEqual(back.body['data'], (one.body['data'] as Row[]).slice(0, 2));
    assert.deepEqual(back.body['pagination'], {});
  });

  it('find single people by user_id: one follower, up to 100 of the others', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { followers, vips } = simulator.state();
    const found = await get(simulator, tokens, 'followers', `&user_id=${followers[7]!.id}`);
    assert.equal((found.body['data'] as Row[]).length, 1);
    assert.equal(found.body['total'], followers.length);
    const two = vips.map(({ id }) => `&user_id=${id}`).join('');
    const listed = await get(simulator, tokens, 'vips', `${two}&user_id=999`);
    assert.equal((listed.body['data'] as Row[]).length, vips.length);
    const twice = `&user_id=${followers[0]!.id}&user_id=${followers[1]!.id}`;
    assert.equal((await get(simulator, tokens, 'followers', twice)).status, 400);
    assert.equal((await get(simulator, tokens, 'vips', '&user_id=1'.repeat(101))).status, 400);
  });

  it('answer 400 to parameters that are missing, malformed, unknown or at odds', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { status, body } = await helix(simulator, tokens, '/channels/followers');
    assert.equal(status, 400);
    assert.deepEqual(body, {
      error: 'Bad Request',
      status: 400,
      message: 'Missing required parameter "broadcaster_id"',
    });
    for (const query of [
      '&first=0',
      '&first=101',
      '&first=x',
      '&after=zzz',
      '&page=2',
      '&broadcaster_id=2',
    ]) {
      assert.equal((await get(simulator, tokens, 'followers', query)).status, 400, query);
    }
    const [subscriber] = simulator.state().subscribers;
    const { body: page } = await get(simulator, tokens, 'subscriptions', '&first=1');
    const cursor = (page['pagination'] as { cursor: string }).cursor;
    const odd = `&user_id=${subscriber!.id}&after=${cursor}`;
    assert.equal((await get(simulator, tokens, 'subscriptions', odd)).status, 400);
    assert.equal((await get(simulator, tokens, 'vips', `&after=${cursor}`)).status, 400);
    assert.equal((await helix(simulator, tokens, '/channels/followers?broadcaster_id=nobody')).status, 400);
  });

  it('answer an empty followers list with the total without the scope, and 401 elsewhere', async () => {
    const simulator = await start();
    const bare = simulator.issueToken([]);
    const { status, body } = await get(simulator, bare, 'followers');
    assert.equal(status, 200);
    assert.deepEqual(body, { total: 40, data: [], pagination: {} });
    for (const list of ['moderators', 'vips', 'subscriptions'] as const) {
      assert.equal((await get(simulator, bare, list)).status, 401);
    }
  });

  it('let a moderator read followers and nothing else, and a stranger only the total', async () => {
    const simulator = await start();
    const { moderators, vips } = simulator.state();
    const moderator = simulator.issueToken(undefined, moderators[0]!.id);
    assert.equal(((await get(simulator, moderator, 'followers')).body['data'] as Row[]).length, 20);
    assert.equal((await get(simulator, moderator, 'vips')).status, 401);
    const stranger = simulator.issueToken(undefined, vips[0]!.id);
    assert.deepEqual((await get(simulator, stranger, 'followers')).body['data'], []);
  });

  it('carry the rate headers, and answer 429 until the bucket has refilled', async () => {
    const clock = new FakeClock();
    const limits = { pointsPerMinute: 60 };
    const simulator = await start({ clock, limits, timings: { pingEveryMs: 0 } });
    const tokens = simulator.issueToken();
    for (let left = 59; left >= 0; left--) {
      const { headers, status } = await get(simulator, tokens, 'vips');
      assert.equal(status, 200);
      assert.equal(headers.get('ratelimit-limit'), '60');
      assert.equal(headers.get('ratelimit-remaining'), String(left));
    }
    const refused = await get(simulator, tokens, 'vips');
    assert.equal(refused.status, 429);
    assert.equal(refused.body['error'], 'Too Many Requests');
    const reset = Number(refused.headers.get('ratelimit-reset'));
    assert.ok(Math.abs(reset * 1000 - clock.now() - 60_000) <= 1000);
    const other = simulator.issueToken(undefined, simulator.state().moderators[0]!.id);
    assert.equal((await get(simulator, other, 'followers')).status, 200);
    clock.advance(1_000);
    assert.equal((await get(simulator, tokens, 'vips')).status, 200);
    assert.equal((await get(simulator, tokens, 'vips')).status, 429);
  });

  it('lag the socket by as much as is asked for', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, listLagMs: 2_000, timings: { pingEveryMs: 0 } });
    const tokens = simulator.issueToken();
    await simulator.send({ type: 'channel.vip.add', viewer: 'Ada', count: 1 });
    const names = async (): Promise<unknown[]> =>
      ((await get(simulator, tokens, 'vips')).body['data'] as Row[]).map(row => row['user_name']);
    assert.ok(!(await names()).includes('Ada'));
    clock.advance(2_000);
    assert.ok((await names()).includes('Ada'));
  });

  it('go wrong on request: moving, short, empty, never whole, holed, with the broadcaster', async () => {
    const simulator = await start({ followers: 100 });
    const tokens = simulator.issueToken();
    const { faults } = simulator;
    const list = 'followers';
    const whole = (await readAll(simulator, tokens, list, 10)).ids;
    faults.inject({ kind: 'list', list, effect: { kind: 'shift', rows: 1 } });
    assert.equal((await readAll(simulator, tokens, list, 10)).ids.length, 91);
    faults.clear();
    faults.inject({ kind: 'list', list, effect: { kind: 'shift', rows: -1 } });
    const repeated = (await readAll(simulator, tokens, list, 10)).ids;
    assert.ok(repeated.length > 100 && new Set(repeated).size === 100);
    faults.clear();
    faults.inject({ kind: 'list', list, effect: { kind: 'shortPages' } });
    const short = await readAll(simulator, tokens, list, 50);
    assert.deepEqual(short.sizes, [49, 49, 2]);
    assert.deepEqual(short.ids, whole);
    faults.clear();
    faults.inject({ kind: 'list', list, effect: { kind: 'emptyWithTotal' } });
    assert.deepEqual((await get(simulator, tokens, list)).body, { total: 100, data: [], pagination: {} });
    faults.clear();
    faults.inject({ kind: 'list', list, effect: { kind: 'totalTooHigh', by: 3 } });
    const userIds = whole.slice(9, 11);
    faults.inject({ kind: 'list', list, effect: { kind: 'omits', userIds } });
    const holed = await readAll(simulator, tokens, list, 9);
    assert.equal(holed.total, 103);
    assert.deepEqual(holed.ids, [...whole.slice(0, 9), ...whole.slice(11)]);
    const confirmed = await get(simulator, tokens, list, `&user_id=${userIds[0]}`);
    assert.equal((confirmed.body['data'] as Row[]).length, 1);
    faults.inject({ kind: 'list', list: 'subscriptions', effect: { kind: 'broadcasterSubscribed' } });
    const subscribers = await readAll(simulator, tokens, 'subscriptions', 4);
    assert.equal(subscribers.ids[0], simulator.channel.id);
    assert.equal(new Set(subscribers.ids).size, simulator.state().subscribers.length + 1);
  });

  it('fail on request with a rate limit, a status, a body or nothing at all', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const route = 'vips';
    simulator.faults.inject({
      kind: 'http',
      route,
      answer: { kind: 'rateLimited', resetAfterSeconds: 30 },
      count: 1,
    });
    const limited = await get(simulator, tokens, route);
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get('ratelimit-reset')) * 1000 > Date.now() + 20_000);
    simulator.faults.inject({ kind: 'http', route, answer: { kind: 'status', status: 500 }, count: 1 });
    assert.equal((await get(simulator, tokens, route)).status, 500);
    const answer = { kind: 'body', status: 200, body: '{"data":7}' } as const;
    simulator.faults.inject({ kind: 'http', route, answer, count: 1 });
    assert.deepEqual((await get(simulator, tokens, route)).body, { data: 7 });
    assert.equal((await get(simulator, tokens, route)).status, 200);
    assert.equal(simulator.requestCounts()[route], 4);
  });

  it('find users by id and login, and the caller without either', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { login, id } = simulator.channel;
    for (const query of ['', `?id=${id}`, `?login=${login}`]) {
      const { body } = await helix(simulator, tokens, `/users${query}`);
      const [user] = body['data'] as Row[];
      assert.equal(user!['id'], id);
      assert.equal(user!['login'], login);
    }
    assert.deepEqual((await helix(simulator, tokens, '/users?login=nobody_here')).body, { data: [] });
  });
});
