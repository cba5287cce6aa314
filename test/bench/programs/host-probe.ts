// Loaded into every Node process of VS Code by NODE_OPTIONS, and awake only in extension hosts: measures from inside,
// and answers over HTTP on 127.0.0.1. What is measured runs as it ships; only its surroundings are listened to.
import fs from 'node:fs';
import http from 'node:http';
import inspector from 'node:inspector';
import Module from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread, Worker } from 'node:worker_threads';
import { openWaiting } from '../../support/processor-wait';
import { instant, percentile } from '../figures';

/** How one extension was activated, in milliseconds. */
export interface Activation {
  /** Loading its main file: blocks. */
  loadMs: number;
  /** `activate()` until it gives way for the first time, or is done: blocks. */
  callMs: number;
  /** `activate()` until what it returned is resolved. */
  resolvedMs: number | null;
  /** Processor time of the host's thread in the first of both, which says more where others hold the processor. */
  cpuMs: number;
}

/** Percentiles of the event loop's delay, in milliseconds beyond the timer's own millisecond. */
export interface Delay {
  p50: number;
  p99: number;
  max: number;
  samples: number;
  /** The 99th percentile without the time in which the loop was ready and other processes held the processor. */
  ownP99: number;
}

/** What the probe can be asked. */
export interface ProbeCalls {
  activations: (options: Record<string, never>) => Record<string, Activation>;
  beginDelay: (options: Record<string, never>) => null;
  endDelay: (options: Record<string, never>) => Delay;
  /** After a full collection of garbage. */
  memory: (options: Record<string, never>) => NodeJS.MemoryUsage;
  /** Microseconds since the process began, all threads. */
  cpu: (options: Record<string, never>) => number;
  /** Instants at which the data worker's acknowledgements arrived, with what they said; forgets them. */
  takeAcknowledged: (options: Record<string, never>) => { at: number; text: string }[];
  /** How many events those said; forgets them. Cheap, so that asking does not hold up the loop it is asked beside. */
  takeAcknowledgedCount: (options: Record<string, never>) => number;
  beginProfile: (options: Record<string, never>) => Promise<null>;
  endProfile: (options: { file: string }) => Promise<null>;
  heapSnapshot: (options: { file: string }) => null;
}

interface ExtensionModule {
  activate?: (this: unknown, ...args: unknown[]) => unknown;
}

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

const activations: Record<string, Activation> = {};
let acknowledged: { at: number; text: string }[] = [];
let histogram: IntervalHistogram | null = null;
let endOwnDelay: () => number = () => 0;
let session: inspector.Session | null = null;

/** The name under which an extension's main file is told; undefined for anything else. */
function nameOf(request: string): string | undefined {
  if (/[\\/]extensions[\\/]git[\\/]dist[\\/]main(?:\.js)?$/.test(request)) return 'git';
  return /[\\/]eventsub-live\.eventsub-live-[^\\/]+[\\/]dist[\\/]extension(?:\.js)?$/.test(request)
    ? 'ours'
    : undefined;
}

function threadCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times loading and `activate` of the extensions that are asked about. */
function watchActivations(): void {
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (this: unknown, request, parent, isMain) {
    const name = nameOf(request);
    if (name === undefined || name in activations) return load.call(this, request, parent, isMain);
    const profileFile = process.env['EVENTSUB_BENCH_PROFILE'];
    const isProfiled = name === 'ours' && profileFile !== undefined;
    if (isProfiled) void calls.beginProfile({});
    const cpuBefore = threadCpuMs();
    const startedAt = performance.now();
    const loaded = load.call(this, request, parent, isMain) as ExtensionModule;
    const activation: Activation = {
      loadMs: performance.now() - startedAt,
      callMs: 0,
      resolvedMs: null,
      cpuMs: threadCpuMs() - cpuBefore,
    };
    activations[name] = activation;
    const { activate } = loaded;
    if (!activate) return loaded;
    return {
      ...loaded,
      activate(this: unknown, ...args: unknown[]) {
        // Asking for the processor time takes milliseconds itself, the first time.
        const cpuAtCall = threadCpuMs();
        const calledAt = performance.now();
        const result = activate.apply(this, args);
        activation.callMs = performance.now() - calledAt;
        activation.cpuMs += threadCpuMs() - cpuAtCall;
        if (isProfiled) void calls.endProfile({ file: profileFile });
        void Promise.resolve(result).then(() => {
          activation.resolvedMs = performance.now() - calledAt;
        });
        return result;
      },
    };
  };
}

