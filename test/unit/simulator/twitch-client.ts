import { WebSocket } from 'ws';
import { buildCondition, type EventType } from '../../../src/shared/catalogue';
import type { TokenSet } from '../../../src/shared/service';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/simulator';

/** A frame's JSON as loosely as a test wants to look at it. */
export interface Frame {
  metadata: Record<string, string>;
  payload: {
    session?: { id: string; status: string; reconnect_url: string | null; [key: string]: unknown };
    subscription?: { id: string; status: string; type: string; [key: string]: unknown };
    event?: Record<string, unknown>;
  };
}

const running: { close(): Promise<void> | void }[] = [];

/** Starts a simulator that `closeAll` ends. */
export async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ stateFile: null, ...options });
  running.push(simulator);
  return simulator;
}

/** For `afterEach`: ends every socket and simulator, the latest first. */
export async function closeAll(): Promise<void> {
  for (const open of running.splice(0).reverse()) await open.close();
}

/** Polls until the condition holds. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** A socket that keeps what it hears. */
export class Listener {
  readonly frames: Frame[] = [];
  readonly texts: string[] = [];
  pings = 0;
  closeCode: number | null = null;
  failure: string | null = null;
  readonly socket: WebSocket;

  constructor(url: string, options: { autoPong?: boolean; headers?: Record<string, string> } = {}) {
    this.socket = new WebSocket(url, { autoPong: options.autoPong ?? true, headers: options.headers ?? {} });
    running.push({ close: () => this.socket.terminate() });
    this.socket.on('message', (data: Buffer) => {
      this.texts.push(data.toString('utf8'));
      try {
        this.frames.push(JSON.parse(data.toString('utf8')) as Frame);
      } catch (error: unknown) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    });
    this.socket.on('ping', () => this.pings++);
    this.socket.on('close', code => (this.closeCode = code));
    this.socket.on('error', error => (this.failure = error.message));
  }

  of(type: string): Frame[] {
    return this.frames.filter(frame => frame.metadata['message_type'] === type);
  }

  async next(type: string, count = 1): Promise<Frame> {
    await until(`${count} × ${type}`, () => this.of(type).length >= count);
    return this.of(type)[count - 1]!;
  }

  async closed(): Promise<number> {
    await until('close', () => this.closeCode !== null);
    return this.closeCode!;
  }

  /** Waits for the welcome; answers the session's id. */
  async welcomed(): Promise<string> {
    return (await this.next('session_welcome')).payload.session!.id;
  }
}

export interface Reply {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

/** One request; an answer without JSON has an empty body. */
export async function request(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text };
  return { status: response.status, body, headers: response.headers };
}

export function bearer(tokens: TokenSet): Record<string, string> {
  return { Authorization: `Bearer ${tokens.accessToken}`, 'Client-Id': tokens.clientId };
}

export function helix(simulator: Simulator, tokens: TokenSet, pathAndQuery: string): Promise<Reply> {
  return request(`${simulator.endpoints.helixUrl}${pathAndQuery}`, { headers: bearer(tokens) });
}

/** Creates a subscription; `change` replaces parts of the body. */
export function subscribe(
  simulator: Simulator,
  tokens: TokenSet,
  sessionId: string,
  type: EventType,
  change: Record<string, unknown> = {},
): Promise<Reply> {
  const ids = { channelId: simulator.channel.id, userId: tokens.userId };
  const body = {
    type,
    version: type === 'channel.follow' ? '2' : '1',
    condition: buildCondition(type, ids),
    transport: { method: 'websocket', session_id: sessionId },
    ...change,
  };
  return request(simulator.endpoints.subscriptionsUrl, {
    method: 'POST',
    headers: { ...bearer(tokens), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export function post(url: string, form: Record<string, string>): Promise<Reply> {
  return request(url, { method: 'POST', body: new URLSearchParams(form) });
}

/** A socket that is welcomed and subscribed to the given types. */
export async function listen(
  simulator: Simulator,
  tokens: TokenSet,
  ...types: EventType[]
): Promise<{ listener: Listener; sessionId: string }> {
  const listener = new Listener(simulator.endpoints.websocketUrl);
  const sessionId = await listener.welcomed();
  const replies = await Promise.all(types.map(type => subscribe(simulator, tokens, sessionId, type)));
  for (const reply of replies) if (reply.status !== 202) throw new Error(JSON.stringify(reply.body));
  return { listener, sessionId };
}
