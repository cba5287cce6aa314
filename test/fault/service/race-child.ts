import { createServer, type Server } from 'node:net';
import { createLeadership, type Leadership } from '../../../src/service/leadership';

/** What the race tells its processes. */
export type RaceOrder = { kind: 'go'; folder: string; witnessPort: number } | { kind: 'stop' };

/** What a process of the race tells. */
export type RaceReport =
  | { kind: 'ready' }
  | { kind: 'lead'; epoch: number }
  | { kind: 'follow'; epoch: number }
  | { kind: 'lost' }
  /** Another process held the lead at the same time: the witness' port was taken. */
  | { kind: 'twice'; epoch: number }
  | { kind: 'trouble'; message: string }
  | { kind: 'stopped' };

const silent = () => undefined;
let leadership: Leadership | null = null;
let witness: Server | null = null;

function report(message: RaceReport): void {
  process.send?.(message);
}

/** A port can be listened on once, and the system frees it with the process: it sees every moment of two leaders. */
function takeWitness(port: number, epoch: number): void {
  witness = createServer(socket => socket.destroy());
  witness.once('error', () => report({ kind: 'twice', epoch }));
  witness.listen(port, '127.0.0.1', () => report({ kind: 'lead', epoch }));
}

function dropWitness(): void {
  witness?.close();
  witness = null;
}

function go(folder: string, witnessPort: number): void {
  leadership = createLeadership({
    folder,
    extensionVersion: '1.0.0',
    logger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    onLead: epoch => takeWitness(witnessPort, epoch),
    // The token's place is taken by the first bytes: enough to see that the leader lives.
    onFollower: socket => socket.write('hello\n'),
    onFollow: (epoch, _record, socket) => {
      socket.once('data', () => report({ kind: 'follow', epoch }));
    },
    onLost: () => {
      dropWitness();
      report({ kind: 'lost' });
    },
    onTrouble: error => report({ kind: 'trouble', message: error.message }),
  });
  leadership.start();
}

async function stop(): Promise<void> {
  dropWitness();
  await leadership?.dispose();
  leadership = null;
  report({ kind: 'stopped' });
}

process.on('message', (order: RaceOrder) => {
  if (order.kind === 'go') go(order.folder, order.witnessPort);
  else void stop();
});
process.on('disconnect', () => process.exit(0));
report({ kind: 'ready' });
