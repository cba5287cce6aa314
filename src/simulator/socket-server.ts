import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { assertNever } from '../shared/assert-never';
import { Connection } from './connection';
import type { Fault, FaultRegister } from './faults';
import { endUpgrade } from './http-front';
import { writeOddFrame } from './odd-frames';
import { Session, type Invitation, type SessionDeps } from './session';
import type { SessionReport, SimulatorTimings } from './simulator-contract';
import { formatNanoseconds, TimerGroup, type SimulatorClock } from './simulator-clock';
import type { SubscriptionRecord, SubscriptionStore } from './subscription-store';

/** Faults that happen to sockets at once, when they are injected. */
export type SocketFault = Extract<
  Fault,
  { kind: 'silentPeer' | 'reconnect' | 'close' | 'terminate' | 'oddFrame' | 'pingStorm' }
>;

export interface SocketServerDeps {
  clock: SimulatorClock;
  serverNow: () => number;
  faults: FaultRegister;
  store: SubscriptionStore;
  timings: SimulatorTimings;
  socketRoot: () => string;
}

/** The status that a session's subscriptions get by how its socket closed. */
const STATUS_BY_CODE: Readonly<Record<number, string>> = {
  4000: 'websocket_internal_error',
  4001: 'websocket_received_inbound_traffic',
  4002: 'websocket_failed_ping_pong',
  4003: 'websocket_connection_unused',
  4004: 'websocket_failed_to_reconnect',
  4005: 'websocket_network_timeout',
  4006: 'websocket_network_error',
  4007: 'websocket_failed_to_reconnect',
};

