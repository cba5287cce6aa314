import { CATALOGUE, EVENT_TYPES } from '../shared/catalogue';
import { POLL_KINDS, type ServiceStatus } from '../shared/service';
import type { Settings } from '../shared/settings';
import type { StatusParts } from './status-board';

/** A status before anything is known, complete all the same. */
export function makeFirstStatus(settings: Settings): ServiceStatus {
  return {
    revision: 0,
    epoch: 0,
    role: 'starting',
    ...makeFirstParts(settings),
    problems: [],
    settingProblems: [],
  };
}

/** What the parts of the service have to tell before they know anything. */
export function makeFirstParts(settings: Settings): StatusParts {
  return {
    server: describeServer(settings),
    account: { kind: 'signedOut' },
    channel: null,
    session: { kind: 'idle', reason: 'notStarted' },
    subscriptions: EVENT_TYPES.map(type => ({
      type,
      state: settings.events.includes(type) ? { kind: 'pending' } : { kind: 'off' },
      version: CATALOGUE[type].version,
      condition: {},
    })),
    polls: POLL_KINDS.map(kind => ({
      kind,
      state: { kind: 'off', why: 'signedOut' },
      pace: 'fallback',
      intervalMs:
        (kind === 'followers' ? settings.pollingFollowersSeconds : settings.pollingRolesMinutes * 60) * 1000,
      last: null,
    })),
    counters: {
      notifications: 0,
      keepalives: 0,
      copies: 0,
      late: 0,
      badFrames: 0,
      unknownMessages: 0,
      reconnects: 0,
    },
    storage: { kind: 'opening' },
    setAside: 0,
    unread: 0,
    today: {},
  };
}

/** How a server is named where people see it; a custom one by its host, which is no secret. */
export function describeServer(settings: Settings): ServiceStatus['server'] {
  switch (settings.server) {
    case 'twitch':
      return { kind: 'twitch', label: 'Twitch' };
    case 'simulator':
      return { kind: 'simulator', label: 'Simulator' };
    case 'custom': {
      const url = settings.customServer?.websocketUrl;
      return { kind: 'custom', label: url === undefined ? 'Custom server' : new URL(url).host };
    }
  }
}
