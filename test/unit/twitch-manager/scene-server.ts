import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** What a socket that connects is met with. */
export type Reception =
  | { kind: 'welcome'; keepaliveSeconds?: number | null; sessionId?: string; extra?: object }
  | { kind: 'noWelcome' }
  | { kind: 'handshakeHangs' }
  | { kind: 'http'; status: number }
  | { kind: 'close'; code: number };

/** One socket as the server sees it. */
export interface ServedSocket {
  socket: WebSocket;
  url: string;
  sessionId: string;
  /** What the client sent besides pongs and the closing handshake: must stay empty. */
  inbound: string[];
  closeCode: number | null;
}

/** One subscription in the server's list. */
export interface ServedSubscription {
  id: string;
  status: string;
  type: string;
  version: string;
  cost: number;
  condition: Record<string, string>;
  created_at: string;
  transport: { method: string; session_id: string; connected_at?: string; disconnected_at?: string };
}

export interface ServedRequest {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: {
    type: string;
    version: string;
    condition: Record<string, string>;
    transport: { session_id: string };
  } | null;
}

/** An answer that stands in for the normal one; `null` status: the connection is reset after the work is done. */
export interface Reply {
  status: number | null;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A server of one test, on 127.0.0.1, that plays what the test says. */
export interface SceneServer {
  websocketUrl: string;
  subscriptionsUrl: string;
  sockets: ServedSocket[];
  requests: ServedRequest[];
  subscriptions: ServedSubscription[];
  /** How the next sockets are met, in order; afterwards with a welcome. */
  receptions: Reception[];
  keepaliveSeconds: number;
  /** Asked for every request before the normal answer; undefined: the normal one. */
  answer: (request: ServedRequest) => Reply | undefined;
  /** Milliseconds that the server's clock is off. */
  clockOffMs: number;
  pageSize: number;
  creates(): string[];
  send(served: ServedSocket, type: string, payload: unknown, metadata?: object): void;
  notify(served: ServedSocket, type: string, event: object, metadata?: object): void;
  close(): Promise<void>;
}

/** Starts a server with Twitch's shapes. */
export async function startSceneServer(): Promise<SceneServer> {
  let count = 0;
  const connections = new Set<Socket>();
  const webSockets = new WebSocketServer({ noServer: true });
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', chunk => (text += String(chunk)));
    request.on('end', () => respond(request, response, text));
  });
  const scene: SceneServer = {
    websocketUrl: '',
    subscriptionsUrl: '',
    sockets: [],
    requests: [],
    subscriptions: [],
    receptions: [],
    keepaliveSeconds: 60,
    answer: () => undefined,
    clockOffMs: 0,
    pageSize: 2,
    creates: () =>
      scene.requests.filter(({ method }) => method === 'POST').map(({ body }) => body?.type ?? ''),
    send: (served, type, payload, metadata = {}) => {
      const message_timestamp = new Date(Date.now() + scene.clockOffMs).toISOString().replace('Z', '123456Z');
      const message_id = `message-${++count}`;
      const all = { message_id, message_type: type, message_timestamp, ...metadata };
      served.socket.send(JSON.stringify({ metadata: all, payload }));
    },
    notify: (served, type, event, metadata = {}) => {
      const known = scene.subscriptions.find(each => each.type === type);
      const subscription = known ?? { id: 'elsewhere', status: 'enabled', type, version: '1', cost: 0 };
      scene.send(served, 'notification', { subscription, event }, { subscription_type: type, ...metadata });
    },
    close: async () => {
      for (const { socket } of scene.sockets) socket.terminate();
      for (const connection of connections) connection.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };

  const respond = (request: http.IncomingMessage, response: http.ServerResponse, text: string): void => {
    const served: ServedRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: text === '' ? null : (JSON.parse(text) as ServedRequest['body']),
    };
    scene.requests.push(served);
    const instead = scene.answer(served);
    const reply = instead?.status === null || !instead ? work(served) : instead;
    if (instead?.status === null) {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status ?? 500, { 'Content-Type': 'application/json', ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  };

  const work = ({ method, url, body }: ServedRequest): Reply => {
    const query = new URL(url, 'http://x').searchParams;
    if (method === 'DELETE') {
      const index = scene.subscriptions.findIndex(each => each.id === query.get('id'));
      if (index < 0) return { status: 404, body: { error: 'Not Found', status: 404, message: 'not found' } };
      scene.subscriptions.splice(index, 1);
      return { status: 204 };
    }
    if (method === 'GET') {
      const from = Number(query.get('after') ?? 0);
      const data = scene.subscriptions.slice(from, from + scene.pageSize);
      const isLast = from + scene.pageSize >= scene.subscriptions.length;
      const pagination = isLast ? {} : { cursor: String(from + scene.pageSize) };
      return { status: 200, body: { data, pagination, total: scene.subscriptions.length } };
    }
    if (!body) return { status: 400, body: { error: 'Bad Request', status: 400, message: 'no body' } };
    const created: ServedSubscription = {
      id: `subscription-${++count}`,
      status: 'enabled',
      type: body.type,
      version: body.version,
      cost: 0,
      condition: body.condition,
      created_at: '2026-11-29T12:00:00.123456789Z',
      transport: { method: 'websocket', session_id: body.transport.session_id },
    };
    scene.subscriptions.push(created);
    return { status: 202, body: { data: [created], total: 1, total_cost: 0, max_total_cost: 10 } };
  };

  server.on('connection', connection => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => connection.destroy());
  });
  server.on('upgrade', (request, connection, head) => {
    const reception = scene.receptions.shift() ?? { kind: 'welcome' };
    if (reception.kind === 'handshakeHangs') return;
    if (reception.kind === 'http') {
      connection.end(`HTTP/1.1 ${reception.status} No\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, connection, head, socket => {
      const sessionId = `session-${scene.sockets.length + 1}`;
      const served: ServedSocket = {
        socket,
        url: request.url ?? '',
        sessionId,
        inbound: [],
        closeCode: null,
      };
      scene.sockets.push(served);
      socket.on('error', () => socket.terminate());
      socket.on('message', data => served.inbound.push((data as Buffer).toString()));
      socket.on('close', code => (served.closeCode = code));
      if (reception.kind === 'close') socket.close(reception.code);
      if (reception.kind !== 'welcome') return;
      served.sessionId = reception.sessionId ?? sessionId;
      const { keepaliveSeconds = scene.keepaliveSeconds, extra } = reception;
      const session = { id: served.sessionId, keepalive_timeout_seconds: keepaliveSeconds, ...extra };
      scene.send(served, 'session_welcome', { session });
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  scene.websocketUrl = `ws://127.0.0.1:${port}/ws`;
  scene.subscriptionsUrl = `http://127.0.0.1:${port}/eventsub/subscriptions`;
  return scene;
}
