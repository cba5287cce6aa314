import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import { ServiceError, type SimulateRequest } from '../../../src/shared/service';
import type { ControlRequest } from '../../../src/simulator/control-api';
import { FakeClock } from './fake-clock';
import { closeAll, listen, request, start, until, type Frame, type Listener } from './twitch-client';

function typesOf(listener: Listener): string[] {
  return listener.of('notification').map(frame => frame.metadata['subscription_type']!);
}

function isGifted(frame: Frame): boolean {
  return (
    frame.metadata['subscription_type'] === 'channel.subscribe' && frame.payload.event!['is_gift'] === true
  );
}

describe('Scenes of the simulator', () => {
  afterEach(closeAll);

  for (const order of ['giftFirst', 'subscriptionsFirst', 'mixed'] as const) {
    it(`send a gift of 20 as one gift event and 20 subscriptions (${order})`, async () => {
      const simulator = await start();
      const { listener } = await listen(
        simulator,
        simulator.issueToken(),
        'channel.subscribe',
        'channel.subscription.gift',
      );
      const before = simulator.state().subscribers.length;
      await simulator.scenes.giftBomb(20, { order, gifter: 'Grace', tier: '2000' });
      await listener.next('notification', 21);
      const types = typesOf(listener);
      const place = types.indexOf('channel.subscription.gift');
      assert.equal(place, { giftFirst: 0, subscriptionsFirst: 20, mixed: 10 }[order]);
      assert.equal(listener.of('notification').filter(isGifted).length, 20);
      const gift = listener.of('notification')[place]!.payload.event!;
      assert.equal(gift['total'], 20);
      assert.equal(gift['cumulative_total'], 20);
      const { subscribers } = simulator.state();
      assert.equal(subscribers.length, before + 20);
      const given = subscribers.filter(({ gifter }) => gifter?.displayName === 'Grace');
      assert.equal(given.length, 20);
      assert.ok(given.every(({ tier, isGift }) => isGift && tier === '2000'));
    });
  }

  it('send 10 000 follows without holding up the thread, each from another person', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await simulator.scenes.followBots(10_000);
    await listener.next('notification', 10_000);
    delay.disable();
    assert.ok(delay.count > 2, 'timers ran meanwhile');
    const ids = new Set(listener.of('notification').map(frame => frame.payload.event!['user_id']));
    assert.equal(ids.size, 10_000);
    assert.equal(
      new Set(listener.of('notification').map(frame => frame.metadata['message_id'])).size,
      10_000,
    );
    assert.equal(simulator.state().followers.length, 10_040);
  });

  it('pace follow bots by the clock when asked to', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    const scene = simulator.scenes.followBots(40, { perSecond: 200 });
    await listener.next('notification', 10);
    assert.equal(listener.of('notification').length, 10);
    for (let turn = 1; turn < 4; turn++) {
      clock.advance(50);
      await listener.next('notification', 10 * turn + 10);
    }
    clock.advance(50);
    await scene;
  });

  it('drizzle: all eight types within 8 s of the first subscription, then one every 3 to 10 s', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, drizzle: true, timings: { pingEveryMs: 0 } });
    clock.advance(60_000);
    const { listener } = await listen(simulator, simulator.issueToken(), ...EVENT_TYPES);
    clock.advance(8_000);
    await listener.next('notification', 9);
    assert.deepEqual([...new Set(typesOf(listener))].sort(), [...EVENT_TYPES].sort());
    const names = listener.of('notification').map(frame => String(frame.payload.event!['user_name']));
    for (const name of names) assert.match(name, /^[A-Z][A-Za-z_]+\d*$/);
    const before = simulator.state().followers.length;
    for (let minute = 0; minute < 240; minute++) clock.advance(60_000);
    const events = simulator.state().followers.length - before;
    assert.ok(events > 240 * 4 && events < 240 * 20, `${events} follows in four hours`);
    simulator.scenes.stopDrizzle();
  });

  it('drizzle: nobody ends what they did not have, and nobody is moderator and VIP', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, drizzle: true, timings: { pingEveryMs: 0 } });
    const holding = {
      moderator: new Set(simulator.state().moderators.map(({ id }) => id)),
      vip: new Set(simulator.state().vips.map(({ id }) => id)),
      subscribe: new Set(simulator.state().subscribers.map(({ id }) => id)),
    };
    const { listener } = await listen(simulator, simulator.issueToken(), ...EVENT_TYPES);
    for (let minute = 0; minute < 300; minute++) clock.advance(60_000);
    simulator.scenes.stopDrizzle();
    await simulator.send({ type: 'channel.follow', viewer: 'The last', count: 1 });
    const isLast = (frame: Frame): boolean => frame.payload.event?.['user_name'] === 'The last';
    await until('the last', () => listener.of('notification').some(isLast));
    for (const { metadata, payload } of listener.of('notification')) {
      const id = String(payload.event!['user_id']);
      const [, what = '', end] = metadata['subscription_type']!.split('.');
      if (what === 'follow' || end === 'gift') continue;
      const held = holding[what === 'subscription' ? 'subscribe' : (what as keyof typeof holding)];
      if (end === 'end' || end === 'remove') assert.ok(held.delete(id), metadata['subscription_type']);
      else held.add(id);
      assert.ok(!(holding.moderator.has(id) && holding.vip.has(id)));
    }
    const { moderators, vips, subscribers } = simulator.state();
    assert.deepEqual([...holding.moderator].sort(), moderators.map(({ id }) => id).sort());
    assert.deepEqual([...holding.vip].sort(), vips.map(({ id }) => id).sort());
    assert.deepEqual([...holding.subscribe].sort(), subscribers.map(({ id }) => id).sort());
  });
});

