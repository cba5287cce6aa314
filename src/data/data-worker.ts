import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { promisify } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { brotliDecompress } from 'node:zlib';
import { openChannel } from '../shared/rpc';
import { DataEngine } from './data-engine';
import { createNodeFiles } from './file-layer';
import { WORKER_CALLS, type WorkerCalls, type WorkerPushes, type WorkerStart } from './worker-protocol';

/** How much this thread stands back for others: see `setpriority(2)`, where 19 is the most. */
const NICENESS = 10;

/** SQLite's code; what is installed has it packed, because it is half of the whole. */
async function readWasm(file: string): Promise<Uint8Array> {
  const packed = `${file}.br`;
  return existsSync(packed) ? promisify(brotliDecompress)(await readFile(packed)) : readFile(file);
}

/**
 * Lets the editor have the processor first: a burst can wait, what is typed cannot. Only Linux tells threads apart;
 * elsewhere this would hold up the whole extension host.
 */
function standBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(NICENESS);
  } catch {
    // A system may forbid it; everything works without.
  }
}

/** The worker's entry: joins the engine to the thread that started it. */
function main(): void {
  const port = parentPort;
  if (!port) throw new Error('This file runs as a worker thread.');
  standBack();
  const { wasmPath } = workerData as WorkerStart;
  const pushes: WorkerPushes = {
    recordedText: text => channel.tell('recordedText', text),
    storageChanged: status => channel.tell('storageChanged', status),
    exportProgress: (id, done, total) => channel.tell('exportProgress', id, done, total),
    notice: message => channel.tell('notice', message),
    failed: error => channel.tell('failed', error),
  };
  const engine = new DataEngine({
    files: createNodeFiles(),
    loadWasm: () => readWasm(wasmPath),
    pushes,
    onFatal: error => {
      // Thrown outside any promise, it ends the thread; the host starts the next one.
      setImmediate(() => {
        throw error;
      });
    },
  });
  const channel = openChannel<WorkerPushes, WorkerCalls>({
    port: {
      post: message => port.postMessage(message),
      listen: listener => port.on('message', listener),
    },
    handlers: engine,
    callable: WORKER_CALLS,
    timeoutMs: 0,
    onProtocolError: error => channel.tell('notice', `data worker: ${error.message}`),
  });
}

main();