/** The EventSub socket: handshakes, sessions, moves, and what goes wrong with them. */
export class SocketServer {
  readonly #deps: SocketServerDeps;
  readonly #timers: TimerGroup;
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: true });
  readonly #sessions = new Map<string, Session>();
  readonly #connections = new Set<Connection>();
  readonly #hanging = new Set<Duplex>();
  readonly #invitations = new Map<string, Invitation>();

  constructor(deps: SocketServerDeps) {
    this.#deps = deps;
    this.#timers = new TimerGroup(deps.clock);
  }

  /** The live session of that id; null: it never was, or is over. */
  session(id: string): Session | null {
    return this.#sessions.get(id) ?? null;
  }

  report(): SessionReport[] {
    return [...this.#sessions.values()].map(session => ({
      id: session.id,
      sockets: session.socketCount,
      subscriptions: this.#deps.store
        .ofSession(session.id)
        .filter(record => record.status === 'enabled')
        .map(record => record.type),
    }));
  }

  /** The bytes that the slowest client has not taken yet. */
  get backlog(): number {
    return Math.max(0, ...[...this.#connections].map(connection => connection.backlog));
  }

  /** Sends an event to every enabled subscription of its type and channel; answers to how many. */
  deliver(type: string, broadcasterId: string, event: unknown): number {
    let sent = 0;
    for (const record of this.#deps.store.enabledOfType(type)) {
      if (record.condition['broadcaster_user_id'] !== broadcasterId) continue;
      const session = this.#sessions.get(record.sessionId);
      if (!session) continue;
      session.notify(record, event);
      sent++;
    }
    return sent;
  }

  /** Ends a subscription and tells its session. */
  revoke(record: SubscriptionRecord, status: string): void {
    this.#deps.store.end(record, status, null);
    this.#sessions.get(record.sessionId)?.revoke(record);
  }

  inject(fault: SocketFault): void {
    const sessions = [...this.#sessions.values()];
    const connections = [...this.#connections];
    switch (fault.kind) {
      case 'silentPeer':
        for (const connection of connections) connection.silence(fault.frames);
        return;
      case 'reconnect':
        for (const session of sessions) session.startReconnect(fault);
        return;
      case 'close':
        for (const connection of connections) connection.close(fault.code, 'closed on request');
        return;
      case 'terminate':
        for (const connection of connections) connection.terminate();
        return;
      case 'oddFrame':
        for (const { active } of sessions) active.send(writeOddFrame(fault.frame, this.#deps.serverNow()));
        return;
      case 'pingStorm':
        for (const connection of connections) {
          for (let index = 0; index < fault.pings; index++) connection.ping();
        }
        return;
      default:
        assertNever(fault);
    }
  }

  /** Lets silent sockets speak again. */
  endSilence(): void {
    for (const connection of this.#connections) connection.speak();
  }

  /** Takes a handshake whose path (below the token) is given. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, path: string): void {
    const url = new URL(path, 'http://127.0.0.1');
    if (url.pathname !== '/ws') {
      endUpgrade(socket, 404);
      return;
    }
    socket.on('error', () => socket.destroy());
    const { faults } = this.#deps;
    const invitation = url.searchParams.has('challenge') ? this.#invitations.get(path) : undefined;
    const refusal = faults.take('handshakeRefused');
    if (refusal) {
      endUpgrade(socket, refusal.status);
      return;
    }
    if (faults.take('handshakeReset')) {
      socket.destroy();
      return;
    }
    if (faults.take('handshakeHangs') || invitation?.fault.to === 'hangs') {
      this.#hanging.add(socket);
      socket.on('close', () => this.#hanging.delete(socket));
      return;
    }
    const keepaliveSeconds = this.#readKeepalive(url.searchParams);
    if (keepaliveSeconds === null) {
      endUpgrade(socket, 400);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, webSocket => {
      const { clock, timings } = this.#deps;
      const connection = new Connection(webSocket, socket, clock, timings.pingEveryMs);
      this.#connections.add(connection);
      connection.onClosed(() => this.#connections.delete(connection));
      const silence = faults.peek('silentPeer');
      if (silence?.sockets === 'all') connection.silence(silence.frames);
      if (url.searchParams.has('challenge')) this.#acceptMove(connection, invitation);
      else this.#afterWelcomeFaults(connection, () => this.#begin(connection, keepaliveSeconds));
    });
  }

  close(): void {
    this.#timers.close();
    for (const socket of this.#hanging) socket.destroy();
    for (const connection of [...this.#connections]) connection.terminate();
    for (const webSocket of this.#server.clients) webSocket.terminate();
    this.#server.close();
  }

  #begin(connection: Connection, keepaliveSeconds: number): void {
    const session = new Session(connection, keepaliveSeconds, this.#sessionDeps());
    this.#sessions.set(session.id, session);
  }

  #sessionDeps(): SessionDeps {
    return {
      ...this.#deps,
      invitations: this.#invitations,
      onEnded: (session, code) => this.#endSession(session, code),
      onRenamed: (session, oldId) => {
        this.#sessions.delete(oldId);
        this.#sessions.set(session.id, session);
      },
    };
  }

  /** A reconnect URL works once, in time, and while the old socket is still open; else 4007. */
  #acceptMove(connection: Connection, invitation: Invitation | undefined): void {
    const refuseMove = (): void => connection.close(4007, 'invalid reconnect');
    const canMove = (candidate: Invitation): boolean =>
      candidate.from.isOpen && candidate.session.active === candidate.from;
    if (!invitation || invitation.isUsed || !canMove(invitation)) {
      refuseMove();
      return;
    }
    invitation.isUsed = true;
    if (invitation.fault.to === 'noWelcome') return;
    this.#afterWelcomeFaults(connection, () => {
      if (canMove(invitation)) invitation.session.moveTo(connection, invitation.fault);
      else refuseMove();
    });
  }

  #afterWelcomeFaults(connection: Connection, proceed: () => void): void {
    const { faults } = this.#deps;
    if (faults.take('noWelcome')) return;
    const late = faults.take('lateWelcome');
    if (!late) {
      proceed();
      return;
    }
    this.#timers.start(() => {
      if (connection.isOpen) proceed();
    }, late.ms);
  }

  #endSession(session: Session, code: number): void {
    this.#sessions.delete(session.id);
    for (const [path, invitation] of this.#invitations) {
      if (invitation.session === session) this.#invitations.delete(path);
    }
    if (this.#deps.faults.take('orphans')) return;
    const status = STATUS_BY_CODE[code] ?? 'websocket_disconnected';
    const at = formatNanoseconds(this.#deps.serverNow());
    for (const record of this.#deps.store.ofSession(session.id)) {
      if (record.status === 'enabled') this.#deps.store.end(record, status, at);
    }
  }

  /** Seconds, brought into 10 to 600; null: not a whole number. */
  #readKeepalive(query: URLSearchParams): number | null {
    const asked = query.get('keepalive_timeout_seconds');
    const { keepaliveTimeoutSeconds } = this.#deps.timings;
    if (asked !== null && !/^-?\d+$/.test(asked)) return null;
    return keepaliveTimeoutSeconds ?? Math.min(600, Math.max(10, Number(asked ?? 10)));
  }
}