/** Notes when the data worker's answers to recorded batches arrive in the host. */
function watchWorkers(): void {
  const emit = Reflect.get(Worker.prototype, 'emit') as (this: Worker, ...args: unknown[]) => boolean;
  const listening = function (this: Worker, ...args: unknown[]): boolean {
    const [name, message] = args as [unknown, { t?: string; r?: unknown } | undefined];
    if (name === 'message' && message?.t === 's' && typeof message.r === 'string') {
      if (message.r.startsWith('[{')) acknowledged.push({ at: instant(), text: message.r });
    }
    return emit.apply(this, args);
  };
  Reflect.set(Worker.prototype, 'emit', listening);
}

/** Watches how late a timer of a millisecond comes by this thread's own doing, until the answer asks for the p99. */
function watchOwnDelay(): () => number {
  const waiting = openWaiting();
  const delays: number[] = [];
  let lastMs = performance.now();
  let lastWaitedMs = waiting.read();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const waitedMs = waiting.read();
    delays.push(Math.max(0, nowMs - lastMs - (waitedMs - lastWaitedMs) - 1));
    lastMs = nowMs;
    lastWaitedMs = waitedMs;
  }, 1);
  return () => {
    clearInterval(timer);
    waiting.close();
    return percentile(delays, 0.99);
  };
}

/** Each event has this field once. */
function countEvents(text: string): number {
  const field = '"receivedAt":';
  let count = 0;
  for (let at = text.indexOf(field); at >= 0; at = text.indexOf(field, at + field.length)) count++;
  return count;
}

function post(method: string, options: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session?.post(method, options, (error: Error | null, result?: object) =>
      error ? reject(error) : resolve(result),
    );
  });
}

const collectGarbage = (): void => {
  v8.setFlagsFromString('--expose-gc');
  (vm.runInNewContext('gc') as () => void)();
};

const calls: ProbeCalls = {
  activations: () => activations,
  beginDelay: () => {
    histogram = monitorEventLoopDelay({ resolution: 1 });
    histogram.enable();
    endOwnDelay = watchOwnDelay();
    return null;
  },
  endDelay: () => {
    if (!histogram) throw new Error('Nothing is being measured.');
    histogram.disable();
    // The timer's own period is no delay.
    const toMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 1);
    const delay = {
      p50: toMs(histogram.percentile(50)),
      p99: toMs(histogram.percentile(99)),
      max: toMs(histogram.max),
      samples: histogram.count,
      ownP99: endOwnDelay(),
    };
    histogram = null;
    return delay;
  },
  memory: () => {
    collectGarbage();
    return process.memoryUsage();
  },
  cpu: () => threadCpuMs() * 1000,
  takeAcknowledged: () => {
    const taken = acknowledged;
    acknowledged = [];
    return taken;
  },
  takeAcknowledgedCount: () => {
    const taken = acknowledged;
    acknowledged = [];
    return taken.reduce((sum, { text }) => sum + countEvents(text), 0);
  },
  beginProfile: async () => {
    session = new inspector.Session();
    session.connect();
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: 200 });
    await post('Profiler.start');
    return null;
  },
  endProfile: async ({ file }) => {
    const { profile } = (await post('Profiler.stop')) as { profile: unknown };
    fs.writeFileSync(file, JSON.stringify(profile));
    session?.disconnect();
    session = null;
    return null;
  },
  heapSnapshot: ({ file }) => {
    v8.writeHeapSnapshot(file);
    return null;
  },
};

function answerHttp(folder: string): void {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      Promise.resolve()
        .then(() => {
          const { method, options } = JSON.parse(body) as { method: keyof ProbeCalls; options: never };
          return calls[method](options);
        })
        .then(
          value => response.end(JSON.stringify({ value })),
          (error: unknown) => response.end(JSON.stringify({ error: String(error) })),
        );
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    fs.writeFileSync(path.join(folder, `${process.pid}.port`), String(port));
  });
  server.unref();
}

const folder = process.env['EVENTSUB_BENCH_PROBE'];
if (folder !== undefined && isMainThread && process.argv.includes('--type=extensionHost')) {
  watchActivations();
  watchWorkers();
  answerHttp(folder);
}
