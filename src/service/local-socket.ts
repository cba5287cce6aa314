import type { Socket } from 'node:net';
import type { Port } from '../shared/rpc';

/** What windows send to the one that leads: calls with small arguments. */
export const MAX_CALL_BYTES = 1024 * 1024;
/** What the leading window sends: pages, exports' progress, whole statuses. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Above this much unread output nothing is pushed any more, and no further call is read. */
const CONGESTED_BYTES = 1024 * 1024;
/** Above this much the other side is given up: it asks and never reads. */
const HOPELESS_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface LinePortOptions {
  socket: Socket;
  /** A longer line is reported and left out. */
  maxLineBytes: number;
  /** Hears of lines that are no JSON or too long; the port goes on with the next line. */
  onBadLine: (error: Error) => void;
  /** The other side has caught up after `isCongested` was true. */
  onCaughtUp?: () => void;
}

/** JSON lines over a local socket. */
export interface LinePort extends Port {
  /** Whether the other side reads too slowly: leave out what it can ask for later. */
  readonly isCongested: boolean;
  /** Ends the connection at once. Idempotent. */
  close(): void;
}

/** Carries messages as JSON lines; what the other side sends can neither throw nor grow memory without bound. */
export function openLinePort(options: LinePortOptions): LinePort {
  const { socket, maxLineBytes, onBadLine, onCaughtUp } = options;
  let wasCongested = false;

  const noteCongestion = (): void => {
    if (socket.writableLength > HOPELESS_BYTES) {
      socket.destroy(new Error('The other window asks and does not read.'));
      return;
    }
    if (wasCongested || socket.writableLength <= CONGESTED_BYTES) return;
    wasCongested = true;
    socket.pause();
  };
  const onDrain = (): void => {
    if (!wasCongested) return;
    wasCongested = false;
    socket.resume();
    onCaughtUp?.();
  };
  socket.on('drain', onDrain);

  return {
    get isCongested() {
      return wasCongested || socket.writableLength > CONGESTED_BYTES;
    },
    post: message => {
      if (socket.destroyed || socket.writableEnded) return;
      socket.write(`${JSON.stringify(message)}\n`);
      noteCongestion();
    },
    listen: listener => {
      const splitter = createLineSplitter(maxLineBytes, onBadLine, line => {
        let message: unknown;
        try {
          message = JSON.parse(line);
        } catch (error: unknown) {
          onBadLine(new Error('A line is not JSON.', { cause: error }));
          return;
        }
        listener(message);
      });
      socket.on('data', splitter);
    },
    close: () => socket.destroy(),
  };
}

/** Cuts a stream of bytes into lines of UTF-8 text; a line that is too long is skipped to its end and reported once. */
export function createLineSplitter(
  maxLineBytes: number,
  onBadLine: (error: Error) => void,
  onLine: (line: string) => void,
): (chunk: Uint8Array) => void {
  let parts: Uint8Array[] = [];
  let length = 0;
  let isSkipping = false;

  const take = (part: Uint8Array): void => {
    if (isSkipping) return;
    if (length + part.length > maxLineBytes) {
      isSkipping = true;
      parts = [];
      length = 0;
      onBadLine(new Error(`A line is longer than ${maxLineBytes} bytes.`));
      return;
    }
    if (part.length === 0) return;
    parts.push(part);
    length += part.length;
  };
  const finish = (): void => {
    const line = isSkipping ? '' : Buffer.concat(parts, length).toString('utf8');
    isSkipping = false;
    parts = [];
    length = 0;
    if (line.trim() !== '') onLine(line);
  };

  return chunk => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      finish();
      start = end + 1;
    }
    take(chunk.subarray(start));
  };
}
