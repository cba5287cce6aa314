import { randomBytes } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PROTOCOL_VERSION, type Logger } from '../shared/service';
import {
  findHighestEpoch,
  isFromBeforeBoot,
  publishEpoch,
  readEpoch,
  removeEpochsBelow,
  rewriteEpoch,
  withdrawEpoch,
  type EpochRecord,
} from './epoch-files';
import { isNewerVersion } from './extension-version';
import { isProcessAlive, knock, listenLocally, removeAddress, type LocalServer } from './local-address';

/** Why this window does not lead any more. */
export type LossReason = 'released' | 'superseded';

export interface LeadershipOptions {
  /** Where the epoch files are; made if missing. */
  folder: string;
  extensionVersion: string;
  logger: Logger;
  /** This window leads from now on. Followers' sockets come to `onFollower`. */
  onLead: (epoch: number, token: string) => void;
  /** Another window of this machine connected; nothing it says is trusted before the token. */
  onFollower: (socket: Socket) => void;
  /** This window follows from now on, until the socket closes. */
  onFollow: (epoch: number, record: EpochRecord, socket: Socket) => void;
  /** What `onLead` or `onFollow` began is over; for a lead everything must have stopped by the time this returns. */
  onLost: (reason: LossReason | 'leaderGone') => void;
  /** Nobody can be found to lead or follow, e.g. because the folder cannot be written; tried again all the time. */
  onTrouble: (error: Error) => void;
}

/** One window's place among the windows: it leads or follows, and tries to lead when the leader is gone. */
export interface Leadership {
  start(): void;
  /** Lets go of the lead for a window of a newer version; leads again only if none takes it. Call it when all is written. */
  yieldTo(version: string): Promise<void>;
  /** Lets go for good. Idempotent. */
  dispose(): Promise<void>;
}

/** How often a leader looks whether it still leads. */
const WATCH_MS = 2_000;
/** A missing socket of a living process: its watch puts it back within this. */
const MISSING_GRACE_MS = 3 * WATCH_MS;
const RETRY_MS = 50;
/** How long a window waits for a newer one that the lead was let go for. */
const YIELD_MS = 3_000;

interface Lead {
  epoch: number;
  record: EpochRecord;
  server: LocalServer;
  sockets: Set<Socket>;
  /** Connections that came before it was sure that this window leads. */
  early: Socket[] | null;
  end: (reason: LossReason) => void;
  ended: Promise<LossReason>;
}

/** Contends for the lead as DESIGN.md, "Several windows", says: the highest epoch leads, a live one is never removed. */
export function createLeadership(options: LeadershipOptions): Leadership {
  const { folder, logger, onLead, onFollow, onLost, onTrouble } = options;
  const stop = new AbortController();
  let running: Promise<void> | null = null;
  let lead: Lead | null = null;
  let followed: Socket | null = null;
  let overSince: { epoch: number; at: number } | null = null;

  const isStopped = (): boolean => stop.signal.aborted;

  const pause = async (ms: number): Promise<void> => {
    try {
      await delay(ms, undefined, { signal: stop.signal });
    } catch (error: unknown) {
      if (!stop.signal.aborted) throw error;
    }
  };

  /** Whether an epoch that seems to be over was first found so less than `ms` ago. */
  const isFirstSeenWithin = (epoch: number, ms: number): boolean => {
    if (overSince?.epoch !== epoch) overSince = { epoch, at: performance.now() };
    return performance.now() - overSince.at < ms;
  };

  /** Looks who leads: answers a connection, `dead` if surely nobody does, or null to look again. */
  const look = async (epoch: number): Promise<{ socket: Socket; record: EpochRecord } | 'dead' | null> => {
    if (epoch === 0) return 'dead';
    const record = await readEpoch(folder, epoch);
    const isDoubtful = async (): Promise<boolean> =>
      isFirstSeenWithin(epoch, MISSING_GRACE_MS) && !(await isFromBeforeBoot(folder, epoch));
    // Only a file system without hard links can show a file before it is whole; a power cut can empty it.
    if (!record) return (await isDoubtful()) ? null : 'dead';
    if (record.isReleased) {
      const isForAnother = record.heir !== null && isNewerVersion(record.heir, options.extensionVersion);
      return isForAnother && isFirstSeenWithin(epoch, YIELD_MS) ? null : 'dead';
    }
    const answer = await knock(record.address);
    switch (answer.kind) {
      case 'open':
        overSince = null;
        return { socket: answer.socket, record };
      case 'refused':
        return 'dead';
      case 'missing':
        return isProcessAlive(record.pid) && (await isDoubtful()) ? null : 'dead';
      case 'unclear':
        logger.debug('The leading window cannot be asked yet.', answer.error);
        return null;
    }
  };

  const follow = async (epoch: number, record: EpochRecord, socket: Socket): Promise<void> => {
    followed = socket;
    const closed = new Promise<void>(resolve => {
      socket.on('error', error => logger.debug('The link to the leading window failed.', error));
      socket.once('close', () => resolve());
    });
    const since = performance.now();
    onFollow(epoch, record, socket);
    await closed;
    followed = null;
    onLost('leaderGone');
    // One that is shown out at once must not knock in a tight loop.
    if (performance.now() - since < RETRY_MS) await pause(RETRY_MS);
  };

  const tryToLead = async (epoch: number): Promise<Lead | null> => {
    const made = await makeLead(options, epoch);
    let isLeading = false;
    try {
      if (!(await publishEpoch(folder, epoch, made.record))) return null;
      // One that was slow may have published an epoch whose number had been cleaned away.
      if ((await findHighestEpoch(folder)) > epoch) {
        await withdrawEpoch(folder, epoch);
        return null;
      }
      isLeading = true;
      return made;
    } finally {
      if (!isLeading) await closeLead(made);
    }
  };

  const serve = async (mine: Lead): Promise<void> => {
    lead = mine;
    if (isStopped()) return releaseLead(folder, mine, 'released', logger);
    logger.info(`This window leads (epoch ${mine.epoch}).`);
    onLead(mine.epoch, mine.record.token);
    for (const socket of mine.early ?? []) options.onFollower(socket);
    mine.early = null;
    const watch = setInterval(() => void watchLead(folder, mine, logger), WATCH_MS);
    watch.unref();
    const cleaning = cleanUp(folder, mine.epoch, logger);
    const reason = await mine.ended;
    clearInterval(watch);
    lead = null;
    onLost(reason);
    await cleaning;
    await releaseLead(folder, mine, reason, logger);
  };

  const runOnce = async (): Promise<void> => {
    const epoch = await findHighestEpoch(folder);
    const found = await look(epoch);
    if (stop.signal.aborted) {
      if (found && found !== 'dead') found.socket.destroy();
      return;
    }
    if (found === null) return pause(RETRY_MS);
    if (found !== 'dead') return follow(epoch, found.record, found.socket);
    const mine = await tryToLead(epoch + 1);
    if (!mine) return;
    await serve(mine);
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await runOnce();
      } catch (error: unknown) {
        onTrouble(error instanceof Error ? error : new Error(String(error)));
        await pause(20 * RETRY_MS);
      }
    }
  };

  return {
    start: () => {
      running ??= run();
    },
    yieldTo: async version => {
      const mine = lead;
      if (!mine) return;
      mine.record = { ...mine.record, heir: version };
      mine.end('released');
      await mine.ended;
    },
    dispose: async () => {
      stop.abort();
      followed?.destroy();
      lead?.end('released');
      await running;
    },
  };
}

