import WebSocket, { type RawData } from 'ws';
import type { Cause } from '../shared/session-state';

/** A frame above this size is refused; Twitch's are below 10 kB. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** How long a polite close may take before the connection is cut. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * How long frames are read before everything else of this thread gets its turn, in milliseconds. Node reads up to
 * 2 MB from one socket in one turn of its loop: in a burst thousands of frames.
 */
const READ_MS = 2;

/** What an EventSub socket tells its owner. After `closed` nothing comes any more. */
export interface EventSocketListener {
  opened(): void;
  /** A text frame. */
  text(text: string): void;
  /** A frame that cannot be one of EventSub's; the sentence holds nothing of it. */
  odd(problem: string): void;
  closed(cause: Cause): void;
}

/** One WebSocket that only listens: nothing is ever sent but pongs and the closing handshake. */
export interface EventSocket {
  /** Begins the closing handshake; what comes until it ends is still told. Bounded to two seconds. */
  close(): void;
  /** Cuts the connection. */
  terminate(): void;
  /** Resolves when the connection is gone. */
  readonly ended: Promise<void>;
}

/**
 * Opens a WebSocket. Redirects are not followed, nothing is compressed, frames above 1 MiB end it with 1009.
 * Throws nothing: what fails is told by `closed`, whatever the URL.
 */
export function openEventSocket(
  url: string,
  handshakeTimeoutMs: number,
  listener: EventSocketListener,
): EventSocket {
  let socket: WebSocket;
  try {
    socket = new WebSocket(url, {
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: MAX_PAYLOAD_BYTES,
      handshakeTimeout: handshakeTimeoutMs,
      ...({ closeTimeout: CLOSE_TIMEOUT_MS } satisfies { closeTimeout: number }),
    });
  } catch {
    queueMicrotask(() =>
      listener.closed({ kind: 'unreachable', message: 'The address is not one of a WebSocket.' }),
    );
    return { close: nothing, terminate: nothing, ended: Promise.resolve() };
  }
  return listen(socket, listener);
}

/** The address of a fresh session with the keepalive timeout that is asked for (Twitch, "Connecting"). */
export function withKeepalive(websocketUrl: string, seconds: number): string {
  const url = new URL(websocketUrl);
  url.searchParams.set('keepalive_timeout_seconds', String(seconds));
  return url.href;
}

function listen(socket: WebSocket, listener: EventSocketListener): EventSocket {
  let hasOpened = false;
  let failure: string | null = null;
  const takeTurns = createTurnTaking(socket);
  socket.on('open', () => {
    hasOpened = true;
    listener.opened();
  });
  socket.on('message', (data: RawData, isBinary: boolean) => {
    takeTurns();
    if (isBinary) listener.odd('A frame was binary.');
    else listener.text(toText(data));
  });
  // Without a listener an upgrade that is answered by HTTP would be an uncaught error.
  socket.on('unexpected-response', (request, response) => {
    failure ??= `The server answered with HTTP ${response.statusCode ?? 0} instead of a WebSocket.`;
    request.destroy();
    socket.terminate();
  });
  socket.on('error', (error: Error & { code?: string }) => {
    if (error.code?.startsWith('WS_ERR_') && hasOpened) {
      listener.odd(
        error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
          ? 'A frame was larger than 1 MiB.'
          : `A frame broke the WebSocket protocol (${error.code}).`,
      );
    }
    failure ??= describe(error);
  });
  const ended = new Promise<void>(resolve => {
    socket.on('close', (code, reason) => {
      resolve();
      listener.closed(
        hasOpened
          ? { kind: 'closed', code, reason: reason.toString().slice(0, 123) }
          : { kind: 'unreachable', message: failure ?? 'The connection could not be opened.' },
      );
    });
  });
  return { close: () => socket.close(1000), terminate: () => socket.terminate(), ended };
}

/** Called with every frame: stops reading for the rest of a turn in which frames have had their time. */
function createTurnTaking(socket: WebSocket): () => void {
  let turnEndsAt: number | null = null;
  const endTurn = (): void => {
    turnEndsAt = null;
    if (socket.isPaused) socket.resume();
  };
  return () => {
    const nowMs = performance.now();
    if (turnEndsAt === null) {
      turnEndsAt = nowMs + READ_MS;
      // Not in this turn of the loop: what is read after `resume` would come on top of what was.
      setImmediate(() => setImmediate(endTurn));
    } else if (nowMs > turnEndsAt && !socket.isPaused) socket.pause();
  };
}

function toText(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString();
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)).toString();
}

/** A connection error in words; several addresses tried give an error without any of its own. */
function describe(error: Error & { code?: string }): string {
  const message = error.message || error.code || 'The connection failed.';
  return message.slice(0, 300);
}

function nothing(): void {
  // There is no connection.
}
