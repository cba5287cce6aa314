import * as assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { EVENT_TYPES, type EventType } from '../../../src/shared/catalogue';
import type { Peer } from './raw-peer';
import type { Asked } from './raw-server';
import { OWNER, setScene, strikeScenes, turns, until, type Scene } from './scene';

type Fault = 500 | 400 | 401 | 403 | 429 | 'gone' | 'reset' | 'held' | 'empty';

type Command =
  | { do: 'connect' | 'disconnect' | 'retry' | 'initialize' | 'other' | 'silence' | 'keepalive' | 'release' }
  | { do: 'subscribe' | 'unsubscribe' | 'retryType' | 'revoke' | 'notify'; type: EventType }
  | { do: 'close'; code: number }
  | { do: 'cut' | 'move' | 'badMove' | 'garbage' }
  | { do: 'jump'; hours: number }
  | { do: 'fault'; faults: Fault[] }
  | { do: 'welcomeLate'; sockets: number }
  | { do: 'breathe'; turns: number };

const type = fc.constantFrom(...EVENT_TYPES);
const plain = (...names: string[]): fc.Arbitrary<Command> =>
  fc.constantFrom(...names.map(name => ({ do: name }) as Command));

const COMMAND: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: plain('connect', 'connect', 'retry', 'initialize', 'release') },
  { weight: 8, arbitrary: plain('cut', 'move', 'move', 'badMove', 'garbage', 'silence', 'keepalive') },
  { weight: 1, arbitrary: plain('other', 'disconnect') },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('notify'), type }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('subscribe', 'subscribe', 'unsubscribe', 'retryType', 'revoke'),
      type,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('close'), code: fc.integer({ min: 4000, max: 4007 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('jump'), hours: fc.integer({ min: -9, max: 9 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault'),
      faults: fc.array(fc.constantFrom<Fault>(500, 400, 401, 403, 429, 'gone', 'reset', 'held', 'empty'), {
        maxLength: 12,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('welcomeLate'), sockets: fc.nat({ max: 2 }) }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('breathe'), turns: fc.integer({ min: 1, max: 25 }) }),
  },
);

/** A scene that plays commands in any order, and knows what must hold whatever they were. */
class Storm {
  readonly #sent = new Map<string, Peer>();
  readonly #held: Asked[] = [];
  #faults: Fault[] = [];
  #late = 0;
  #ids = 0;

  constructor(private readonly scene: Scene) {
    scene.server.greet = peer => {
      if (this.#late > 0) this.#late--;
      else peer.welcome();
    };
    scene.server.script = asked => this.#spoil(asked);
  }

  async play(command: Command): Promise<void> {
    const { scene } = this;
    const { manager, server, clock } = scene;
    const peer = server.open.find(each => each.session !== '');
    switch (command.do) {
      case 'connect':
        manager.connect();
        return;
      case 'disconnect':
        manager.disconnect();
        return;
      case 'retry':
        manager.retry(null);
        return;
      case 'retryType':
        manager.retry(command.type);
        return;
      case 'initialize':
        manager.initialize(OWNER);
        return;
      case 'other':
        manager.initialize({ ...OWNER, clientId: `client ${++this.#ids}` });
        return;
      case 'subscribe':
        void manager.subscribe(command.type);
        return;
      case 'unsubscribe':
        void manager.unsubscribe(command.type);
        return;
      case 'silence':
        await scene.pass(11_000);
        return;
      case 'jump':
        clock.wallOffMs += command.hours * 3_600_000;
        await scene.pass(1500);
        return;
      case 'keepalive':
        peer?.keepalive();
        return;
      case 'notify':
        if (peer) this.#sent.set(peer.notify(command.type), peer);
        return;
      case 'revoke':
        peer?.revoke(command.type, 'user_removed');
        return;
      case 'garbage':
        peer?.text('{');
        return;
      case 'close':
        peer?.close(command.code);
        return;
      case 'cut':
        peer?.cut();
        return;
      case 'move':
        peer?.move(`ws://${server.origin}/ws?id=${peer.session}`);
        return;
      case 'badMove':
        peer?.move('wss://evil.example/');
        return;
      case 'fault':
        this.#faults.push(...command.faults);
        return;
      case 'release':
        this.release();
        return;
      case 'welcomeLate':
        this.#late = command.sockets;
        return;
      case 'breathe':
        await turns(command.turns);
    }
  }

  /** Everything that was held back is answered. */
  release(): void {
    for (const asked of this.#held.splice(0)) if (!asked.response.destroyed) this.scene.server.work(asked);
  }

  /** No more faults; answers once nothing is under way any more. */
  async calm(): Promise<void> {
    const { scene } = this;
    this.#faults = [];
    this.#late = 0;
    for (let second = 0; second < 40; second++) {
      this.release();
      for (const peer of scene.server.open) {
        if (peer.session === '') peer.welcome();
        peer.keepalive();
      }
      await turns(8);
      scene.clock.skip(1000);
      await turns(8);
    }
    await until('nothing is under way', () => {
      this.release();
      const states = scene.manager.getStatus().subscriptions.map(({ state }) => state.kind);
      const isAtRest = !['connecting', 'awaitingWelcome', 'handover', 'doubting', 'waiting'].includes(
        scene.session,
      );
      for (const peer of scene.server.open) if (peer.session === '') peer.welcome();
      return isAtRest && !states.includes('subscribing');
    });
    await turns(60);
  }

  assertTruth(): void {
    const { scene } = this;
    const { server, manager } = scene;
    const { session, subscriptions } = manager.getStatus();
    assert.ok(server.mostOpen <= 2, `${server.mostOpen} sockets at once`);
    assert.ok(server.peers.every(({ opcodes }) => opcodes.every(opcode => opcode === 8 || opcode === 10)));
    const isLive = session.kind === 'live';
    assert.equal(server.open.length, isLive ? 1 : 0, `${session.kind}, ${server.open.length} sockets`);
    const enabled = server.enabled().filter(({ transport }) => server.isHeld(transport.session_id));
    for (const { type: each, state } of subscriptions) {
      const there = enabled.filter(({ type: other }) => other === each);
      assert.equal(
        there.length,
        state.kind === 'live' ? 1 : 0,
        `${each} is ${state.kind}, at the server ${there.length}`,
      );
    }
    const heard = new Map<string, number>();
    for (const { messageId } of scene.events) heard.set(messageId, (heard.get(messageId) ?? 0) + 1);
    for (const [id, peer] of this.#sent) {
      const times = heard.get(id) ?? 0;
      assert.ok(times <= 1, 'handed on twice');
      if (server.open.includes(peer)) assert.equal(times, 1, 'lost on an open socket');
    }
  }

  #spoil(asked: Asked): boolean {
    const { server } = this.scene;
    if (asked.method !== 'POST') return false;
    const fault = this.#faults.shift();
    switch (fault) {
      case undefined:
        return false;
      case 'gone':
        return server.fail(asked.response, 400, 'session does not exist or has already disconnected');
      case 'reset':
        asked.response.destroy();
        return true;
      case 'held':
        this.#held.push(asked);
        return true;
      case 'empty':
        if (!server.isFree(asked.text)) return false;
        server.make(asked.text);
        return server.answer(asked.response, 202);
      default:
        return server.fail(asked.response, fault, 'no');
    }
  }
}

describe('hostile: a storm', () => {
  afterEach(strikeScenes);

  it('of 400 commands in any order leaves what the status says, and nothing behind', async () => {
    const runs = Number(process.env['STORM_RUNS'] ?? 2);
    const seed = process.env['STORM_SEED'] ? { seed: Number(process.env['STORM_SEED']) } : {};
    await fc.assert(
      fc.asyncProperty(fc.array(COMMAND, { minLength: 400, maxLength: 400 }), async commands => {
        const scene = await setScene();
        const storm = new Storm(scene);
        scene.manager.connect();
        for (const command of commands) await storm.play(command);
        await storm.calm();
        storm.assertTruth();
        for (const each of EVENT_TYPES) void scene.manager.subscribe(each);
        scene.manager.disconnect();
        scene.manager.connect();
        await until(
          'whole again',
          () => scene.session === 'live' && scene.live === 8 && scene.server.open.length === 1,
        );
        await turns();
        storm.assertTruth();
        await scene.manager.destroy();
        await until('nothing is left', () => scene.server.connections === 0 && scene.clock.pending === 0);
        await scene.strike();
      }),
      { numRuns: runs, endOnFailure: Boolean(process.env['STORM_RUNS']), ...seed },
    );
  }).timeout(Number(process.env['STORM_MS'] ?? 60_000));
});