async function makeLead(options: LeadershipOptions, epoch: number): Promise<Lead> {
  let end: Lead['end'] = () => undefined;
  const ended = new Promise<LossReason>(resolve => {
    end = resolve;
  });
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', error => options.logger.debug('The link to a window failed.', error));
    socket.once('close', () => sockets.delete(socket));
    if (made.early) made.early.push(socket);
    else options.onFollower(socket);
  };
  const server = await listenLocally(socket => accept(socket));
  server.server.on('error', error => options.logger.warn('The local socket failed.', error));
  const record: EpochRecord = {
    address: server.address,
    token: randomBytes(24).toString('base64url'),
    pid: process.pid,
    extensionVersion: options.extensionVersion,
    protocol: PROTOCOL_VERSION,
    isReleased: false,
    heir: null,
  };
  const made: Lead = { epoch, record, server, sockets, early: [], end, ended };
  return made;
}

async function closeLead(lead: Lead): Promise<void> {
  const closing = lead.server.close();
  for (const socket of lead.sockets) socket.destroy();
  await closing;
}

/** Says in the epoch's file that it is over, then lets every follower know by closing. */
async function releaseLead(folder: string, lead: Lead, reason: LossReason, logger: Logger): Promise<void> {
  try {
    if (reason === 'released') await rewriteEpoch(folder, lead.epoch, { ...lead.record, isReleased: true });
  } catch (error: unknown) {
    logger.warn('The lead was let go, and its file could not say so.', error);
  }
  await closeLead(lead);
}

/** Ends a lead that another window took over, and puts back what a cleaner of temporary files removed. */
async function watchLead(folder: string, lead: Lead, logger: Logger): Promise<void> {
  try {
    const highest = await findHighestEpoch(folder);
    if (highest > lead.epoch) {
      logger.error(`Another window took the lead (epoch ${highest}) although this one still had it.`);
      lead.end('superseded');
      return;
    }
    if (highest < lead.epoch && !(await publishEpoch(folder, lead.epoch, lead.record))) return;
    if (process.platform === 'win32' || (await exists(lead.record.address))) return;
    logger.warn('The local socket was removed by something else; another one takes its place.');
    const old = lead.server;
    lead.server = await listenLocally(socket => old.server.emit('connection', socket));
    lead.record = { ...lead.record, address: lead.server.address };
    await rewriteEpoch(folder, lead.epoch, lead.record);
    await old.close();
  } catch (error: unknown) {
    logger.warn('Whether this window still leads could not be looked up.', error);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

async function cleanUp(folder: string, epoch: number, logger: Logger): Promise<void> {
  try {
    for (const address of await removeEpochsBelow(folder, epoch)) await removeAddress(address);
  } catch (error: unknown) {
    logger.debug('What earlier windows left could not be cleaned up.', error);
  }
}
