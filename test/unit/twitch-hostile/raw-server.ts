import { createHash, randomUUID } from 'node:crypto';
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Peer, type Home } from './raw-peer';

/** A subscription as Helix lists it. */
export interface Listed {
  id: string;
  status: string;
  type: string;
  version: string;
  cost: number;
  condition: Record<string, string>;
  created_at: string;
  transport: { method: string; session_id: string; connected_at?: string; disconnected_at?: string };
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  text: string;
  response: http.ServerResponse;
}

/** A Twitch of our own making on 127.0.0.1, written from Twitch's documents alone. */
export class RawServer implements Home {
  readonly peers: Peer[] = [];
  readonly asked: Asked[] = [];
  readonly subscriptions = new Map<string, Listed>();
  /** What is done with a socket that connects. */
  greet: (peer: Peer) => void = peer => peer.welcome();
  /** What is done before the upgrade; true: it was dealt with. */
  door: (socket: Duplex, url: string) => boolean = () => false;
  /** Asked first for every request; true: it was answered, or never will be. */
  script: (asked: Asked) => boolean = () => false;
  /** Milliseconds that this server's clock is off. */
  offMs = 0;
  /** How many sockets, neither closed nor closing, there were at most. */
  mostOpen = 0;
  readonly #sessions = new Map<string, Peer>();
  readonly #connections = new Set<Socket>();
  readonly #server = http.createServer((request, response) => this.#serve(request, response));
  origin = '';

  async start(): Promise<this> {
    this.#server.on('connection', socket => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    this.origin = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get open(): Peer[] {
    return this.peers.filter(peer => peer.isOpen);
  }

  peer(index: number): Peer {
    const peer = this.peers.at(index);
    if (!peer) throw new Error(`There is no socket ${index}.`);
    return peer;
  }

  posts(): string[] {
    return this.asked.filter(({ method }) => method === 'POST').map(({ text }) => typeOf(text));
  }

  enabled(): Listed[] {
    return [...this.subscriptions.values()].filter(({ status }) => status === 'enabled');
  }

  timestamp(): string {
    return new Date(Date.now() + this.offMs).toISOString().replace('Z', '000001Z');
  }

  admit(id: string, peer: Peer): void {
    peer.session = id;
    this.#sessions.set(id, peer);
  }

  /** Whether the socket of a session is still there. */
  isHeld(session: string): boolean {
    return this.#sessions.get(session)?.isGone === false;
  }

  retire(session: string): void {
    if (this.#sessions.get(session)?.isGone !== true) return;
    for (const each of this.subscriptions.values()) {
      if (each.transport.session_id !== session || each.status !== 'enabled') continue;
      each.status = 'websocket_disconnected';
      each.transport.disconnected_at = this.timestamp();
    }
  }

  /** The subscriptions of one session go on with another, as in a move. */
  carry(from: string, to: string): void {
    for (const { transport, status } of this.subscriptions.values()) {
      if (status === 'enabled' && transport.session_id === from) transport.session_id = to;
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }

  answer(response: http.ServerResponse, status: number, body?: unknown, headers = {}): true {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body));
    return true;
  }

  fail(response: http.ServerResponse, status: number, message: string): true {
    return this.answer(response, status, { error: 'x', status, message });
  }

  #upgrade(request: http.IncomingMessage, socket: Duplex): void {
    const url = request.url ?? '';
    socket.on('error', () => socket.destroy());
    if (this.door(socket, url)) return;
    const key = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const peer = new Peer(url, socket, this);
    this.peers.push(peer);
    this.mostOpen = Math.max(this.mostOpen, this.open.length);
    this.greet(peer);
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    let text = '';
    request.on('data', chunk => (text += String(chunk)));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://x');
      const { method = '', headers } = request;
      const asked = { method, path: url.pathname, query: url.searchParams, headers, text, response };
      this.asked.push(asked);
      if (!this.script(asked)) this.work(asked);
    });
  }

  /** The documented answer (TWITCH.md 1.5). */
  work({ method, query, text, response }: Asked): true {
    if (method === 'DELETE') {
      return this.subscriptions.delete(query.get('id') ?? '')
        ? this.answer(response, 204)
        : this.fail(response, 404, 'The subscription was not found.');
    }
    if (method === 'GET') {
      const data = [...this.subscriptions.values()];
      return this.answer(response, 200, { data, total: data.length, pagination: {} });
    }
    if (this.#sessions.get((JSON.parse(text) as Listed).transport.session_id)?.isOpen !== true) {
      const message = 'websocket transport session does not exist or has already disconnected';
      return this.fail(response, 400, message);
    }
    if (!this.isFree(text)) return this.fail(response, 409, 'subscription already exists');
    const data = [this.make(text)];
    return this.answer(response, 202, { data, total: 1, total_cost: 0, max_total_cost: 10 });
  }

  /** Whether the type that a request asks for does not live on its session yet. */
  isFree(text: string): boolean {
    const { type, transport } = JSON.parse(text) as Listed;
    return !this.enabled().some(
      each => each.type === type && each.transport.session_id === transport.session_id,
    );
  }

  /** Creates what a request asks for. */
  make(text: string): Listed {
    const { type, version, condition, transport } = JSON.parse(text) as Listed;
    const created: Listed = {
      id: randomUUID(),
      status: 'enabled',
      type,
      version,
      cost: 0,
      condition,
      created_at: this.timestamp(),
      transport: { ...transport, connected_at: this.timestamp() },
    };
    this.subscriptions.set(created.id, created);
    return created;
  }
}

/** The type that a creation asks for. */
export function typeOf(text: string): string {
  return (JSON.parse(text) as { type: string }).type;
}
