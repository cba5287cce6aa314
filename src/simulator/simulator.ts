import { assertNever } from '../shared/assert-never';
import { EVENT_TYPES, scopesFor } from '../shared/catalogue';
import { ServiceError } from '../shared/service';
import { createControl } from './control-api';
import type { Fault } from './faults';
import { planRequest } from './requests';
import { followBotSteps, giftSteps, oneOfEachSteps, type Scenes } from './scenes';
import type { Simulator, SimulatorEndpoints, SimulatorOptions } from './simulator-contract';
import { buildParts, SIMULATOR_CLIENT_ID, type Parts } from './simulator-parts';
import { toTokenSet } from './token-store';

export type { ChannelChange, ChannelPeople } from './channel-state';
export type { Fault } from './faults';
export type { Simulator, SimulatorOptions } from './simulator-contract';

/** Starts a simulator; rejects if the port is taken or the state file cannot be read. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const parts = await buildParts(options);
  const port = await parts.front.listen(options.port ?? 0);
  parts.address.host = `127.0.0.1:${port}`;
  const simulator = toSimulator(parts, options);
  if (options.control) parts.front.add(createControl(simulator));
  const { drizzle } = options;
  if (drizzle) simulator.scenes.startDrizzle(drizzle === true ? undefined : drizzle);
  options.logger?.info(`Simulator: listening on port ${port}.`);
  return simulator;
}

function toSimulator(parts: Parts, options: SimulatorOptions): Simulator {
  const { actions, channel, front, oauth, runner, sockets, times, tokens } = parts;
  const { people } = channel;
  const root = `http://${parts.address.host}${parts.address.prefix}`;
  return {
    endpoints: toEndpoints(parts.address),
    channel: channel.channel,
    controlUrl: options.control ? `${root}/control` : null,
    scenes: toScenes(parts),
    faults: {
      inject: fault => inject(parts, fault),
      clear: () => {
        parts.faults.clear();
        channel.lagMs = options.listLagMs ?? 0;
        sockets.endSilence();
      },
    },
    issueToken: (scopes = scopesFor(EVENT_TYPES), userId = channel.channel.id) => {
      const user = people.get(userId);
      if (!user) throw new ServiceError('badRequest', `There is no user ${userId}.`);
      return toTokenSet(
        SIMULATOR_CLIENT_ID,
        user,
        tokens.issue(SIMULATOR_CLIENT_ID, user, scopes),
        times.now(),
      );
    },
    issueAppToken: () => tokens.issueAppToken(SIMULATOR_CLIENT_ID),
    decideDevice: (userCode, decision, userId) => oauth.decide(userCode, decision, userId),
    send: async (request, sendOptions = {}) => {
      const steps = planRequest(request, actions, people);
      await runner.run(steps, sendOptions);
      return steps.length;
    },
    makeOffline: (...changes) => {
      for (const change of changes) channel.apply(change);
    },
    state: () => channel.snapshot(),
    sessions: () => sockets.report(),
    requestCounts: () => front.counts(),
    close: async () => {
      parts.drizzle.stop();
      times.timers.close();
      sockets.close();
      await front.close();
      await parts.saver?.close();
    },
  };
}

function toEndpoints({ host, prefix }: { host: string; prefix: string }): SimulatorEndpoints {
  const root = `http://${host}${prefix}`;
  return {
    issuer: 'simulator',
    websocketUrl: `ws://${host}${prefix}/ws`,
    subscriptionsUrl: `${root}/helix/eventsub/subscriptions`,
    helixUrl: `${root}/helix`,
    authUrl: `${root}/oauth2`,
  };
}

function toScenes({ actions, channel, drizzle, runner, store }: Parts): Scenes {
  const { people } = channel;
  return {
    startDrizzle: pace => drizzle.start(pace?.everyMs ?? null, store.enabled().length > 0),
    stopDrizzle: () => drizzle.stop(),
    giftBomb: (recipients, options = {}) => runner.run(giftSteps(actions, people, recipients, options)),
    followBots: (count, options = {}) => runner.run(followBotSteps(actions, people, count), options),
    oneOfEach: () => runner.run(oneOfEachSteps(actions, people).flat()),
  };
}

function inject({ channel, faults, sockets, store, tokens }: Parts, fault: Fault): void {
  switch (fault.kind) {
    case 'silentPeer':
      if (fault.sockets === 'all') faults.add(fault);
      sockets.inject(fault);
      return;
    case 'reconnect':
    case 'close':
    case 'terminate':
    case 'oddFrame':
    case 'pingStorm':
      sockets.inject(fault);
      return;
    case 'revoke':
      for (const record of store.enabled()) {
        if (fault.type === undefined || record.type === fault.type) sockets.revoke(record, fault.status);
      }
      return;
    case 'invalidateTokens':
      tokens.invalidate(fault.which);
      return;
    case 'withdrawScope':
      tokens.withdrawScope(fault.scope);
      return;
    case 'disconnectApp':
      tokens.disconnectEveryone();
      return;
    case 'lag':
      channel.lagMs = fault.ms;
      return;
    case 'lateWelcome':
    case 'noWelcome':
    case 'handshakeHangs':
    case 'handshakeRefused':
    case 'handshakeReset':
    case 'duplicate':
    case 'otherSubscription':
    case 'oldTimestamp':
    case 'clockOff':
    case 'extraFields':
    case 'orphans':
    case 'http':
    case 'device':
    case 'list':
      faults.add(fault);
      return;
    default:
      assertNever(fault);
  }
}
