// Without the `node:` prefix: that is how VS Code hands out the patched modules that know its proxy settings.
import * as http from 'http';
import * as https from 'https';
import type { Disposable } from '../shared/service';
import type { Clock } from './clock';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** From the call to the last byte of the answer, in milliseconds. */
  timeoutMs: number;
  /** A longer answer is an error. */
  maxBytes: number;
  signal: AbortSignal;
}

/** What the server answered, whatever the status; redirects are not followed. */
export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

export type HttpErrorKind = 'cancelled' | 'timeout' | 'unreachable' | 'lost' | 'tooLarge';

/** No usable answer came. Its message names the cause and never the URL's query, a header or the body. */
export class HttpError extends Error {
  constructor(
    readonly kind: HttpErrorKind,
    message: string,
    /** False only if it is certain that the server saw nothing of the request. */
    readonly wasSent: boolean,
  ) {
    super(message);
    this.name = 'HttpError';
  }
}

/** Makes one request. Rejections are `HttpError`s. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export interface HttpTransport extends Disposable {
  send: Send;
}

/**
 * Makes a transport over `http` and `https`, which leave a third of what `fetch` leaves in memory over a long list.
 * `isKeptAlive`: connections are used again; not for requests that must not be made twice, because a connection
 * that the server has just closed cannot be told from a lost answer. `dispose` ends idle connections.
 */
export function createHttpTransport(options: { clock: Clock; isKeptAlive: boolean }): HttpTransport {
  const settings = { keepAlive: true, maxSockets: 4 };
  const agents = options.isKeptAlive
    ? { http: new http.Agent(settings), https: new https.Agent(settings) }
    : { http: false as const, https: false as const };
  const sendOnce = (request: HttpRequest): Promise<HttpResponse> => exchange(request, agents, options.clock);
  return {
    send: async request => {
      try {
        return await sendOnce(request);
      } catch (error: unknown) {
        if (!(error instanceof StaleConnection)) throw error;
        return sendOnce(request);
      }
    },
    dispose: () => {
      if (agents.http) agents.http.destroy();
      if (agents.https) agents.https.destroy();
    },
  };
}

/** A kept connection turned out to be closed; a GET can simply be made again. */
class StaleConnection extends HttpError {}

interface Agents {
  http: http.Agent | false;
  https: https.Agent | false;
}

function exchange(request: HttpRequest, agents: Agents, clock: Clock): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const url = new URL(request.url);
    const isTls = url.protocol === 'https:';
    const headers = {
      'Accept-Encoding': 'identity',
      ...request.headers,
      ...(request.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(request.body)) }),
    };
    const outgoing = isTls
      ? https.request(url, { method: request.method, headers, agent: agents.https })
      : http.request(url, { method: request.method, headers, agent: agents.http });
    let wasSent = false;
    let isOver = false;

    const finish = (outcome: HttpError | HttpResponse): void => {
      if (isOver) return;
      isOver = true;
      timer.dispose();
      request.signal.removeEventListener('abort', onAbort);
      if (outcome instanceof HttpError) {
        // Whatever else this connection says is of no interest; without a listener it would be thrown.
        outgoing.on('error', () => undefined);
        outgoing.destroy();
        reject(outcome);
      } else resolve(outcome);
    };
    const onAbort = (): void => finish(new HttpError('cancelled', 'The request was cancelled.', wasSent));
    const onError = (error: Error): void => finish(describeFailure(error, outgoing, request, wasSent));
    const timer = clock.setTimer(request.timeoutMs, () => {
      const kind = wasSent ? 'timeout' : 'unreachable';
      finish(
        new HttpError(kind, `${url.host} did not answer within ${request.timeoutMs / 1000} s.`, wasSent),
      );
    });

    outgoing.on('socket', socket => {
      if (socket.connecting) socket.once(isTls ? 'secureConnect' : 'connect', () => (wasSent = true));
      else wasSent = true;
    });
    outgoing.on('error', onError);
    outgoing.on('response', incoming => collect(incoming, request, url.host, finish, onError));
    if (request.signal.aborted) onAbort();
    else {
      request.signal.addEventListener('abort', onAbort, { once: true });
      outgoing.end(request.body);
    }
  });
}

function collect(
  incoming: http.IncomingMessage,
  request: HttpRequest,
  host: string,
  finish: (outcome: HttpError | HttpResponse) => void,
  onError: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > request.maxBytes) {
      finish(new HttpError('tooLarge', `${host} answered with more than ${request.maxBytes} bytes.`, true));
      return;
    }
    chunks.push(chunk);
  });
  incoming.on('error', onError);
  incoming.on('end', () => {
    finish({
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    });
  });
}

function describeFailure(
  error: Error,
  outgoing: http.ClientRequest,
  request: HttpRequest,
  wasSent: boolean,
): HttpError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const host = new URL(request.url).host;
  if (!wasSent) return new HttpError('unreachable', `${host} cannot be reached (${code}).`, false);
  const message = `The connection to ${host} broke before the answer came (${code}).`;
  if (outgoing.reusedSocket && request.method === 'GET') return new StaleConnection('lost', message, true);
  return new HttpError('lost', message, true);
}
