import { randomBytes } from 'node:crypto';
import { ChannelActions } from './channel-actions';
import { ChannelState } from './channel-state';
import { DeviceCodes } from './device-codes';
import { Drizzle } from './drizzle';
import { FaultRegister } from './faults';
import { HelixApi } from './helix-api';
import { HelixGate } from './helix-gate';
import { HttpFront } from './http-front';
import { OauthApi } from './oauth-api';
import { SYSTEM_CLOCK, TimerGroup, type SimulatorClock } from './simulator-clock';
import type { SimulatorLimits, SimulatorOptions, SimulatorTimings } from './simulator-contract';
import { SocketServer } from './socket-server';
import { loadChannel, StateSaver } from './state-file';
import { StepRunner } from './step-runner';
import { SubscriptionStore } from './subscription-store';
import { SUBSCRIPTION_TYPES } from './subscription-types';
import { SubscriptionsApi } from './subscriptions-api';
import { TokenStore } from './token-store';

/** The client id of the product's automatic sign-in at the simulator. */
export const SIMULATOR_CLIENT_ID = 'simulator0client0id00000000000';

const DEFAULT_TIMINGS: SimulatorTimings = {
  subscribeWindowMs: 10_000,
  reconnectGraceMs: 30_000,
  keepaliveTimeoutSeconds: null,
  pingEveryMs: 15_000,
  deviceExpiresSeconds: 1800,
  deviceIntervalSeconds: 5,
  accessTokenSeconds: 14_400,
};

const DEFAULT_LIMITS: SimulatorLimits = {
  connections: 3,
  subscriptionsPerConnection: 300,
  equalSubscriptions: 3,
  maxTotalCost: 10,
  subscriptionsPage: 5,
  pointsPerMinute: 800,
};

const DEFAULT_FOLLOWERS = 40;

/** The times that all parts go by. */
interface Times {
  clock: SimulatorClock;
  timers: TimerGroup;
  now: () => number;
  /** How far the server's own clock is off, on request. */
  clockOffMs: () => number;
  serverNow: () => number;
}

/** Where the server is reached; the host is known once it listens. */
export interface Address {
  host: string;
  prefix: string;
}

/** Everything that a simulator is made of. */
export interface Parts {
  address: Address;
  times: Times;
  faults: FaultRegister;
  channel: ChannelState;
  saver: StateSaver | null;
  store: SubscriptionStore;
  sockets: SocketServer;
  tokens: TokenStore;
  actions: ChannelActions;
  drizzle: Drizzle;
  oauth: OauthApi;
  front: HttpFront;
  runner: StepRunner;
}

/** Builds the parts and ties them together; nothing listens yet. */
export async function buildParts(options: SimulatorOptions): Promise<Parts> {
  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const address: Address = { host: '', prefix: `/${randomBytes(16).toString('hex')}` };
  const faults = new FaultRegister();
  const times = createTimes(options.clock ?? SYSTEM_CLOCK, faults);
  const { now, clock, timers, serverNow, clockOffMs } = times;
  const { channel, saver } = await openChannel(options, now);
  const store = new SubscriptionStore();
  const socketRoot = (): string => `ws://${address.host}${address.prefix}`;
  const sockets = new SocketServer({ clock, serverNow, faults, store, timings, socketRoot });
  const tokens = new TokenStore({
    now,
    accessTokenSeconds: timings.accessTokenSeconds,
    onRevoked: (clientId, userId, scope) => revokeSubscriptions(store, sockets, { clientId, userId, scope }),
  });
  const actions = new ChannelActions({
    channel,
    now,
    clockOffMs,
    deliver: (type, event) => void sockets.deliver(type, channel.channel.id, event),
    onModeratorRemoved: user => {
      for (const record of [...store.enabledOfType('channel.follow')]) {
        if (record.userId === user.id) sockets.revoke(record, 'moderator_removed');
      }
    },
  });
  const drizzle = new Drizzle(actions, channel, timers);
  const oauth = createOauth({ options, timings, tokens, faults, channel, now, address });
  const front = new HttpFront({
    prefix: address.prefix,
    faults,
    timers,
    logger: options.logger ?? null,
    nowSeconds: () => serverNow() / 1000,
    pointsPerMinute: limits.pointsPerMinute,
  });
  const gate = new HelixGate({ tokens, now, serverNow, pointsPerMinute: limits.pointsPerMinute });
  const onCreated = (): void => drizzle.begin();
  const subscriptions = new SubscriptionsApi({ gate, store, sockets, channel, limits, serverNow, onCreated });
  const helix = new HelixApi({ gate, channel, faults, clockOffMs });
  for (const api of [oauth, subscriptions, helix]) api.endpoints().forEach(endpoint => front.add(endpoint));
  front.onUpgrade((request, socket, head, path) => sockets.handleUpgrade(request, socket, head, path));
  const runner = new StepRunner(timers, () => sockets.backlog);
  return {
    address,
    times,
    faults,
    channel,
    saver,
    store,
    sockets,
    tokens,
    actions,
    drizzle,
    oauth,
    front,
    runner,
  };
}

