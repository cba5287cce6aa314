import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { NotificationInput } from '../../../src/shared/data-service';
import type { Logger } from '../../../src/shared/service';
import type { SubscriptionState } from '../../../src/shared/session-state';
import { createEventSubManager, type EventSubManagerOptions } from '../../../src/twitch/eventsub-manager';
import type { EventSubManagerPort, ManagerIdentity } from '../../../src/twitch/twitch-ports';
import { SkipClock } from '../twitch-manager/skip-clock';
import type { Peer } from './raw-peer';
import { RawServer } from './raw-server';

/** Says nothing, and keeps what was said. */
export function createQuietLogger(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  return { lines, error: keep, warn: keep, info: keep, debug: keep, trace: keep };
}

export const OWNER: ManagerIdentity = {
  userId: '1',
  channelId: '1',
  clientId: 'client',
  getAccessToken: () => Promise.resolve('token'),
  grantedScopes: null,
};

/** A manager on a clock that can be skipped, beside a hostile server. */
export class Scene {
  readonly server = new RawServer();
  readonly clock = new SkipClock();
  readonly logger = createQuietLogger();
  readonly events: NotificationInput[] = [];
  readonly errors: { kind: string; message: string }[] = [];
  readonly story: string[] = [];
  readonly kinds: string[] = [];
  manager!: EventSubManagerPort;

  async set(
    options: Partial<EventSubManagerOptions> = {},
    identity: Partial<ManagerIdentity> = {},
  ): Promise<this> {
    const { server, clock, logger } = this;
    await server.start();
    this.manager = createEventSubManager({
      endpoints: {
        issuer: 'hostile',
        websocketUrl: `ws://${server.origin}/ws`,
        subscriptionsUrl: `http://${server.origin}/helix/eventsub/subscriptions`,
        helixUrl: null,
        authUrl: null,
      },
      keepaliveTimeoutSeconds: 10,
      events: EVENT_TYPES,
      logger,
      clock,
      random: () => 0.5,
      ...options,
      timings: { backoff: { baseMs: 20, capMs: 100 }, ...options.timings },
    });
    this.manager.on('event', event => this.events.push(event));
    this.manager.on('error', error => this.errors.push(error));
    this.manager.on('ready', () => this.story.push('ready'));
    this.manager.on('gapClosed', () => this.story.push('gapClosed'));
    this.manager.on('disconnected', state => this.story.push(`disconnected ${state.kind}`));
    this.manager.on('status', ({ session }) => this.kinds.push(session.kind));
    this.manager.initialize({ ...OWNER, ...identity });
    return this;
  }

  get session(): string {
    return this.manager.getStatus().session.kind;
  }

  get live(): number {
    return this.manager.getStatus().subscriptions.filter(({ state }) => state.kind === 'live').length;
  }

  stateOf(type: string): SubscriptionState {
    const found = this.manager.getStatus().subscriptions.find(each => each.type === type);
    if (!found) throw new Error(type);
    return found.state;
  }

  count(kind: string): number {
    return this.story.filter(each => each === kind).length;
  }

  /** Time passes in small steps, between which what is on its way arrives. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      this.clock.skip(Math.min(500, left));
      await turns(6);
    }
  }

  /** A keepalive is sent and heard. */
  async hear(peer: Peer, metadata: object = {}): Promise<void> {
    const { keepalives } = this.manager.getStatus().counters;
    peer.keepalive(metadata);
    await until('heard', () => this.manager.getStatus().counters.keepalives > keepalives);
  }

  /** Connects, and waits for all answers. */
  async goLive(): Promise<Peer> {
    const before = this.count('gapClosed');
    this.manager.connect();
    await until('live', () => this.count('gapClosed') > before && this.session === 'live');
    return this.server.peer(-1);
  }

  async strike(): Promise<void> {
    await this.manager.destroy();
    await this.server.stop();
  }
}

const scenes: Scene[] = [];

/** Sets a scene that `strikeScenes` takes down. */
export function setScene(...args: Parameters<Scene['set']>): Promise<Scene> {
  const scene = new Scene();
  scenes.push(scene);
  return scene.set(...args);
}

export async function strikeScenes(): Promise<void> {
  for (const scene of scenes.splice(0)) await scene.strike();
}

/** Waits until a condition holds; says what was awaited if it never does. */
export async function until(what: string, holds: () => boolean, patienceMs = 15_000): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

/** Lets everything that is on its way between two sockets of this process arrive. */
export async function turns(count = 40): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve));
}
