import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { hasCode } from './epoch-files';

const FOLDER_PREFIX = 'evsub-';
const SOCKET_NAME = 's';
/** A longer path is cut silently by the system (104 bytes on macOS, 108 on Linux). */
const LONGEST_PATH_BYTES = 100;

/** A local server that only this user can reach. */
export interface LocalServer {
  readonly address: string;
  readonly server: Server;
  /** Stops listening and removes what it left in the file system. Connections stay. */
  close(): Promise<void>;
}

/** Listens on a short random address: a socket in a folder of its own (0700), or a named pipe on Windows. */
export async function listenLocally(onConnection: (socket: Socket) => void): Promise<LocalServer> {
  const server = createServer(onConnection);
  const address = await makeAddress();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  if (process.platform !== 'win32') await chmod(address, 0o600);
  return {
    address,
    server,
    close: async () => {
      await new Promise<void>(resolve => {
        if (server.listening) server.close(() => resolve());
        else resolve();
        // `close` waits for the connections, which are others' to end.
        setImmediate(resolve);
      });
      await removeAddress(address);
    },
  };
}

/** What came of knocking at an address. */
export type Knock =
  | { kind: 'open'; socket: Socket }
  /** Surely nobody listens there any more. */
  | { kind: 'refused' }
  /** The address does not exist: its process is gone, or something removed the socket's file. */
  | { kind: 'missing' }
  /** Somebody may be there. */
  | { kind: 'unclear'; error: Error };

/** Connects to an address. A process that is stopped still accepts: the system does it in its place. */
export function knock(address: string): Promise<Knock> {
  return new Promise(resolve => {
    const socket = createConnection(address);
    const onError = (error: Error): void => {
      socket.destroy();
      if (hasCode(error, 'ECONNREFUSED', 'ENOTSOCK')) resolve({ kind: 'refused' });
      else if (hasCode(error, 'ENOENT', 'ENOTDIR')) resolve({ kind: 'missing' });
      else resolve({ kind: 'unclear', error });
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      resolve({ kind: 'open', socket });
    });
  });
}

/** Removes what a dead server left in the file system; touches nothing that is not of our making. */
export async function removeAddress(address: string): Promise<void> {
  const folder = dirname(address);
  const isOurs = basename(address) === SOCKET_NAME && basename(folder).startsWith(FOLDER_PREFIX);
  if (process.platform === 'win32' || !isOurs) return;
  try {
    await rm(address, { force: true });
    await rmdir(folder);
  } catch (error: unknown) {
    // Another window cleans up as well, or the folder is another user's.
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EACCES', 'EPERM')) throw error;
  }
}

/** Whether a process of that id runs; true where that cannot be known. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return !hasCode(error, 'ESRCH');
  }
}

async function makeAddress(): Promise<string> {
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\eventsub-live-${randomBytes(16).toString('hex')}`;
  }
  const longest = Buffer.byteLength(join(tmpdir(), `${FOLDER_PREFIX}XXXXXX`, SOCKET_NAME));
  const parent = longest <= LONGEST_PATH_BYTES ? tmpdir() : '/tmp';
  return join(await mkdtemp(join(parent, FOLDER_PREFIX)), SOCKET_NAME);
}
