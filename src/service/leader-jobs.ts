import type { Disposable, ExportRequest, SimulateRequest } from '../shared/service';
import type { JobContext } from './job-registry';
import type { NetworkPart } from './network-part';
import type { SimulatorPort } from './simulator-port';
import type { Database } from './storage-part';

type JobResult = Promise<{ message: string; count: number }>;

/** Who waits for the progress of which export. */
export interface ExportListeners {
  listen(id: string, onProgress: (done: number, total: number) => void): Disposable;
  tell(id: string, done: number, total: number): void;
}

/** Makes an empty list of listeners. */
export function createExportListeners(): ExportListeners {
  const listeners = new Map<string, (done: number, total: number) => void>();
  return {
    listen: (id, onProgress) => {
      listeners.set(id, onProgress);
      return { dispose: () => void listeners.delete(id) };
    },
    tell: (id, done, total) => listeners.get(id)?.(done, total),
  };
}

/** Writes events to the file that the person chose. */
export async function runExport(
  data: Database,
  listeners: ExportListeners,
  request: ExportRequest,
  { id, signal, report }: JobContext,
): JobResult {
  const cancel = (): void => {
    // Where it cannot be cancelled any more it ends by itself.
    data.cancelExport(id).catch(() => undefined);
  };
  const listener = listeners.listen(id, (done, total) =>
    report({ kind: 'running', done, total, message: '' }),
  );
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const { count } = await data.exportEvents(id, request.format, request.filter, request.path);
    return { message: request.path, count };
  } finally {
    listener.dispose();
    signal.removeEventListener('abort', cancel);
  }
}

/** Sends simulated events through the real socket. */
export async function runSimulation(
  simulator: SimulatorPort,
  request: SimulateRequest,
  { signal, report }: JobContext,
): JobResult {
  const onProgress = (done: number, total: number): void =>
    report({ kind: 'running', done, total, message: '' });
  return { message: '', count: await simulator.send(request, { signal, onProgress }) };
}

/** Runs every poll now. */
export async function runRefresh(network: NetworkPart, { signal, report }: JobContext): JobResult {
  const { recovered } = await network.pollAll(signal, (done, total) =>
    report({ kind: 'running', done, total, message: '' }),
  );
  return { message: '', count: recovered };
}
