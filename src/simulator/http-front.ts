import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../shared/service';
import type { FaultRegister, HttpAnswer, Route } from './faults';
import type { TimerGroup } from './simulator-clock';

/** A request whose path starts with the simulator's random token, which is cut off. */
export interface SimulatorRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What an endpoint answers. Errors are written in the form of the API that the endpoint belongs to. */
export type Answer =
  | { kind: 'json'; status: number; body: unknown; headers?: Record<string, string> }
  | { kind: 'page'; status: number; html: string }
  | { kind: 'empty'; status: number; headers?: Record<string, string> }
  | { kind: 'error'; status: number; message: string; headers?: Record<string, string> };

/** One endpoint. `route` names it for faults; null: no fault ever hits it. */
export interface Endpoint {
  method: string;
  path: string;
  route: Route | null;
  /** Helix errors carry the status' name, those of id.twitch.tv do not. */
  errors: 'helix' | 'oauth';
  handle(request: SimulatorRequest): Answer | Promise<Answer>;
}

/** An error answer. */
export function refuse(status: number, message: string): Answer & { kind: 'error' } {
  return { kind: 'error', status, message };
}

export interface HttpFrontDeps {
  prefix: string;
  faults: FaultRegister;
  timers: TimerGroup;
  logger: Logger | null;
  /** Unix seconds by the server's own clock. */
  nowSeconds: () => number;
  pointsPerMinute: number;
}

const MAX_BODY = 256 * 1024;

/** The one HTTP server: only for this machine, only below its random path. */
export class HttpFront {
  readonly #server: Server;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #counts: Record<string, number> = {};
  readonly #deps: HttpFrontDeps;

  constructor(deps: HttpFrontDeps) {
    this.#deps = deps;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        deps.logger?.error(`Simulator: ${String(error)}`);
        response.destroy();
      });
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  add(endpoint: Endpoint): void {
    this.#endpoints.set(`${endpoint.method} ${endpoint.path}`, endpoint);
  }

  /** Hands over upgrades whose Host and token are right; the path is given without the token. */
  onUpgrade(accept: (request: IncomingMessage, socket: Duplex, head: Buffer, path: string) => void): void {
    this.#server.on('upgrade', (request, socket, head) => {
      const path = this.#pathOf(request);
      if (path !== null) accept(request, socket, head, path);
      else endUpgrade(socket, isLocalHost(request) ? 404 : 403);
    });
  }

  /** Answers the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  counts(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** The path and query below the token; null where Host or token are wrong. */
  #pathOf(request: IncomingMessage): string | null {
    const url = request.url ?? '/';
    const { prefix } = this.#deps;
    return isLocalHost(request) && url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : null;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = this.#pathOf(request);
    if (path === null) {
      const status = isLocalHost(request) ? 404 : 403;
      write(response, refuse(status, ''), 'helix');
      request.resume();
      return;
    }
    const body = await readBody(request);
    if (body === null) {
      write(response, refuse(413, ''), 'helix');
      return;
    }
    const url = new URL(path, 'http://127.0.0.1');
    const endpoint = this.#endpoints.get(`${request.method ?? ''} ${url.pathname}`);
    if (!endpoint) {
      write(response, refuse(404, ''), url.pathname.startsWith('/oauth2') ? 'oauth' : 'helix');
      return;
    }
    if (endpoint.route) this.#counts[endpoint.route] = (this.#counts[endpoint.route] ?? 0) + 1;
    const parsed: SimulatorRequest = {
      method: endpoint.method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    const fault = endpoint.route ? this.#takeFault(endpoint.route, body) : null;
    if (fault) return this.#answerWrongly(fault, endpoint, parsed, response);
    write(response, await endpoint.handle(parsed), endpoint.errors);
  }

  #takeFault(route: Route, body: string): HttpAnswer | null {
    const fault = this.#deps.faults.take(
      'http',
      ({ route: faulty, type }) => faulty === route && (type === undefined || body.includes(`"${type}"`)),
    );
    return fault?.answer ?? null;
  }

  async #answerWrongly(
    fault: HttpAnswer,
    endpoint: Endpoint,
    request: SimulatorRequest,
    response: ServerResponse,
  ): Promise<void> {
    switch (fault.kind) {
      case 'status': {
        write(response, refuse(fault.status, fault.message ?? ''), endpoint.errors);
        return;
      }
      case 'rateLimited': {
        const headers = {
          'Ratelimit-Limit': String(this.#deps.pointsPerMinute),
          'Ratelimit-Remaining': '0',
          'Ratelimit-Reset': String(Math.ceil(this.#deps.nowSeconds() + fault.resetAfterSeconds)),
        };
        write(response, { ...refuse(429, 'Too Many Requests'), headers }, endpoint.errors);
        return;
      }
      case 'slow':
        await this.#deps.timers.wait(fault.ms);
        {
          write(response, await endpoint.handle(request), endpoint.errors);
          return;
        }
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'lostAnswer':
        await endpoint.handle(request);
        response.socket?.resetAndDestroy();
        return;
      case 'hang':
        return;
      case 'body':
        response.writeHead(fault.status, { 'Content-Type': 'application/json; charset=utf-8' });
        response.end(fault.body);
    }
  }
}

/** Ends an upgrade that is not accepted with a plain HTTP answer. */
export function endUpgrade(socket: Duplex, status: number): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`;
  socket.end(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

function write(response: ServerResponse, answer: Answer, errors: Endpoint['errors']): void {
  if (response.destroyed) return;
  const headers = answer.kind === 'page' ? {} : (answer.headers ?? {});
  switch (answer.kind) {
    case 'empty':
      response.writeHead(answer.status, headers).end();
      return;
    case 'page':
      response
        .writeHead(answer.status, {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
          'Referrer-Policy': 'no-referrer',
        })
        .end(answer.html);
      return;
    case 'json':
    case 'error': {
      const body = answer.kind === 'json' ? answer.body : toErrorBody(answer.status, answer.message, errors);
      response
        .writeHead(answer.status, { ...headers, 'Content-Type': 'application/json; charset=utf-8' })
        .end(JSON.stringify(body));
    }
  }
}

function toErrorBody(status: number, message: string, errors: Endpoint['errors']): unknown {
  return errors === 'oauth' ? { status, message } : { error: STATUS_CODES[status] ?? '', status, message };
}

/** Keeps web pages that rebind a name of their own to 127.0.0.1 out. */
function isLocalHost(request: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '');
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
