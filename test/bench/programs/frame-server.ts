// A server as EventSub has it, in a process of its own: socket, subscriptions and validation, and frames that were
// made and packed in advance, so that sending them costs as little as can be.
import { createHash } from 'node:crypto';
import http from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { instant } from '../figures';
import { CHANNEL_ID, makeFrame, SUBSCRIPTION_ID } from '../follows';
import { serve } from '../program';

/** What the server can be asked. */
export interface FrameServerCalls {
  [name: string]: (argument: never) => unknown;
  /** Answers the port; keepalives are sent every ten seconds if asked for. */
  listen: (options: { keepalives: boolean }) => Promise<number>;
  /** Makes and packs frames. */
  prepare: (range: { from: number; count: number }) => number;
  /** Sends what was prepared to the newest socket; answers when the first byte went out. */
  send: (options: Record<string, never>) => Promise<number>;
  /** Makes and sends one frame; answers the instant right before. */
  sendOne: (options: { index: number; followedAtMs: number }) => number;
  /** Whether a socket is open. */
  isConnected: (options: Record<string, never>) => boolean;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CHUNK_BYTES = 64 * 1024;
const KEEPALIVE_MS = 10_000;

/** A text frame of RFC 6455 without a mask, as servers send. */
function pack(text: string): Buffer {
  const payload = Buffer.from(text);
  const length = payload.byteLength;
  const head =
    length < 126 ? Buffer.from([0x81, length]) : Buffer.from([0x81, 126, length >> 8, length & 255]);
  return Buffer.concat([head, payload]);
}

let sessionNumber = 0;
let open: { socket: Duplex; sessionId: string } | null = null;
let prepared: Buffer[] = [];
let hasKeepalives = false;

function metadata(type: string): Record<string, string> {
  return {
    message_id: `${type}-${String(instant())}`,
    message_type: type,
    message_timestamp: new Date().toISOString().replace('Z', '000000Z'),
  };
}

function welcome(request: http.IncomingMessage, socket: Duplex): void {
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  if (socket instanceof Socket) socket.setNoDelay(true);
  const sessionId = `session-${++sessionNumber}`;
  const mine = { socket, sessionId };
  open = mine;
  const asked = new URL(request.url ?? '/', 'http://x').searchParams.get('keepalive_timeout_seconds');
  const session = {
    id: sessionId,
    status: 'connected',
    connected_at: new Date().toISOString(),
    keepalive_timeout_seconds: hasKeepalives ? Number(asked ?? 10) : 600,
    reconnect_url: null,
  };
  socket.write(pack(JSON.stringify({ metadata: metadata('session_welcome'), payload: { session } })));
  const timer = hasKeepalives
    ? setInterval(() => {
        socket.write(pack(JSON.stringify({ metadata: metadata('session_keepalive'), payload: {} })));
      }, KEEPALIVE_MS)
    : null;
  // What the client says (pongs, its closing frame) does not matter here; only that it goes.
  socket.resume();
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    if ((bytes[0] ?? 0) === 0x88) socket.end();
  });
  socket.on('close', () => {
    if (timer) clearInterval(timer);
    if (open === mine) open = null;
  });
}

function answerJson(response: http.ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

interface SubscriptionRequest {
  type: string;
  version: string;
  condition: Record<string, string>;
  transport: { method: string; session_id: string };
}

function answer(request: http.IncomingMessage, body: string, response: http.ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://x');
  if (pathname === '/auth/validate') {
    answerJson(response, 200, {
      client_id: 'bench',
      login: 'cooler_user',
      scopes: ['moderator:read:followers'],
      user_id: CHANNEL_ID,
      expires_in: 14_000,
    });
    return;
  }
  if (pathname !== '/eventsub/subscriptions') {
    answerJson(response, 404, { status: 404, message: 'not found' });
    return;
  }
  const counts = { total: 1, total_cost: 0, max_total_cost: 10 };
  if (request.method !== 'POST') {
    answerJson(response, request.method === 'GET' ? 200 : 204, { data: [], pagination: {}, ...counts });
    return;
  }
  const { type, version, condition, transport } = JSON.parse(body) as SubscriptionRequest;
  const created_at = new Date().toISOString();
  const id = type === 'channel.follow' ? SUBSCRIPTION_ID : `${SUBSCRIPTION_ID}-${type}`;
  const created = { ...transport, connected_at: created_at };
  const data = [{ id, status: 'enabled', type, version, condition, created_at, transport: created, cost: 0 }];
  answerJson(response, 202, { data, ...counts });
}

async function send(chunks: readonly Buffer[]): Promise<number> {
  if (!open) throw new Error('No socket is open.');
  const { socket } = open;
  const startedAt = instant();
  for (const chunk of chunks) {
    if (!socket.write(chunk)) await new Promise(resolve => socket.once('drain', resolve));
  }
  return startedAt;
}

const calls: FrameServerCalls = {
  listen: async ({ keepalives }) => {
    hasKeepalives = keepalives;
    const server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => answer(request, body, response));
    });
    server.on('upgrade', (request, socket) => welcome(request, socket));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
  prepare: ({ from, count }) => {
    const sessionId = open?.sessionId ?? 'session-1';
    prepared = [];
    const nowMs = Date.now();
    let parts: Buffer[] = [];
    let bytes = 0;
    for (let index = from; index < from + count; index++) {
      const frame = pack(makeFrame(index, nowMs, sessionId));
      parts.push(frame);
      bytes += frame.byteLength;
      if (bytes < CHUNK_BYTES && index < from + count - 1) continue;
      prepared.push(Buffer.concat(parts));
      parts = [];
      bytes = 0;
    }
    return prepared.length;
  },
  send: () => send(prepared),
  sendOne: ({ index, followedAtMs }) => {
    if (!open) throw new Error('No socket is open.');
    const frame = pack(makeFrame(index, Date.now(), open.sessionId, followedAtMs));
    const sentAt = instant();
    open.socket.write(frame);
    return sentAt;
  },
  isConnected: () => open !== null,
};

serve(calls);