describe('What a person has the simulator send', () => {
  afterEach(closeAll);

  for (const type of EVENT_TYPES) {
    it(`is so many events of ${type}, the first from the viewer named`, async () => {
      const simulator = await start();
      const { listener } = await listen(simulator, simulator.issueToken(), ...EVENT_TYPES);
      await simulator.send({ type, viewer: 'Ada <b>', count: 3 });
      const isGift = type === 'channel.subscription.gift';
      await listener.next('notification', isGift ? 4 : 3);
      const ofType = listener
        .of('notification')
        .filter(({ metadata }) => metadata['subscription_type'] === type);
      assert.equal(ofType.length, isGift ? 1 : 3);
      assert.equal(ofType[0]!.payload.event!['user_name'], 'Ada <b>');
      assert.equal(new Set(ofType.map(frame => frame.payload.event!['user_id'])).size, ofType.length);
    });
  }

  it('picks someone where no viewer is named, and keeps the same person under the same name', async () => {
    const simulator = await start();
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    for (const viewer of ['', 'Ada', 'ADA'])
      await simulator.send({ type: 'channel.follow', viewer, count: 1 });
    await listener.next('notification', 3);
    const [picked, one, two] = listener.of('notification').map(frame => frame.payload.event!);
    assert.notEqual(picked!['user_name'], '');
    assert.equal(one!['user_id'], two!['user_id']);
  });

  it('is refused where it makes no sense, and stops when cancelled', async () => {
    const simulator = await start();
    const bad: SimulateRequest[] = [
      { type: 'channel.follow', viewer: '', count: 0 },
      { type: 'channel.follow', viewer: '', count: 1.5 },
      { type: 'channel.follow', viewer: '', count: 10_001 },
      { type: 'channel.raid' as 'channel.follow', viewer: '', count: 1 },
    ];
    for (const wrong of bad) {
      const isBadRequest = (error: unknown): boolean =>
        error instanceof ServiceError && error.kind === 'badRequest';
      await assert.rejects(simulator.send(wrong), isBadRequest);
    }
    const controller = new AbortController();
    const sending = simulator.send(
      { type: 'channel.follow', viewer: '', count: 10_000 },
      { signal: controller.signal, onProgress: done => done > 500 && controller.abort() },
    );
    await assert.rejects(
      sending,
      (error: unknown) => error instanceof ServiceError && error.kind === 'cancelled',
    );
    assert.ok(simulator.state().followers.length < 2_000);
  });

  it('can be asked for from another process by the control, which is off unless asked for', async () => {
    assert.equal((await start()).controlUrl, null);
    const simulator = await start({ control: true });
    const { listener } = await listen(simulator, simulator.issueToken(), 'channel.follow');
    const control = async (body: ControlRequest): Promise<unknown> => {
      const reply = await request(simulator.controlUrl!, { method: 'POST', body: JSON.stringify(body) });
      assert.equal(reply.status, 200, JSON.stringify(reply.body));
      return reply.body;
    };
    assert.deepEqual(
      await control({ do: 'send', request: { type: 'channel.follow', viewer: 'Ada', count: 2 } }),
      { sent: 2 },
    );
    await control({ do: 'makeOffline', changes: [{ kind: 'addVip', user: 'Grace' }] });
    const { vips } = (await control({ do: 'state' })) as { vips: { displayName: string }[] };
    assert.ok(vips.some(({ displayName }) => displayName === 'Grace'));
    await control({ do: 'inject', fault: { kind: 'close', code: 4000 } });
    assert.equal(await listener.closed(), 4000);
    const wrong = await request(simulator.controlUrl!, { method: 'POST', body: '{"do":"dance"}' });
    assert.equal(wrong.status, 400);
  });
});
