import { createMemoryStore } from '../../../src/service/account-part';
import { createLeaderService } from '../../../src/service/event-sub-service';
import type { LeaderService } from '../../../src/service/leader-contract';
import type { Credentials, ServiceStatus } from '../../../src/shared/service';
import type { ServiceMethod } from '../../../src/shared/service-methods';
import type { Settings } from '../../../src/shared/settings';
import { startSimulator } from '../../../src/simulator/simulator';
import { readLevels, watchListeners, type Levels } from './level-watch';
import { watchLoop, type LoopDelay } from './loop-watch';

/** How a host is started. */
export interface HostStart {
  storageFolder: string;
  bundleFolder: string;
  settings: Settings;
  credentials: Credentials;
}

/** What a host has told its views so far. */
export interface HostTold {
  events: number;
  /** Events that had been told before. */
  twice: number;
  /** Jumps in the sequence, after which a view asks for a snapshot. */
  gaps: number;
  /** The largest batch, and the characters of the largest message to a view. */
  largestBatch: number;
  largestMessage: number;
  errors: string[];
}

export type HostOrder =
  | { kind: 'start'; start: HostStart }
  | { kind: 'status' }
  | { kind: 'told' }
  | { kind: 'levels' }
  | { kind: 'beginDelay' }
  | { kind: 'endDelay' }
  | { kind: 'dispose' }
  | { kind: 'call'; method: ServiceMethod; args: unknown[] };

export interface HostAnswers {
  start: null;
  status: ServiceStatus | null;
  told: HostTold;
  levels: Levels;
  beginDelay: null;
  endDelay: LoopDelay;
  dispose: null;
  call: unknown;
}

watchListeners();

const told: HostTold = {
  events: 0,
  twice: 0,
  gaps: 0,
  largestBatch: 0,
  largestMessage: 0,
  errors: [],
};
let service: LeaderService | null = null;
let status: ServiceStatus | null = null;
let endDelay: (() => LoopDelay) | null = null;
/** A bit for each event's number, made at once so that it cannot grow. */
const toldIds = new Uint8Array(2 ** 17);
let lastSequence = 0;

/** As a webview's host and a following window's link do: every message is written down as text. */
function tellView(message: unknown): void {
  const text = JSON.stringify(message);
  told.largestMessage = Math.max(told.largestMessage, text.length);
}

/** Answers whether that event had been told before. */
function markTold(id: number): boolean {
  const at = (id >> 3) % toldIds.length;
  const before = toldIds[at] ?? 0;
  toldIds[at] = before | (1 << (id & 7));
  return toldIds[at] === before;
}

function note(level: string): (message: string, ...details: unknown[]) => void {
  return (message, ...details) => {
    told.errors.push([level, message, ...details.map(String)].join(' '));
    if (told.errors.length > 50) told.errors.shift();
  };
}

async function start(given: HostStart): Promise<null> {
  const credentials = createMemoryStore();
  await credentials.store(given.credentials);
  const silent = (): void => undefined;
  service = createLeaderService({
    epoch: 1,
    storageFolder: given.storageFolder,
    bundleFolder: given.bundleFolder,
    settings: given.settings,
    credentials,
    logger: { error: note('error'), warn: silent, info: silent, debug: silent, trace: silent },
    wantsConnection: true,
    startSimulator,
  });
  service.observe({
    statusChanged: next => {
      status = next;
      tellView(next);
    },
    eventsRecorded: batch => {
      tellView(batch);
      if (batch.sequence !== lastSequence + 1) told.gaps++;
      lastSequence = batch.sequence;
      told.events += batch.events.length;
      told.largestBatch = Math.max(told.largestBatch, batch.events.length);
      for (const { id } of batch.events) {
        if (markTold(id)) told.twice++;
      }
    },
  });
  status = await service.getStatus();
  return null;
}

async function obey(order: HostOrder): Promise<unknown> {
  switch (order.kind) {
    case 'start':
      return start(order.start);
    case 'status':
      return status;
    case 'told':
      return told;
    case 'levels':
      return readLevels();
    case 'beginDelay':
      endDelay = watchLoop();
      return null;
    case 'endDelay':
      return endDelay?.() ?? null;
    case 'dispose':
      await service?.dispose(false);
      return null;
    case 'call': {
      if (!service) throw new Error('The host has not started.');
      const call = Reflect.get(service, order.method) as (...args: unknown[]) => Promise<unknown>;
      return (await call.apply(service, order.args)) ?? null;
    }
  }
}

process.on('message', ({ id, order }: { id: number; order: HostOrder }) => {
  obey(order).then(
    value => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
