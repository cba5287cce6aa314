import assert from 'node:assert/strict';
import type { PollKind, PollStatus } from '../../../src/shared/service';
import { startSimulator } from '../../../src/simulator/simulator';
import type { Simulator } from '../../../src/simulator/simulator-contract';
import { createHelixClient, type HelixClient } from '../../../src/twitch/helix-client';
import { createPoller, type Poller } from '../../../src/twitch/poller';
import type { PollerOptions } from '../../../src/twitch/twitch-ports';
import { FakeSweepRecorder } from '../../support/fake-sweep-recorder';
import { answer, NetworkRig, offline } from '../../support/network-rig';

const OPTIONS: PollerOptions = {
  kinds: ['followers', 'roles', 'subscriptions'],
  followersMs: 60_000,
  rolesMs: 30 * 60_000,
  reconcileMs: 3 * 3_600_000,
};
const LISTS = ['/followers', '/moderators', '/vips', '/subscriptions'];

describe('poller', () => {
  let rig: NetworkRig;
  let simulator: Simulator;
  let recorder: FakeSweepRecorder;
  let helix: HelixClient;
  let pollers: Poller[];
  let channelId: string;
  let doubts: number;

  beforeEach(async () => {
    rig = new NetworkRig();
    recorder = new FakeSweepRecorder();
    pollers = [];
    doubts = 0;
    await useSimulator(40);
  });

  afterEach(async () => {
    await Promise.all(pollers.map(poller => poller.stop()));
    helix.dispose();
    rig.dispose();
    await simulator.close();
    assert.equal(recorder.openSweeps, 0);
  });

  async function useSimulator(followers: number, pointsPerMinute = 800): Promise<void> {
    simulator = await startSimulator({
      stateFile: null,
      clock: rig.clock,
      followers,
      limits: { pointsPerMinute },
      timings: { accessTokenSeconds: 365 * 86_400 },
    });
    channelId = simulator.channel.id;
    const tokens = simulator.issueToken();
    helix = createHelixClient({
      endpoints: simulator.endpoints,
      clientId: () => tokens.clientId,
      tokens: {
        getAccessToken: () => Promise.resolve(tokens.accessToken),
        renewAccessToken: () => Promise.resolve(null),
      },
      logger: rig.logger,
      clock: rig.clock,
      random: () => 0,
      send: rig.send,
    });
  }

  function open(changes: Partial<Parameters<typeof createPoller>[0]> = {}): Poller {
    const poller = createPoller({
      helix,
      recorder,
      channelId,
      userId: channelId,
      scopes: () => null,
      options: OPTIONS,
      logger: rig.logger,
      clock: rig.clock,
      random: () => 0,
      onScopeDoubt: () => doubts++,
      ...changes,
    });
    pollers.push(poller);
    return poller;
  }

  const statusOf = (poller: Poller, kind: PollKind): PollStatus => {
    const status = poller.getStatus().find(candidate => candidate.kind === kind);
    assert.ok(status);
    return status;
  };
  const isIdle = (poller: Poller): boolean =>
    poller.getStatus().every(({ state }) => state.kind !== 'running');
  const userId = (name: string): string => {
    const { followers, moderators, vips, subscribers } = simulator.state();
    const found = [...followers, ...moderators, ...vips, ...subscribers].find(
      user => user.displayName === name,
    );
    assert.ok(found, name);
    return found.id;
  };

  async function start(poller: Poller, isLive = false): Promise<void> {
    poller.start();
    if (isLive) poller.setLive(true);
    await rig.pass(isLive ? 20_000 : 1000);
    assert.ok(isIdle(poller));
  }

  async function refresh(poller: Poller): Promise<number> {
    const { recovered } = await rig.during(poller.runAll(new AbortController().signal, () => undefined));
    return recovered;
  }

  describe('its paces', () => {
    it('records the first sweep of every list as the baseline, and announces nothing', async () => {
      const poller = open();
      await start(poller);
      assert.equal(recorder.found('followers', 'baseline').length, 40);
      assert.ok(recorder.findings.every(({ what }) => what === 'baseline'));
      for (const { last } of poller.getStatus()) assert.ok(last?.kind === 'ok' && last.isBaseline);
    });

    it('polls followers every minute and the rest every half hour while EventSub is not live', async () => {
      const poller = open();
      await start(poller);
      rig.requests.length = 0;
      await rig.pass(60 * 60_000);
      assert.equal(rig.count('/followers'), 60);
      assert.deepEqual(
        LISTS.slice(1).map(list => rig.count(list)),
        [2, 2, 2],
      );
    });

    it('needs under 20 requests in an hour while EventSub is live', async () => {
      const poller = open();
      await start(poller);
      rig.requests.length = 0;
      poller.setLive(true);
      poller.catchUp();
      await rig.pass(60 * 60_000);
      assert.ok(rig.requests.length < 20, String(rig.requests.length));
      assert.deepEqual(
        LISTS.map(list => rig.count(list)),
        [1, 1, 1, 1],
      );
    });

    it('reconciles every three hours while EventSub is live', async () => {
      const poller = open();
      await start(poller, true);
      rig.requests.length = 0;
      await rig.pass(9 * 3_600_000);
      assert.deepEqual(
        LISTS.map(list => rig.count(list)),
        [3, 3, 3, 3],
      );
      assert.equal(statusOf(poller, 'followers').pace, 'reconcile');
    });

    it('takes over ten seconds after EventSub went, and not for a short break', async () => {
      const poller = open();
      await start(poller, true);
      rig.requests.length = 0;
      poller.setLive(false);
      await rig.pass(9000);
      assert.equal(rig.requests.length, 0);
      poller.setLive(true);
      await rig.pass(4000);
      assert.equal(rig.requests.length, 0);
      await rig.pass(30_000);
      assert.deepEqual(
        LISTS.map(list => rig.count(list)),
        [1, 1, 1, 1],
        'one catch-up',
      );

      poller.setLive(false);
      await rig.pass(10_500);
      assert.deepEqual(
        LISTS.map(list => rig.count(list)),
        [2, 2, 2, 2],
      );
      assert.equal(statusOf(poller, 'roles').pace, 'fallback');
    });

    it('takes over at once when the person disconnects', async () => {
      const poller = open();
      await start(poller, true);
      rig.requests.length = 0;
      poller.setLive(false, { isByHand: true });
      await rig.pass(10);
      assert.deepEqual(
        LISTS.map(list => rig.count(list)),
        [1, 1, 1, 1],
      );
    });

    it('polls at once after a sleep that was longer than the interval', async () => {
      const poller = open();
      await start(poller, true);
      rig.requests.length = 0;
      rig.clock.sleep(8 * 3_600_000);
      await rig.pass(20_000);
      assert.deepEqual(
        LISTS.map(list => rig.count(list)),
        [1, 1, 1, 1],
      );
    });

    it('comes a little early and never late', async () => {
      const poller = open({ random: () => 0.999 });
      await start(poller);
      rig.requests.length = 0;
      await rig.pass(60_000);
      assert.equal(rig.count('/followers'), 1);
      const { state } = statusOf(poller, 'followers');
      assert.ok(state.kind === 'scheduled' && Date.parse(state.nextAt) - rig.clock.now() <= 60_000);
    });
  });

  describe('what it finds', () => {
    it('finds a follow, a sub, a mod and a VIP made while EventSub was away, within one interval', async () => {
      const poller = open();
      await start(poller, true);
      poller.setLive(false, { isByHand: true });
      await rig.pass(1000);
      simulator.makeOffline(
        { kind: 'follow', user: 'Ada' },
        { kind: 'subscribe', user: 'Grace' },
        { kind: 'addModerator', user: 'Margaret' },
        { kind: 'addVip', user: 'Ken' },
      );
      await rig.pass(30 * 60_000);
      assert.deepEqual(recorder.found('followers', 'recovered'), [userId('Ada')]);
      assert.deepEqual(recorder.found('subscriptions', 'recovered'), [userId('Grace')]);
      assert.deepEqual(recorder.found('moderators', 'recovered'), [userId('Margaret')]);
      assert.deepEqual(recorder.found('vips', 'recovered'), [userId('Ken')]);
    });

    it('finds who followed in a gap before another who was seen', async () => {
      const poller = open();
      await start(poller, true);
      poller.setLive(false);
      await rig.pass(3000);
      simulator.makeOffline({ kind: 'follow', user: 'A' });
      await rig.pass(3000);
      poller.setLive(true);
      simulator.makeOffline({ kind: 'follow', user: 'B' });
      const b = userId('B');
      recorder.socketAdds(
        channelId,
        'followers',
        { userId: b, userLogin: 'b', userName: 'B' },
        rig.clock.now(),
      );
      await rig.pass(30_000);
      assert.deepEqual(recorder.found('followers', 'recovered'), [userId('A')]);
    });

    it('finds an unfollow when the total has differed twice, and confirms it', async () => {
      const poller = open();
      await start(poller);
      const [first] = simulator.state().followers;
      assert.ok(first);
      await rig.pass(10 * 60_000);
      rig.requests.length = 0;
      simulator.makeOffline({ kind: 'unfollow', user: first.displayName });
      await rig.pass(60_000);
      assert.deepEqual(recorder.found('followers', 'removed'), []);
      await rig.pass(60_000);
      assert.deepEqual(recorder.found('followers', 'removed'), [first.id]);
      assert.equal(rig.requests.filter(({ path }) => path.includes(`user_id=${first.id}`)).length, 1);
    });

    it('finds an unfollow on the first refresh', async () => {
      const poller = open();
      await start(poller, true);
      const [first] = simulator.state().followers;
      assert.ok(first);
      simulator.makeOffline({ kind: 'unfollow', user: first.displayName });
      await rig.pass(10_000);
      assert.equal(await refresh(poller), 1);
      assert.deepEqual(recorder.found('followers', 'removed'), [first.id]);
    });

    it('leaves who changed by the socket in the last minutes to the next sweep', async () => {
      const poller = open();
      await start(poller);
      recorder.socketAdds(channelId, 'vips', { userId: '7', userLogin: 'g', userName: 'G' }, rig.clock.now());
      await refresh(poller);
      assert.ok(recorder.current(channelId, 'vips').includes('7'));
      await rig.pass(40 * 60_000);
      assert.ok(!recorder.current(channelId, 'vips').includes('7'));
    });

    it('sweeps all followers at least weekly', async () => {
      const poller = open();
      await start(poller, true);
      const wholes = (): number =>
        recorder.begun.filter(({ kind, mode }) => kind === 'followers' && mode === 'whole').length;
      assert.equal(wholes(), 1);
      rig.clock.sleep(6 * 86_400_000);
      await rig.pass(60_000);
      assert.equal(wholes(), 1);
      rig.clock.sleep(1.1 * 86_400_000);
      await rig.pass(60_000);
      assert.equal(wholes(), 2);
    });

    it('keeps whole sweeps of followers to a twentieth of the rate bucket', async () => {
      await simulator.close();
      helix.dispose();
      await useSimulator(4100, 800);
      const poller = open();
      await start(poller);
      rig.requests.length = 0;
      simulator.faults.inject({ kind: 'list', list: 'followers', effect: { kind: 'totalTooHigh', by: 90 } });
      await rig.pass(10 * 60_000);
      const wholes = recorder.begun.filter(
        ({ kind, mode }) => kind === 'followers' && mode === 'whole',
      ).length;
      assert.ok(rig.count('/followers') < 10 * 40 + 20, String(rig.count('/followers')));
      // Short of the total by the same twice: that is how it is, and the difference is learned.
      assert.equal(wholes, 3);
    });
  });

  describe('faulty lists', () => {
    const isFine = (poller: Poller, kind: PollKind): boolean => statusOf(poller, kind).last?.kind === 'ok';

    it('never removes anyone by an empty list with a total', async () => {
      const poller = open();
      await start(poller);
      for (const list of ['followers', 'subscriptions'] as const) {
        simulator.faults.inject({ kind: 'list', list, effect: { kind: 'emptyWithTotal' } });
      }
      await rig.pass(2 * 3_600_000);
      assert.ok(!isFine(poller, 'followers') && !isFine(poller, 'subscriptions'));
      assert.equal(recorder.findings.filter(({ what }) => what === 'removed').length, 0);
      assert.ok(doubts > 0);
      simulator.faults.clear();
      await rig.pass(3_600_000);
      assert.ok(isFine(poller, 'followers') && isFine(poller, 'subscriptions'));
    });

    it('takes no empty list with a total for a baseline', async () => {
      simulator.faults.inject({ kind: 'list', list: 'followers', effect: { kind: 'emptyWithTotal' } });
      const poller = open();
      await start(poller);
      simulator.faults.clear();
      await rig.pass(5 * 60_000);
      assert.equal(recorder.found('followers', 'baseline').length, 40);
      assert.equal(recorder.found('followers', 'recovered').length, 0);
    });

    it('does not believe that somebody is gone who is found by user_id', async () => {
      const poller = open();
      await start(poller, true);
      for (const [list, people] of Object.entries({
        followers: simulator.state().followers,
        subscriptions: simulator.state().subscribers,
        moderators: simulator.state().moderators,
        vips: simulator.state().vips,
      })) {
        const userIds = people.slice(0, 2).map(({ id }) => id);
        const effect = { kind: 'omits', userIds } as const;
        simulator.faults.inject({ kind: 'list', list: list as 'followers', effect });
      }
      rig.clock.sleep(8 * 86_400_000);
      await rig.pass(60_000);
      assert.equal(recorder.outcomes.filter(({ kind }) => kind === 'followers').at(-1)?.mode, 'whole');
      assert.equal(recorder.findings.filter(({ what }) => what === 'removed').length, 0);
    });

    for (const rows of [1, -1]) {
      it(`survives pages that shift by ${rows}`, async () => {
        await simulator.close();
        helix.dispose();
        await useSimulator(950);
        const poller = open();
        await start(poller);
        const [gone] = simulator.state().followers;
        assert.ok(gone);
        simulator.faults.inject({ kind: 'list', list: 'followers', effect: { kind: 'shift', rows } });
        simulator.makeOffline({ kind: 'unfollow', user: gone.displayName });
        await rig.pass(30 * 60_000);
        assert.deepEqual(recorder.found('followers', 'removed'), [gone.id]);
      });
    }

    it('survives a total that is never reached, and still finds who left', async () => {
      const poller = open();
      await start(poller);
      simulator.faults.inject({ kind: 'list', list: 'followers', effect: { kind: 'totalTooHigh', by: 25 } });
      await rig.pass(20 * 60_000);
      assert.deepEqual(recorder.found('followers', 'removed'), []);
      const [gone] = simulator.state().followers;
      assert.ok(gone);
      simulator.makeOffline({ kind: 'unfollow', user: gone.displayName });
      await rig.pass(20 * 60_000);
      assert.deepEqual(recorder.found('followers', 'removed'), [gone.id]);
      assert.ok(isFine(poller, 'followers'));
    });

    it('leaves the broadcaster out of its own subscribers', async () => {
      simulator.faults.inject({
        kind: 'list',
        list: 'subscriptions',
        effect: { kind: 'broadcasterSubscribed' },
      });
      const poller = open();
      await start(poller);
      await refresh(poller);
      assert.ok(!recorder.current(channelId, 'subscriptions').includes(channelId));
      assert.ok(isFine(poller, 'subscriptions'));
    });

    it('goes on after every kind of failure', async () => {
      const poller = open();
      await start(poller);
      for (const reply of [
        (): ReturnType<typeof answer> => answer(500, ''),
        (): ReturnType<typeof answer> => answer(200, '<html>'),
        (): ReturnType<typeof answer> => answer(200, { data: 'x' }),
        (): ReturnType<typeof answer> => answer(302, '', { location: 'http://127.0.0.1/' }),
        offline,
      ]) {
        rig.intercept = reply;
        await rig.pass(5 * 60_000);
        assert.ok(statusOf(poller, 'followers').last?.kind === 'failed');
        rig.intercept = null;
        await rig.pass(2 * 60_000);
        assert.ok(isFine(poller, 'followers'));
      }
      recorder.beforePage = () => Promise.reject(new Error('disk full'));
      await rig.pass(60_000);
      assert.equal(statusOf(poller, 'followers').last?.kind, 'failed');
      recorder.beforePage = null;
      await rig.pass(60_000);
      assert.ok(isFine(poller, 'followers'));
    });

    it('waits out the rate limit', async () => {
      const poller = open();
      await start(poller);
      simulator.faults.inject({
        kind: 'http',
        route: 'followers',
        answer: { kind: 'rateLimited', resetAfterSeconds: 20 },
        count: 2,
      });
      await rig.pass(2.5 * 60_000);
      assert.ok(isFine(poller, 'followers'));
    });

    it('does not go round in a circle', async () => {
      const poller = open();
      rig.intercept = request =>
        request.url.includes('/followers')
          ? answer(200, {
              total: 9,
              data: [{ user_id: '1', user_login: 'a', user_name: 'A', followed_at: '2026-01-01T00:00:00Z' }],
              pagination: { cursor: 'same' },
            })
          : undefined;
      await start(poller);
      const { last } = statusOf(poller, 'followers');
      assert.ok(last?.kind === 'failed' && last.message.includes('circle'));
      assert.ok(rig.count('/followers') < 5);
    });
  });

  describe('what it may read', () => {
    it('says which scope is missing, and begins when it is granted', async () => {
      let scopes = ['moderator:read:followers', 'channel:manage:vips'];
      const poller = open({ scopes: () => scopes });
      await start(poller);
      assert.deepEqual(statusOf(poller, 'subscriptions').state, {
        kind: 'off',
        why: 'missingScope',
        scope: 'channel:read:subscriptions',
      });
      assert.deepEqual(statusOf(poller, 'roles').missingScopes, ['moderation:read']);
      assert.equal(rig.count('/vips'), 1);
      assert.equal(rig.count('/moderators') + rig.count('/subscriptions'), 0);
      scopes = [...scopes, 'channel:read:subscriptions'];
      poller.scopesChanged();
      await rig.pass(1000);
      assert.equal(statusOf(poller, 'subscriptions').last?.kind, 'ok');
    });

    it('turns a poll off whose scope Helix misses while it runs', async () => {
      const poller = open();
      await start(poller);
      simulator.faults.inject({ kind: 'withdrawScope', scope: 'channel:read:subscriptions' });
      await rig.pass(31 * 60_000);
      const { state } = statusOf(poller, 'subscriptions');
      assert.ok(state.kind === 'off' && state.why === 'missingScope');
      assert.equal(state.scope, 'channel:read:subscriptions');
      assert.ok(doubts > 0);
      assert.equal(statusOf(poller, 'roles').last?.kind, 'ok');
    });

    it('reads only the followers of another channel', async () => {
      const poller = open({ userId: 'a-moderator' });
      await start(poller);
      for (const kind of ['roles', 'subscriptions'] as const) {
        assert.deepEqual(statusOf(poller, kind).state, { kind: 'off', why: 'ownerOnly' });
      }
      assert.equal(statusOf(poller, 'followers').last?.kind, 'ok');
    });

    it('polls nothing that is not chosen, and nothing at all without Helix', async () => {
      const poller = open({ options: { ...OPTIONS, kinds: ['roles'] } });
      await start(poller);
      assert.deepEqual(statusOf(poller, 'followers').state, { kind: 'off', why: 'notChosen' });
      assert.equal(rig.count('/followers'), 0);
      poller.setOptions(OPTIONS);
      await rig.pass(1000);
      assert.equal(rig.count('/followers'), 1);
      const none = open({ helix: null });
      none.start();
      assert.deepEqual(statusOf(none, 'followers').state, { kind: 'off', why: 'noHelix' });
    });
  });

  describe('its life', () => {
    it('never overlaps itself, however long a poll takes', async () => {
      const poller = open();
      await start(poller);
      let underWay = 0;
      let most = 0;
      recorder.beforePage = async () => {
        most = Math.max(most, ++underWay);
        await new Promise<void>(resolve => rig.clock.setTimer(5 * 60_000, resolve));
        underWay--;
      };
      const before = recorder.begun.length;
      for (let minute = 0; minute < 30; minute++) {
        poller.catchUp();
        await rig.pass(60_000);
      }
      assert.ok(most <= 3, 'one of each kind');
      assert.ok(recorder.begun.length - before < 30);
      recorder.beforePage = null;
      await rig.pass(6 * 60_000);
    });

    it('stops at once, and what is under way ends', async () => {
      const poller = open();
      rig.intercept = request =>
        new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      poller.start();
      await new Promise(resolve => setImmediate(resolve));
      await poller.stop();
      rig.intercept = null;
      const asked = rig.requests.length;
      await rig.pass(86_400_000);
      assert.equal(rig.requests.length, asked);
      for (const { state } of poller.getStatus()) assert.equal(state.kind, 'off');
    });

    it('reports a refresh, and cancels it', async () => {
      const poller = open();
      await start(poller);
      const reports: [number, number][] = [];
      const { signal } = new AbortController();
      await rig.during(poller.runAll(signal, (done, total) => reports.push([done, total])));
      assert.deepEqual(reports, [
        [0, 3],
        [1, 3],
        [2, 3],
        [3, 3],
      ]);
      const controller = new AbortController();
      rig.intercept = request =>
        new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      const refreshing = poller.runAll(controller.signal, () => undefined);
      await new Promise(resolve => setImmediate(resolve));
      controller.abort();
      await assert.rejects(refreshing, { kind: 'cancelled' });
      rig.intercept = null;
      await rig.pass(60_000);
      assert.equal(statusOf(poller, 'followers').last?.kind, 'ok');
    });

    it('tells of every change, also when a listener throws', async () => {
      const poller = open();
      const kinds: string[] = [];
      poller.on('status', () => {
        throw new Error('a view is broken');
      });
      poller.on('status', polls => kinds.push(polls[0]?.state.kind ?? ''));
      await start(poller);
      assert.ok(kinds.includes('running') && kinds.at(-1) === 'scheduled');
    });
  });

  describe('a long baseline', () => {
    async function useLong(followers: number, pointsPerMinute?: number): Promise<void> {
      await simulator.close();
      helix.dispose();
      await useSimulator(followers, pointsPerMinute);
    }

    it('takes 500 requests for 50 000 followers, within the rate limit', async () => {
      await useLong(50_000);
      const statuses: number[] = [];
      const { send } = rig;
      assert.ok(send);
      const poller = open();
      poller.on('status', polls => {
        const state = polls[0]?.state;
        if (state?.kind === 'running' && state.total !== null) statuses.push(state.done);
      });
      poller.start();
      await rig.until('the baseline', () => statusOf(poller, 'followers').last !== null);
      assert.equal(rig.count('/followers'), 500);
      assert.equal(recorder.found('followers', 'baseline').length, 50_000);
      const { last } = statusOf(poller, 'followers');
      assert.ok(last?.kind === 'ok' && last.isBaseline && last.recovered === 0);
      assert.ok(!rig.logger.lines.some(line => line.includes('rate limit')));
    });

    it('slows down before a small bucket is empty', async () => {
      await useLong(6000, 30);
      const poller = open({ options: { ...OPTIONS, kinds: ['followers'] } });
      poller.start();
      await rig.until('the baseline', () => statusOf(poller, 'followers').last !== null);
      assert.equal(rig.count('/followers'), 60);
      assert.ok(!rig.logger.lines.some(line => line.includes('rate limit')));
    });

    it('goes on where it was cut off', async () => {
      await useLong(3000);
      const first = open();
      let pages = 0;
      recorder.beforePage = () => (++pages > 10 ? Promise.reject(new Error('killed')) : Promise.resolve());
      first.start();
      await rig.pass(1000);
      await first.stop();
      recorder.beforePage = null;
      rig.requests.length = 0;
      const second = open();
      await start(second);
      assert.ok(rig.count('/followers') < 25, String(rig.count('/followers')));
      assert.equal(recorder.current(channelId, 'followers').length, 3000);
      assert.equal(recorder.found('followers', 'recovered').length, 0);
    });

    it('begins again when the server no longer knows the place', async () => {
      await useLong(2000);
      const first = open();
      let pages = 0;
      recorder.beforePage = () => (++pages > 10 ? Promise.reject(new Error('killed')) : Promise.resolve());
      first.start();
      await rig.pass(1000);
      await first.stop();
      recorder.beforePage = null;
      let isFirst = true;
      rig.intercept = request => {
        if (!request.url.includes('after=') || !isFirst) return undefined;
        isFirst = false;
        return answer(400, { status: 400, message: 'The pagination cursor is not valid' });
      };
      const second = open();
      await start(second);
      assert.equal(recorder.current(channelId, 'followers').length, 2000);
      assert.equal(recorder.found('followers', 'recovered').length, 0);
    });

    it('believes that many are gone only when two whole sweeps agree', async () => {
      await useLong(2000);
      const poller = open();
      await start(poller);
      const gone = simulator.state().followers.slice(0, 150);
      simulator.makeOffline(...gone.map(user => ({ kind: 'unfollow', user: user.displayName }) as const));
      await rig.pass(2 * 60_000 + 1000);
      assert.deepEqual(recorder.found('followers', 'removed'), []);
      await rig.pass(10 * 60_000);
      assert.equal(recorder.found('followers', 'removed').length, 150);
      assert.equal(rig.count('user_id='), 0);
    });
  });
});