function createTimes(clock: SimulatorClock, faults: FaultRegister): Times {
  const clockOffMs = (): number => faults.peek('clockOff')?.ms ?? 0;
  return {
    clock,
    timers: new TimerGroup(clock),
    now: () => clock.now(),
    clockOffMs,
    serverNow: () => clock.now() + clockOffMs(),
  };
}

async function openChannel(
  options: SimulatorOptions,
  now: () => number,
): Promise<{ channel: ChannelState; saver: StateSaver | null }> {
  const { stateFile } = options;
  const logger = options.logger ?? null;
  const saved = stateFile === null ? null : await loadChannel(stateFile, logger);
  const channel = new ChannelState({
    saved,
    followers: options.followers ?? DEFAULT_FOLLOWERS,
    lagMs: options.listLagMs ?? 0,
    now,
    onChange: () => saver?.schedule(),
  });
  const saver = stateFile === null ? null : new StateSaver(stateFile, () => channel.save(), logger);
  // A new channel is kept from the beginning on.
  if (!saved) saver?.schedule();
  return { channel, saver };
}

function createOauth(deps: {
  options: SimulatorOptions;
  timings: SimulatorTimings;
  tokens: TokenStore;
  faults: FaultRegister;
  channel: ChannelState;
  now: () => number;
  address: Address;
}): OauthApi {
  const { options, timings, tokens, faults, channel, now, address } = deps;
  const clientIds = options.clientIds ? [...options.clientIds, SIMULATOR_CLIENT_ID] : null;
  return new OauthApi({
    tokens,
    devices: new DeviceCodes(now),
    faults,
    now,
    isKnownClient: id => (clientIds ? clientIds.includes(id) : /^[A-Za-z0-9_-]{1,64}$/.test(id)),
    accounts: () => [
      channel.channel,
      ...channel
        .list('moderators')
        .sorted()
        .map(row => row.user),
    ],
    activationUrl: () => `http://${address.host}${address.prefix}/activate`,
    deviceExpiresSeconds: timings.deviceExpiresSeconds,
    deviceIntervalSeconds: timings.deviceIntervalSeconds,
  });
}

/** Ends the subscriptions that a person's withdrawn leave (one scope, or null: all of it) had let through. */
function revokeSubscriptions(
  store: SubscriptionStore,
  sockets: SocketServer,
  withdrawn: { clientId: string; userId: string; scope: string | null },
): void {
  for (const record of store.ownedBy(withdrawn.clientId, withdrawn.userId)) {
    const scopes = SUBSCRIPTION_TYPES.get(record.type)?.sufficientScopes ?? [];
    const isHit = withdrawn.scope === null || scopes.includes(withdrawn.scope);
    if (isHit && record.status === 'enabled') sockets.revoke(record, 'authorization_revoked');
  }
}
