import { EVENT_TYPES, isEventType, type EventType } from './catalogue';

export const SERVERS = ['twitch', 'simulator', 'custom'] as const;
export type ServerKind = (typeof SERVERS)[number];

/** `eventsub.customServer`: another server in Twitch's place, e.g. the `twitch` CLI's mock server. */
export interface CustomServer {
  /** The EventSub socket. */
  websocketUrl: string;
  /** The exact URL on which subscriptions are created, listed and deleted. */
  subscriptionsUrl: string;
  /** The Helix root; absent: nothing is polled. */
  helixUrl?: string;
  /** The OAuth root; absent: nothing is validated. */
  authUrl?: string;
}

/** The settings under `eventsub.`, checked; durations in the unit that their name says. */
export interface Settings {
  server: ServerKind;
  customServer: CustomServer | null;
  clientId: string;
  /** A channel's login or id; empty: the signed-in account's own. */
  channel: string;
  connectOnStartup: boolean;
  events: EventType[];
  keepaliveTimeoutSeconds: number;
  pollingFollowersSeconds: number;
  pollingRolesMinutes: number;
  pollingReconcileHours: number;
  /** 0: for ever. */
  retentionDays: number;
  notifications: EventType[];
  streamerMode: boolean;
}

/** A settings value that cannot be used, told to the person and never silently replaced. */
export interface SettingProblem {
  /** The full id, e.g. `eventsub.keepaliveTimeoutSeconds`. */
  setting: string;
  /** An English sentence for the log; views say it in the person's language from the other fields. */
  message: string;
  problem:
    | { kind: 'range'; value: unknown; minimum: number; maximum: number; used: number }
    | { kind: 'choice'; value: unknown; allowed: readonly string[] }
    | { kind: 'type'; value: unknown; expected: string }
    | {
        kind: 'url';
        field: string;
        value: string;
        reason: 'notAUrl' | 'scheme' | 'plainNotLoopback' | 'credentials';
      }
    | { kind: 'missing'; field: string };
}

