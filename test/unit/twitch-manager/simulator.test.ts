import * as assert from 'node:assert/strict';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { Fault, ReconnectTarget } from '../../../src/simulator/faults';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator';
import { createEventSubManager, type EventSubManagerOptions } from '../../../src/twitch/eventsub-manager';
import type { EventSubManagerPort } from '../../../src/twitch/twitch-ports';
import { SkipClock } from './skip-clock';
import { SILENT_LOGGER, until } from './stage';

interface Scene {
  simulator: Simulator;
  manager: EventSubManagerPort;
  /** Message ids in the order of arrival. */
  messageIds: string[];
  story: string[];
}

describe('the manager against the simulator', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function setScene(options: Partial<EventSubManagerOptions> = {}): Promise<Scene> {
    const simulator = await startSimulator({ stateFile: null, drizzle: false });
    ends.push(() => simulator.close());
    const tokens = simulator.issueToken();
    const manager = createEventSubManager({
      endpoints: simulator.endpoints,
      keepaliveTimeoutSeconds: 10,
      events: EVENT_TYPES,
      logger: SILENT_LOGGER,
      ...options,
      timings: { backoff: { baseMs: 20, capMs: 100 }, handshakeMs: 500, welcomeMs: 500, ...options.timings },
    });
    ends.push(() => manager.destroy());
    manager.initialize({
      userId: tokens.userId,
      channelId: tokens.userId,
      clientId: tokens.clientId,
      getAccessToken: () => Promise.resolve(tokens.accessToken),
      grantedScopes: tokens.scopes,
    });
    const scene: Scene = { simulator, manager, messageIds: [], story: [] };
    manager.on('event', ({ messageId }) => scene.messageIds.push(messageId));
    manager.on('gapClosed', () => scene.story.push('gapClosed'));
    manager.on('error', ({ kind }) => scene.story.push(kind));
    manager.connect();
    await until('all eight live', () => live(manager) === 8 && scene.story.includes('gapClosed'));
    return scene;
  }

  function live(manager: EventSubManagerPort): number {
    return manager.getStatus().subscriptions.filter(({ state }) => state.kind === 'live').length;
  }

  async function sendFollows({ simulator }: Scene, count: number): Promise<void> {
    await simulator.send({ type: 'channel.follow', viewer: '', count });
  }

  async function again({ manager, story }: Scene, times = 2): Promise<void> {
    await until(`${times} sessions`, () => story.filter(line => line === 'gapClosed').length >= times);
    await until('all eight live again', () => live(manager) === 8);
  }

  it('receives all eight types', async () => {
    const scene = await setScene();
    const types: string[] = [];
    scene.manager.on('event', ({ type }) => types.push(type));
    for (const type of EVENT_TYPES) await scene.simulator.send({ type, viewer: 'Ada', count: 1 });
    await until('all types', () => EVENT_TYPES.every(type => types.includes(type)));
  });

  it('loses nothing in a move under load', async () => {
    const scene = await setScene();
    const load = sendFollows(scene, 300);
    scene.simulator.faults.inject({ kind: 'reconnect', sessionId: 'new' });
    await load;
    await sendFollows(scene, 50);
    await until('350 events', () => new Set(scene.messageIds).size === 350);
    assert.deepEqual(scene.story, ['gapClosed']);
    assert.equal(scene.simulator.requestCounts()['createSubscription'], 8);
  });

  it('does not open sockets without bound when told to move again and again', async () => {
    const scene = await setScene({ timings: { backoff: { baseMs: 60_000, capMs: 60_000 } } });
    scene.simulator.faults.inject({ kind: 'reconnect', chain: 700 });
    await until('resting', () => scene.manager.getStatus().counters.reconnects === 2);
    await sendFollows(scene, 1);
    await until('the event', () => scene.messageIds.length === 1);
    assert.equal(scene.manager.getStatus().counters.reconnects, 2);
  });

  const targets: ReconnectTarget[] = [
    'unknownChallenge',
    'refused',
    'noWelcome',
    'hangs',
    { url: 'wss://evil.example/ws' },
  ];
  for (const to of targets) {
    it(`falls back to the base URL where the move leads to ${JSON.stringify(to)}`, async () => {
      const scene = await setScene();
      scene.simulator.faults.inject({ kind: 'reconnect', to });
      await again(scene);
      await sendFollows(scene, 1);
      await until('the event', () => scene.messageIds.length > 0);
    });
  }

  it('replaces a silent socket 10.5 s after its last message', async () => {
    const clock = new SkipClock();
    const scene = await setScene({ clock });
    scene.simulator.faults.inject({ kind: 'silentPeer', sockets: 'current', frames: 'dropped' });
    clock.skip(10_600);
    await again(scene);
  });

  for (const code of [4000, 4001, 4002, 4004, 4005, 4006, 4007, 1001] as const) {
    it(`comes back after ${code}`, async () => {
      const scene = await setScene();
      scene.simulator.faults.inject({ kind: 'close', code });
      await again(scene);
    });
  }

  it('comes back after a broken connection, and clears its orphans out of the way each time', async () => {
    const scene = await setScene();
    scene.simulator.faults.inject({ kind: 'orphans' });
    for (let times = 2; times <= 6; times++) {
      scene.simulator.faults.inject({ kind: 'terminate' });
      await again(scene, times);
    }
    await sendFollows(scene, 1);
    await until('the event', () => scene.messageIds.length > 0);
  });

  it('survives every odd frame', async () => {
    const scene = await setScene();
    const inject = (fault: Fault): void => scene.simulator.faults.inject(fault);
    for (const frame of [
      'badJson',
      'empty',
      'notAnObject',
      'wrongShape',
      'unknownMessageType',
      'binary',
    ] as const) {
      inject({ kind: 'oddFrame', frame });
    }
    inject({ kind: 'pingStorm', pings: 50 });
    inject({ kind: 'extraFields' });
    await sendFollows(scene, 5);
    await until('the events', () => scene.messageIds.length === 5);
    const { counters, session } = scene.manager.getStatus();
    assert.equal(counters.badFrames, 5);
    assert.equal(counters.unknownMessages, 1);
    assert.equal(session.kind, 'live');
    inject({ kind: 'oddFrame', frame: 'huge' });
    await again(scene);
  });

  it('shows what is revoked and keeps the rest, and stops when all is', async () => {
    const scene = await setScene();
    scene.simulator.faults.inject({ kind: 'revoke', type: 'channel.follow', status: 'version_removed' });
    await until('seven live', () => live(scene.manager) === 7);
    assert.equal(scene.manager.getStatus().session.kind, 'live');
    scene.simulator.faults.inject({ kind: 'disconnectApp' });
    await until('stopped', () => scene.manager.getStatus().session.kind === 'stopped');
  });
});
