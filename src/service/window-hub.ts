import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { openChannel, type Channel } from '../shared/rpc';
import {
  PROTOCOL_VERSION,
  ServiceError,
  type Credentials,
  type EventsRecorded,
  type EventSubService,
  type Logger,
  type ServicePushes,
  type ServiceStatus,
  type WindowGreeting,
  type WindowLink,
  type WindowPushes,
  type WindowWelcome,
} from '../shared/service';
import { forwardService, SERVICE_METHODS, WINDOW_METHODS } from '../shared/service-methods';
import { checkServiceCall } from '../shared/service-schemas';
import type { Settings } from '../shared/settings';
import { isNewerVersion } from './extension-version';
import { MAX_CALL_BYTES, openLinePort, type LinePort } from './local-socket';

/** What the leading window does for those that follow. */
export interface WindowHubOptions {
  epoch: number;
  token: string;
  extensionVersion: string;
  logger: Logger;
  /** Carries out a call of the contract. */
  service: EventSubService;
  /** A window that came has a set of tokens of its own. */
  onCredentials: (credentials: Credentials) => void;
  onSettings: (settings: Settings) => void;
  /** A newer version wants the lead. */
  onYield: (version: string) => void;
  /** Which window had the focus last has changed; true: this one. */
  onFocusedLast: (isOwn: boolean) => void;
  /** When this window had the focus last (ms since 1970). */
  focusedAtMs: number;
}

/** The leading window's end of all links. */
export interface WindowHub extends ServicePushes {
  accept(socket: Socket): void;
  /** Resolves when every window has stored the set, or had its time to. */
  storeEverywhere(credentials: Credentials): Promise<void>;
  /** What the other windows have stored of an issuer. */
  loadEverywhere(issuer: string): Promise<Credentials[]>;
  setOwnFocus(atMs: number): void;
  /** Closes every link. Idempotent. */
  dispose(): void;
}

/** Who has not shown the token by then is shown out; a window that was stopped comes back by itself. */
const GREETING_MS = 10_000;
/** How long the tokens wait for a window that hangs. */
const CREDENTIALS_MS = 3_000;

type LinkState = 'silent' | 'greeted' | 'mismatched' | 'closed';

interface Link {
  state: LinkState;
  port: LinePort;
  channel: Channel<WindowPushes>;
  focusedAtMs: number;
  /** Whether something was left out while the window did not read. */
  hasMissed: boolean;
}

