import type { Socket } from 'node:net';
import {
  PROTOCOL_VERSION,
  ServiceError,
  type EventSubService,
  type Logger,
  type ServicePushes,
  type WindowPushes,
} from '../shared/service';
import type { Settings } from '../shared/settings';
import type { CredentialVault } from './credentials-relay';
import type { EpochRecord } from './epoch-files';
import { isNewerVersion } from './extension-version';
import type { Lead } from './lead';
import { openLeaderLink } from './leader-link';
import { endpointsOf } from './server-endpoints';
import type { StartSimulator } from './simulator-port';

/** What one window brings to whichever place it has. */
export interface PlaceContext {
  storageFolder: string;
  bundleFolder: string;
  extensionVersion: string;
  vault: CredentialVault;
  settings: () => Settings;
  focusedAtMs: () => number;
  startSimulator: StartSimulator;
  logger: Logger;
  /** Hears what the leading service tells, in whichever window that runs. */
  pushes: ServicePushes;
  onFocusedLast: (isLast: boolean) => void;
}

/** One window's place: it leads, or follows the one that does. */
export interface Place {
  /** The whole contract as soon as it can be called here; rejects where it never can. */
  readonly service: Promise<EventSubService>;
  /** Whether the place is over: what it did not answer can be asked of the next. */
  isOver(): boolean;
  setSettings(settings: Settings): void;
  setFocused(atMs: number): void;
  /** Ends it; where it leads, all is written first unless `isAbandoned`. Idempotent. */
  end(isAbandoned: boolean): Promise<void>;
}

/** How long the other windows have, after a takeover, to come with their tokens. */
const TAKEOVER_GRACE_MS = 500;
const LOAD_CREDENTIALS_MS = 2_000;

export interface LeadingOptions {
  context: PlaceContext;
  epoch: number;
  token: string;
  /** What is carried on from the window that led before; null at a first start. */
  before: { wantsConnection: boolean | null } | null;
  onYield: (version: string) => void;
}

/** The place of the window that leads. Its half of the service is loaded only here. */
export function openLeadingPlace(options: LeadingOptions): Place & { accept(socket: Socket): void } {
  const { context, before } = options;
  const waiting: Socket[] = [];
  let lead: Lead | null = null;
  let end: Promise<void> | null = null;

  const begin = async (): Promise<Lead> => {
    const { takeLead } = await import('./leader');
    if (end) throw new ServiceError('cancelled', 'This window does not lead any more.');
    lead = takeLead({
      ...context,
      epoch: options.epoch,
      token: options.token,
      settings: context.settings(),
      wantsConnection: before?.wantsConnection ?? null,
      graceMs: before ? TAKEOVER_GRACE_MS : 0,
      focusedAtMs: context.focusedAtMs(),
      observer: context.pushes,
      onYield: options.onYield,
    });
    for (const socket of waiting.splice(0)) lead.accept(socket);
    return lead;
  };
  const begun = begin();
  begun.catch((error: unknown) =>
    context.logger.error('This window leads, and its service cannot begin.', error),
  );

  return {
    service: begun.then(begunLead => begunLead.service),
    isOver: () => end !== null,
    accept: socket => {
      if (lead) lead.accept(socket);
      else waiting.push(socket);
    },
    setSettings: settings => lead?.setSettings(settings),
    setFocused: atMs => lead?.setFocused(atMs),
    end: isAbandoned => {
      end ??= begun.then(
        begunLead => begunLead.dispose(isAbandoned),
        // It never began, and that was told.
        () => undefined,
      );
      return end;
    },
  };
}

export interface FollowingOptions {
  context: PlaceContext;
  record: EpochRecord;
  socket: Socket;
  onAnswering: (isAnswering: boolean) => void;
  /** The leading window's version and ours cannot understand each other, and its is newer. */
  onMismatch: () => void;
}

/** The place of a window that follows. */
export function openFollowingPlace(options: FollowingOptions): Place {
  const { context, record, socket } = options;
  const { vault, logger } = context;
  let isOver = false;

  const pushes: WindowPushes = {
    ...context.pushes,
    storeCredentials: credentials => vault.store(credentials),
    loadCredentials: issuer => vault.load(issuer),
    focusedLast: context.onFocusedLast,
  };
  const link = openLeaderLink({ socket, pushes, onAnswering: options.onAnswering, logger });
  socket.once('close', () => {
    isOver = true;
  });

  const askToYield = async (): Promise<never> => {
    logger.info(
      `The leading window runs the older version ${record.extensionVersion}; it is asked to hand over.`,
    );
    await link.yieldLead(context.extensionVersion);
    throw new ServiceError('cancelled', 'Another window is about to lead.');
  };

  const greet = async (): Promise<EventSubService> => {
    const issuer = endpointsOf(context.settings())?.issuer ?? null;
    const credentials = issuer === null ? null : await within(LOAD_CREDENTIALS_MS, vault.load(issuer));
    try {
      const welcome = await link.hello({
        protocol: PROTOCOL_VERSION,
        extensionVersion: context.extensionVersion,
        token: record.token,
        credentials,
        focusedAtMs: context.focusedAtMs(),
      });
      if (isNewerVersion(context.extensionVersion, welcome.extensionVersion)) return await askToYield();
      return link.service;
    } catch (error: unknown) {
      if (!(error instanceof ServiceError) || error.kind !== 'versionMismatch') throw error;
      if (isNewerVersion(context.extensionVersion, record.extensionVersion)) return await askToYield();
      options.onMismatch();
      throw new ServiceError(
        'versionMismatch',
        'Another window runs a newer version of EventSub Live. Reload this window.',
      );
    }
  };
  const service = greet();
  service.catch((error: unknown) => {
    const isExpected = error instanceof ServiceError && ['versionMismatch', 'cancelled'].includes(error.kind);
    if (isExpected) return;
    logger.warn('The leading window cannot be followed; it is tried again.', error);
    link.close();
  });

  return {
    service,
    isOver: () => isOver,
    setSettings: settings => link.setSettings(settings),
    setFocused: atMs => link.focused(atMs),
    end: () => {
      isOver = true;
      link.close();
      return Promise.resolve();
    },
  };
}

/** What a store that hangs does not answer in time is null. */
async function within<T>(ms: number, answer: Promise<T | null>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>(resolve => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
