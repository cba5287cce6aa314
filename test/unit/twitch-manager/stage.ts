import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { NotificationInput } from '../../../src/shared/data-service';
import type { Logger } from '../../../src/shared/service';
import type { SessionState, SubscriptionState } from '../../../src/shared/session-state';
import { createEventSubManager, type EventSubManagerOptions } from '../../../src/twitch/eventsub-manager';
import type { EventSubManagerPort, ManagerIdentity, ManagerStatus } from '../../../src/twitch/twitch-ports';
import { startSceneServer, type SceneServer } from './scene-server';

/** Says nothing. */
export const SILENT_LOGGER: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  trace: () => undefined,
};

/** A manager beside a server of its own, and all that it emitted. */
export interface Stage {
  server: SceneServer;
  manager: EventSubManagerPort;
  events: NotificationInput[];
  errors: { kind: string; message: string }[];
  /** Names of events but `status` and `event`, in order. */
  story: string[];
  statuses: ManagerStatus[];
  session(): SessionState['kind'];
  states(): Record<string, SubscriptionState['kind']>;
  live(): number;
}

export const IDENTITY: ManagerIdentity = {
  userId: '1',
  channelId: '1',
  clientId: 'client',
  getAccessToken: () => Promise.resolve('token'),
  grantedScopes: null,
};

const opened: { manager: EventSubManagerPort; server: SceneServer }[] = [];

/** Sets a stage; `closeStages` in an `afterEach` takes everything down again. */
export async function setStage(
  options: Partial<EventSubManagerOptions> = {},
  identity: Partial<ManagerIdentity> | null = {},
): Promise<Stage> {
  const server = await startSceneServer();
  const manager = createEventSubManager({
    endpoints: {
      issuer: 'test',
      websocketUrl: server.websocketUrl,
      subscriptionsUrl: server.subscriptionsUrl,
      helixUrl: null,
      authUrl: null,
    },
    keepaliveTimeoutSeconds: 10,
    events: EVENT_TYPES,
    logger: SILENT_LOGGER,
    random: () => 0.5,
    ...options,
    timings: { backoff: { baseMs: 20, capMs: 100 }, ...options.timings },
  });
  opened.push({ manager, server });
  if (identity) manager.initialize({ ...IDENTITY, ...identity });
  const stage: Stage = {
    server,
    manager,
    events: [],
    errors: [],
    story: [],
    statuses: [],
    session: () => manager.getStatus().session.kind,
    states: () =>
      Object.fromEntries(manager.getStatus().subscriptions.map(({ type, state }) => [type, state.kind])),
    live: () => manager.getStatus().subscriptions.filter(({ state }) => state.kind === 'live').length,
  };
  manager.on('event', event => stage.events.push(event));
  manager.on('error', error => stage.errors.push(error));
  manager.on('status', status => stage.statuses.push(status));
  manager.on('ready', () => stage.story.push('ready'));
  manager.on('gapClosed', () => stage.story.push('gapClosed'));
  manager.on('disconnected', state => stage.story.push(`disconnected ${state.kind}`));
  return stage;
}

/** Ends every manager and server of this test. */
export async function closeStages(): Promise<void> {
  for (const { manager, server } of opened.splice(0)) {
    await manager.destroy();
    await server.close();
  }
}

/** Waits until a condition holds; says what was awaited if it never does. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 3));
  }
}

/** Connects and waits until everything is answered. */
export async function goLive(stage: Stage): Promise<void> {
  const before = stage.story.length;
  stage.manager.connect();
  await until('ready', () => stage.story.slice(before).includes('gapClosed'));
}
