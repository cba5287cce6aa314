import { startSimulator } from '../../../src/simulator/simulator';
import { createWindowService, type WindowService } from '../../../src/service/window-service';
import type { Credentials, EventsRecorded, JobStatus, ServiceStatus } from '../../../src/shared/service';
import type { ServiceMethod } from '../../../src/shared/service-methods';
import type { Settings } from '../../../src/shared/settings';

/** How a window of its own process is started. */
export interface WindowStart {
  storageFolder: string;
  bundleFolder: string;
  extensionVersion: string;
  settings: Settings;
  credentials: Credentials | null;
}

/** What a test tells such a window. */
export type WindowOrder =
  | { kind: 'start'; start: WindowStart }
  | { kind: 'call'; id: number; method: ServiceMethod; args: unknown[] }
  | { kind: 'dispose' };

/** What such a window tells. */
export type WindowReport =
  | { kind: 'ready' }
  | { kind: 'status'; status: ServiceStatus }
  | { kind: 'events'; batch: EventsRecorded }
  | { kind: 'job'; job: JobStatus }
  | { kind: 'answer'; id: number; value?: unknown; error?: { kind: string; message: string } }
  | { kind: 'stored'; credentials: Credentials }
  | { kind: 'log'; line: string }
  | { kind: 'disposed' };

const report = (message: WindowReport): void => void process.send?.(message);
let service: WindowService | null = null;

async function start(given: WindowStart): Promise<void> {
  const kept = new Map<string, Credentials>();
  if (given.credentials) kept.set(given.credentials.issuer, given.credentials);
  const log =
    (level: string) =>
    (message: string, ...details: unknown[]): void =>
      report({ kind: 'log', line: [level, message, ...details.map(String)].join(' ') });
  service = createWindowService({
    ...given,
    settingProblems: [],
    credentials: {
      load: issuer => Promise.resolve(kept.get(issuer) ?? null),
      store: credentials => {
        kept.set(credentials.issuer, credentials);
        report({ kind: 'stored', credentials });
        return Promise.resolve();
      },
    },
    logger: {
      error: log('error'),
      warn: log('warn'),
      info: log('info'),
      debug: () => undefined,
      trace: () => undefined,
    },
    startSimulator,
  });
  service.observe({
    statusChanged: status => report({ kind: 'status', status }),
    eventsRecorded: batch => report({ kind: 'events', batch }),
    jobChanged: job => report({ kind: 'job', job }),
  });
  await service.start();
}

async function carryOut(order: Extract<WindowOrder, { kind: 'call' }>): Promise<void> {
  try {
    if (!service) throw new Error('The window has not started.');
    const call = Reflect.get(service, order.method) as (...given: unknown[]) => Promise<unknown>;
    report({ kind: 'answer', id: order.id, value: await call.apply(service, order.args) });
  } catch (error: unknown) {
    const { kind, message } = error as { kind: string; message: string };
    report({ kind: 'answer', id: order.id, error: { kind, message } });
  }
}

process.on('message', (order: WindowOrder) => {
  switch (order.kind) {
    case 'start':
      void start(order.start);
      return;
    case 'call':
      void carryOut(order);
      return;
    case 'dispose':
      void service?.dispose().then(() => report({ kind: 'disposed' }));
  }
});
process.on('disconnect', () => process.exit(0));
report({ kind: 'ready' });