interface NumberRange {
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** The ranges that package.json repeats; a unit test holds the two together. */
export const NUMBER_SETTINGS = {
  keepaliveTimeoutSeconds: { default: 10, minimum: 10, maximum: 600 },
  'polling.followersSeconds': { default: 60, minimum: 30, maximum: 3600 },
  'polling.rolesMinutes': { default: 30, minimum: 1, maximum: 240 },
  'polling.reconcileHours': { default: 3, minimum: 2, maximum: 4 },
  'history.retentionDays': { default: 0, minimum: 0, maximum: 36500 },
} as const satisfies Record<string, NumberRange>;

/**
 * Checks raw configuration values (keys without the `eventsub.` prefix; an absent key means its default).
 * Every value that cannot be used is reported; a number out of range is used as the nearest allowed one.
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>): {
  settings: Settings;
  problems: SettingProblem[];
} {
  const problems: SettingProblem[] = [];
  const report = (key: string, message: string, problem: SettingProblem['problem']): void => {
    problems.push({ setting: `eventsub.${key}`, message: `eventsub.${key}: ${message}`, problem });
  };

  const readNumber = (key: keyof typeof NUMBER_SETTINGS): number => {
    const range = NUMBER_SETTINGS[key];
    const value = raw[key];
    if (value === undefined) return range.default;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      report(key, `${JSON.stringify(value)} is not a number.`, { kind: 'type', value, expected: 'number' });
      return range.default;
    }
    const used = Math.min(range.maximum, Math.max(range.minimum, value));
    if (used !== value) {
      report(key, `${value} is outside ${range.minimum} to ${range.maximum}; ${used} is used.`, {
        kind: 'range',
        value,
        minimum: range.minimum,
        maximum: range.maximum,
        used,
      });
    }
    return used;
  };
  const readBoolean = (key: string, fallback: boolean): boolean => {
    const value = raw[key];
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    report(key, `${JSON.stringify(value)} is not true or false.`, {
      kind: 'type',
      value,
      expected: 'boolean',
    });
    return fallback;
  };
  const readString = (key: string): string => {
    const value = raw[key];
    if (value === undefined) return '';
    if (typeof value === 'string') return value.trim();
    report(key, `${JSON.stringify(value)} is not a text.`, { kind: 'type', value, expected: 'string' });
    return '';
  };
  const readTypes = (key: string, fallback: readonly EventType[]): EventType[] => {
    const value = raw[key];
    if (value === undefined) return [...fallback];
    if (!Array.isArray(value)) {
      report(key, `${JSON.stringify(value)} is not a list.`, { kind: 'type', value, expected: 'array' });
      return [...fallback];
    }
    for (const entry of value as unknown[]) {
      if (typeof entry !== 'string' || !isEventType(entry)) {
        report(key, `${JSON.stringify(entry)} is not one of the event types.`, {
          kind: 'choice',
          value: entry,
          allowed: EVENT_TYPES,
        });
      }
    }
    return EVENT_TYPES.filter(type => (value as unknown[]).includes(type));
  };
  const readServer = (): ServerKind => {
    const value = raw['server'];
    if (value === undefined) return 'twitch';
    const found = SERVERS.find(server => server === value);
    if (found) return found;
    report('server', `${JSON.stringify(value)} is not one of ${SERVERS.join(', ')}.`, {
      kind: 'choice',
      value,
      allowed: SERVERS,
    });
    return 'twitch';
  };

  const server = readServer();
  const customServer = server === 'custom' ? readCustomServer(raw['customServer'], report) : null;
  return {
    settings: {
      server,
      customServer,
      clientId: readString('clientId'),
      channel: readString('channel'),
      connectOnStartup: readBoolean('connectOnStartup', true),
      events: readTypes('events', EVENT_TYPES),
      keepaliveTimeoutSeconds: Math.round(readNumber('keepaliveTimeoutSeconds')),
      pollingFollowersSeconds: readNumber('polling.followersSeconds'),
      pollingRolesMinutes: readNumber('polling.rolesMinutes'),
      pollingReconcileHours: readNumber('polling.reconcileHours'),
      retentionDays: readNumber('history.retentionDays'),
      notifications: readTypes('notifications', []),
      streamerMode: readBoolean('streamerMode', false),
    },
    problems,
  };
}

type Report = (key: string, message: string, problem: SettingProblem['problem']) => void;

const CUSTOM_FIELDS = [
  { field: 'websocketUrl', schemes: ['wss:', 'ws:'], isRequired: true },
  { field: 'subscriptionsUrl', schemes: ['https:', 'http:'], isRequired: true },
  { field: 'helixUrl', schemes: ['https:', 'http:'], isRequired: false },
  { field: 'authUrl', schemes: ['https:', 'http:'], isRequired: false },
] as const;

function readCustomServer(value: unknown, report: Report): CustomServer | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report('customServer', 'is needed when eventsub.server is "custom".', {
      kind: 'missing',
      field: 'websocketUrl',
    });
    return null;
  }
  const given = value as Record<string, unknown>;
  const result: Partial<CustomServer> = {};
  let isUsable = true;
  for (const { field, schemes, isRequired } of CUSTOM_FIELDS) {
    const url = given[field];
    if (url === undefined || url === '') {
      if (isRequired) {
        report('customServer', `${field} is missing.`, { kind: 'missing', field });
        isUsable = false;
      }
      continue;
    }
    if (typeof url !== 'string') {
      report('customServer', `${field} is not a text.`, { kind: 'type', value: url, expected: 'string' });
      isUsable = false;
      continue;
    }
    const reason = checkServerUrl(url, schemes);
    if (reason) {
      report('customServer', `${field}: ${URL_REASONS[reason]}`, { kind: 'url', field, value: url, reason });
      isUsable = false;
      continue;
    }
    result[field] = url;
  }
  return isUsable ? (result as CustomServer) : null;
}

type UrlReason = Extract<SettingProblem['problem'], { kind: 'url' }>['reason'];

const URL_REASONS: Readonly<Record<UrlReason, string>> = {
  notAUrl: 'is not a URL.',
  scheme: 'has a scheme that cannot be used here.',
  plainNotLoopback: 'is not encrypted; that is allowed only to this machine (127.0.0.1, ::1, localhost).',
  credentials: 'holds a user name or password; those do not belong in a URL.',
};

/** Says why a server's URL cannot be used, or null if it can: encrypted, or plain to a loopback host only. */
export function checkServerUrl(url: string, schemes: readonly string[]): UrlReason | null {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'notAUrl';
  }
  if (!schemes.includes(parsed.protocol)) return 'scheme';
  if (parsed.username !== '' || parsed.password !== '') return 'credentials';
  const isPlain = parsed.protocol === 'ws:' || parsed.protocol === 'http:';
  return isPlain && !isLoopbackHost(parsed.hostname) ? 'plainNotLoopback' : null;
}

/** Whether a host name, as `URL.hostname` writes it, is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