/** Makes the leading window's hub; `accept` is to be called with every socket that connects. */
export function createWindowHub(options: WindowHubOptions): WindowHub {
  const { epoch, token, extensionVersion, logger, service } = options;
  const links = new Set<Link>();
  let ownFocusedAtMs = options.focusedAtMs;
  let isOwnLast: boolean | null = null;
  let lastStatus: ServiceStatus | null = null;
  let lastBatch: EventsRecorded | null = null;

  const greeted = (): Link[] => [...links].filter(link => link.state === 'greeted');

  const spreadFocus = (): void => {
    const newest = Math.max(ownFocusedAtMs, ...greeted().map(link => link.focusedAtMs));
    // Of several that never had the focus only one may show notifications: the one that leads.
    const last = ownFocusedAtMs === newest ? null : greeted().find(link => link.focusedAtMs === newest);
    for (const link of greeted()) link.channel.tell('focusedLast', link === last);
    const isOwn = last === null || last === undefined;
    if (isOwn === isOwnLast) return;
    isOwnLast = isOwn;
    options.onFocusedLast(isOwn);
  };

  const push = (tell: (channel: Channel<WindowPushes>) => void): void => {
    for (const link of greeted()) {
      // Its memory is ours: what it does not read it will ask for, once it sees the gap.
      if (link.port.isCongested) link.hasMissed = true;
      else tell(link.channel);
    }
  };

  const catchUp = (link: Link): void => {
    if (!link.hasMissed || link.state !== 'greeted') return;
    link.hasMissed = false;
    if (lastStatus) link.channel.tell('statusChanged', lastStatus);
    // An empty batch that goes on from the last shows the gap.
    if (lastBatch) {
      const { sequence: after } = lastBatch;
      link.channel.tell('eventsRecorded', { ...lastBatch, after, events: [], gifts: [] });
    }
  };

  const close = (link: Link, reason: string): void => {
    if (link.state === 'closed') return;
    link.state = 'closed';
    links.delete(link);
    link.channel.close(reason);
    link.port.close();
    spreadFocus();
  };

  const greet = (link: Link, greeting: WindowGreeting): WindowWelcome => {
    if (!isSameToken(greeting.token, token)) {
      close(link, 'The token is wrong.');
      throw new ServiceError('denied', 'The token is wrong.');
    }
    if (greeting.protocol !== PROTOCOL_VERSION) {
      link.state = 'mismatched';
      throw new ServiceError('versionMismatch', extensionVersion);
    }
    link.state = 'greeted';
    link.focusedAtMs = greeting.focusedAtMs;
    if (greeting.credentials) options.onCredentials(greeting.credentials);
    // After the answer, so that the window knows the epoch first.
    setImmediate(() => {
      if (link.state !== 'greeted') return;
      if (lastStatus) link.channel.tell('statusChanged', lastStatus);
      spreadFocus();
    });
    return { protocol: PROTOCOL_VERSION, extensionVersion, epoch };
  };

  const offer = (link: Link): EventSubService & WindowLink => {
    const requireGreeting = (): void => {
      if (link.state !== 'greeted') throw new ServiceError('denied', 'The window has not shown its token.');
    };
    return {
      ...forwardService((method, args) => {
        requireGreeting();
        const call = service[method] as (...args: unknown[]) => ReturnType<EventSubService[typeof method]>;
        return call.apply(service, args);
      }),
      hello: greeting => Promise.resolve().then(() => greet(link, greeting)),
      yieldLead: version => {
        if (link.state === 'silent') throw new ServiceError('denied', 'The window has not shown its token.');
        const isNewer = isNewerVersion(version, extensionVersion);
        if (isNewer) setImmediate(() => options.onYield(version));
        return Promise.resolve(isNewer);
      },
      setSettings: settings => {
        requireGreeting();
        options.onSettings(settings);
        return Promise.resolve();
      },
      focused: atMs => {
        requireGreeting();
        link.focusedAtMs = Math.max(link.focusedAtMs, atMs);
        spreadFocus();
        return Promise.resolve();
      },
      ping: () => Promise.resolve(),
    };
  };

  const accept = (socket: Socket): void => {
    const port = openLinePort({
      socket,
      maxLineBytes: MAX_CALL_BYTES,
      onBadLine: error => logger.warn('Another window sent what makes no sense.', error.message),
      onCaughtUp: () => catchUp(link),
    });
    const handlers = forwardLater(() => offer(link));
    const link: Link = {
      state: 'silent',
      port,
      focusedAtMs: 0,
      hasMissed: false,
      channel: openChannel<WindowPushes, EventSubService & WindowLink>({
        port,
        handlers,
        callable: [...SERVICE_METHODS, ...WINDOW_METHODS],
        check: checkServiceCall,
        timeoutMs: CREDENTIALS_MS,
        onProtocolError: error => logger.warn('A message of another window failed.', error.message),
      }),
    };
    links.add(link);
    const patience = setTimeout(() => {
      if (link.state === 'silent') close(link, 'No greeting came.');
    }, GREETING_MS);
    patience.unref();
    socket.once('close', () => {
      clearTimeout(patience);
      close(link, 'The window has closed.');
    });
  };

  const askAll = async <T>(ask: (link: Link) => Promise<T>): Promise<T[]> => {
    const answers = await Promise.allSettled(greeted().map(ask));
    return answers.flatMap(answer => {
      if (answer.status === 'fulfilled') return [answer.value];
      logger.warn('A window did not take part in keeping the tokens.', String(answer.reason));
      return [];
    });
  };

  return {
    accept,
    statusChanged: status => {
      lastStatus = status;
      push(channel => channel.tell('statusChanged', status));
    },
    eventsRecorded: batch => {
      lastBatch = batch;
      push(channel => channel.tell('eventsRecorded', batch));
    },
    jobChanged: job => push(channel => channel.tell('jobChanged', job)),
    storeEverywhere: async credentials => {
      await askAll(link => link.channel.remote.storeCredentials(credentials));
    },
    loadEverywhere: async issuer => {
      const found = await askAll(link => link.channel.remote.loadCredentials(issuer));
      return found.filter(
        credentials => credentials !== null && credentials.issuer === issuer,
      ) as Credentials[];
    },
    setOwnFocus: atMs => {
      ownFocusedAtMs = Math.max(ownFocusedAtMs, atMs);
      spreadFocus();
    },
    dispose: () => {
      for (const link of [...links]) close(link, 'The leading window lets go.');
    },
  };
}

/** Handlers that are looked up when they are called: the link that they serve is made of them. */
function forwardLater<T extends object>(make: () => T): T {
  let made: T | null = null;
  return new Proxy({} as T, {
    get: (_target, name) => {
      made ??= make();
      return Object.hasOwn(made, name) ? (made as Record<PropertyKey, unknown>)[name] : undefined;
    },
  });
}

function isSameToken(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
