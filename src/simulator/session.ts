import { randomBytes, randomUUID } from 'node:crypto';
import type { Connection } from './connection';
import type { FaultOf, FaultRegister } from './faults';
import { toMessageSubscription, writeFrame, type Message } from './frames.external';
import type { SimulatorTimings } from './simulator-contract';
import { formatNanoseconds, TimerGroup, type SimulatorClock } from './simulator-clock';
import type { SubscriptionRecord, SubscriptionStore } from './subscription-store';

/** A `reconnect_url` that was handed out and has not run out. */
export interface Invitation {
  session: Session;
  from: Connection;
  fault: FaultOf<'reconnect'>;
  isUsed: boolean;
}

export interface SessionDeps {
  clock: SimulatorClock;
  /** The server's own clock, which may be wrong. */
  serverNow: () => number;
  faults: FaultRegister;
  store: SubscriptionStore;
  timings: SimulatorTimings;
  /** The socket's root, `ws://…/<token>`. */
  socketRoot: () => string;
  /** By path and query below the root. */
  invitations: Map<string, Invitation>;
  onEnded: (session: Session, closeCode: number) => void;
  onRenamed: (session: Session, oldId: string) => void;
}

/** One EventSub session from its welcome to its end; it may move from socket to socket (TWITCH.md 1.3). */
export class Session {
  id = newSessionId();
  readonly keepaliveSeconds: number;
  /** The one person whose subscriptions it carries; null before the first. */
  ownerId: string | null = null;
  connectedAt: string;
  readonly #deps: SessionDeps;
  readonly #timers: TimerGroup;
  readonly #open = new Set<Connection>();
  #active: Connection;
  #lastSentMs: number;

  /** Sends the welcome. */
  constructor(connection: Connection, keepaliveSeconds: number, deps: SessionDeps) {
    this.#deps = deps;
    this.#timers = new TimerGroup(deps.clock);
    this.#active = connection;
    this.keepaliveSeconds = keepaliveSeconds;
    this.connectedAt = formatNanoseconds(deps.serverNow());
    this.#lastSentMs = deps.clock.now();
    this.#welcome(connection);
    this.#watchKeepalive();
  }

  get socketCount(): number {
    return this.#open.size;
  }

  get active(): Connection {
    return this.#active;
  }

  notify(record: SubscriptionRecord, event: unknown): void {
    const { faults } = this.#deps;
    const age = faults.take('oldTimestamp')?.ageMs ?? 0;
    const build = (subscription: Record<string, unknown>): string =>
      this.#write({
        type: 'notification',
        payload: { subscription, event },
        atMs: this.#deps.serverNow() - age,
        subscription: record,
      });
    const frame = build(toMessageSubscription(record));
    this.#active.send(frame);
    if (faults.take('duplicate')) this.#active.send(frame);
    if (faults.take('otherSubscription')) {
      this.#active.send(build({ ...toMessageSubscription(record), id: randomUUID() }));
    }
    this.#lastSentMs = this.#deps.clock.now();
  }

  /** Tells that a subscription is over; told once. */
  revoke(record: SubscriptionRecord): void {
    const payload = { subscription: toMessageSubscription(record) };
    this.#active.send(
      this.#write({ type: 'revocation', payload, atMs: this.#deps.serverNow(), subscription: record }),
    );
  }

  /** Asks the client to move; the old socket ends with 4004 if that is not done in time. */
  startReconnect(fault: FaultOf<'reconnect'>): void {
    const { invitations, timings, socketRoot } = this.#deps;
    const from = this.#active;
    const path = `/ws?challenge=${randomBytes(16).toString('hex')}&id=${this.id}`;
    const to = fault.to ?? 'valid';
    const isInvited = to === 'valid' || to === 'noWelcome' || to === 'hangs';
    if (isInvited) invitations.set(path, { session: this, from, fault, isUsed: false });
    const url =
      typeof to === 'object'
        ? to.url
        : to === 'refused'
          ? `ws://127.0.0.1:1${path}`
          : `${socketRoot()}${path}`;
    this.#sendSession(from, 'session_reconnect', url);
    this.#timers.start(() => {
      invitations.delete(path);
      from.close(4004, 'reconnect grace time expired');
    }, timings.reconnectGraceMs);
  }

  /** Takes over a new socket; from its welcome on that one delivers. */
  moveTo(connection: Connection, fault: FaultOf<'reconnect'>): void {
    const oldId = this.id;
    if (fault.sessionId === 'new') this.id = newSessionId();
    this.connectedAt = formatNanoseconds(this.#deps.serverNow());
    for (const record of this.#deps.store.ofSession(oldId)) {
      record.sessionId = this.id;
      record.connectedAt = this.connectedAt;
    }
    if (this.id !== oldId) this.#deps.onRenamed(this, oldId);
    this.#active = connection;
    this.#welcome(connection);
    if ((fault.chain ?? 0) > 0) this.startReconnect({ ...fault, chain: (fault.chain ?? 0) - 1 });
  }

  connections(): Iterable<Connection> {
    return this.#open;
  }

  #welcome(connection: Connection): void {
    this.#open.add(connection);
    connection.onClosed(code => this.#closed(connection, code));
    this.#sendSession(connection, 'session_welcome', null);
    this.#lastSentMs = this.#deps.clock.now();
    this.#timers.start(() => {
      const isUnused = this.#deps.store.ofSession(this.id).length === 0;
      if (isUnused) connection.close(4003, 'connection unused');
    }, this.#deps.timings.subscribeWindowMs);
  }

  #sendSession(
    connection: Connection,
    type: 'session_welcome' | 'session_reconnect',
    reconnectUrl: string | null,
  ): void {
    const isWelcome = type === 'session_welcome';
    const session = {
      id: this.id,
      status: isWelcome ? 'connected' : 'reconnecting',
      connected_at: this.connectedAt,
      keepalive_timeout_seconds: isWelcome ? this.keepaliveSeconds : null,
      reconnect_url: reconnectUrl,
    };
    connection.send(this.#write({ type, payload: { session }, atMs: this.#deps.serverNow() }));
  }

  /** A keepalive goes out when no notification or keepalive did for the whole window. */
  #watchKeepalive(): void {
    const windowMs = this.keepaliveSeconds * 1000;
    const dueInMs = this.#lastSentMs + windowMs - this.#deps.clock.now();
    this.#timers.start(
      () => {
        if (this.#deps.clock.now() - this.#lastSentMs >= windowMs) {
          const message: Message = { type: 'session_keepalive', payload: {}, atMs: this.#deps.serverNow() };
          this.#active.send(this.#write(message));
          this.#lastSentMs = this.#deps.clock.now();
        }
        this.#watchKeepalive();
      },
      Math.max(1, dueInMs),
    );
  }

  #write(message: Message): string {
    return writeFrame(message, this.#deps.faults.peek('extraFields') !== null);
  }

  #closed(connection: Connection, code: number): void {
    this.#open.delete(connection);
    if (connection !== this.#active) return;
    this.#timers.close();
    // Sockets that were left behind by a move end with the session.
    for (const other of [...this.#open]) other.close(4004, 'reconnect grace time expired');
    this.#deps.onEnded(this, code);
  }
}

/** Session ids look like `AQoQexAWVYKSTIu4ec_2VAxyuhAB`. */
function newSessionId(): string {
  return `AQoQ${randomBytes(18).toString('base64url')}`;
}
