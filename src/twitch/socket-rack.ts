import { assertNever } from '../shared/assert-never';
import type { NotificationInput } from '../shared/data-service';
import type { Logger } from '../shared/service';
import type { Cause, SessionCounters } from '../shared/session-state';
import type { Clock } from './clock';
import { openEventSocket, type EventSocket } from './event-socket';
import { parseFrame, type Frame } from './frame-parser';
import { checkReconnectUrl } from './reconnect-url';
import type { ServerClock } from './server-clock';
import type { Effect, Input } from './session-types';

/** What a rack is made of, and whom it tells. */
export interface RackOptions {
  clock: Clock;
  serverClock: ServerClock;
  /** The socket's address as configured; an announced one is measured by it. */
  configuredUrl: string;
  handshakeMs: number;
  /** Counted up here. */
  counters: Pick<SessionCounters, 'notifications' | 'keepalives' | 'badFrames' | 'unknownMessages'>;
  logger: Logger;
  listener: {
    input(input: Input): void;
    event(notification: NotificationInput): void;
    revoked(subscriptionId: string, type: string, status: string): void;
    closed(generation: number, cause: Cause): void;
    report(kind: string, message: string): void;
  };
}

/** One socket and how far it is listened to. */
interface Slot {
  socket: EventSocket;
  /** `draining`: events are still taken from it, and nothing else; `dead`: nothing at all. */
  hearing: 'all' | 'draining' | 'dead';
  sessionId: string | null;
}

/** Twitch's longest keepalive timeout, and the shortest that can be told from a dead socket. */
const [SHORTEST_KEEPALIVE_SECONDS, LONGEST_KEEPALIVE_SECONDS] = [1, 600];

/** Bad frames are told at most so often, in milliseconds; all are counted. */
const REPORT_EVERY_MS = 1000;

/** The sockets by generation: frames are read here and turned into inputs and events. */
export class SocketRack {
  readonly #options: RackOptions;
  readonly #slots = new Map<number, Slot>();
  #untoldBadFrames = 0;
  #lastReportMonoMs = -Infinity;

  constructor(options: RackOptions) {
    this.#options = options;
  }

  /** Opens the socket of a generation. */
  open(generation: number, url: string): void {
    const { listener, handshakeMs } = this.#options;
    const slot: Slot = {
      hearing: 'all',
      sessionId: null,
      socket: openEventSocket(url, handshakeMs, {
        opened: () => {
          if (slot.hearing === 'all') listener.input({ kind: 'opened', generation });
        },
        text: text => this.#hear(generation, slot, parseFrame(text)),
        odd: problem => this.#hear(generation, slot, { kind: 'bad', problem }),
        closed: cause => {
          const wasHeard = slot.hearing === 'all';
          slot.hearing = 'dead';
          this.#slots.delete(generation);
          if (wasHeard) listener.closed(generation, cause);
        },
      }),
    };
    this.#slots.set(generation, slot);
  }

  /** Ends the socket of a generation; one that has ended already is left alone. */
  close(generation: number, manner: Extract<Effect, { kind: 'closeSocket' }>['manner']): void {
    const slot = this.#slots.get(generation);
    if (!slot) return;
    slot.hearing = manner === 'drain' ? 'draining' : 'dead';
    slot.sessionId = null;
    if (manner === 'terminate') slot.socket.terminate();
    else slot.socket.close();
  }

  /** Says which session a socket carries. */
  name(generation: number, sessionId: string): void {
    const slot = this.#slots.get(generation);
    if (slot) slot.sessionId = sessionId;
  }

  /** The sessions of the sockets that are not being closed. */
  openSessions(): Set<string> {
    const ids = [...this.#slots.values()].map(slot => slot.sessionId);
    return new Set(ids.filter(id => id !== null));
  }

  /** Resolves when every socket that is being closed is gone. */
  async ended(): Promise<void> {
    while (this.#slots.size > 0) await Promise.all([...this.#slots.values()].map(slot => slot.socket.ended));
  }

  #hear(generation: number, slot: Slot, frame: Frame): void {
    if (slot.hearing === 'dead') return;
    const { clock, counters, listener, logger, serverClock } = this.#options;
    if (frame.kind === 'bad') {
      this.#hearBad(generation, frame.problem);
      return;
    }
    const monoMs = clock.monotonic();
    const sentAtMs = Date.parse(frame.sentAt);
    if (frame.kind === 'welcome') serverClock.restart(sentAtMs, monoMs);
    const isLate = serverClock.observe(sentAtMs, monoMs);
    const isHeard = slot.hearing === 'all';
    switch (frame.kind) {
      case 'notification': {
        counters.notifications++;
        if (isHeard) listener.input({ kind: 'frame', generation, sentAtMs });
        const { messageId, sentAt: messageTimestamp, type, version, subscriptionId, eventJson } = frame;
        const receivedAtMs = clock.now();
        listener.event({
          messageId,
          messageTimestamp,
          type,
          version,
          subscriptionId,
          eventJson,
          receivedAtMs,
          isLate,
        });
        return;
      }
      case 'keepalive':
        counters.keepalives++;
        if (isHeard) listener.input({ kind: 'frame', generation, sentAtMs });
        return;
      case 'welcome': {
        if (!isHeard) return;
        const { sessionId, keepaliveSeconds } = frame;
        const keepaliveMs = keepaliveSeconds === null ? null : toKeepaliveMs(keepaliveSeconds);
        listener.input({ kind: 'welcome', generation, sentAtMs, sessionId, keepaliveMs });
        return;
      }
      case 'reconnect': {
        const target = checkReconnectUrl(frame.url, this.#options.configuredUrl);
        if (isHeard) listener.input({ kind: 'reconnect', generation, sentAtMs, target });
        return;
      }
      case 'revocation':
        if (isHeard) listener.input({ kind: 'frame', generation, sentAtMs });
        listener.revoked(frame.subscriptionId, frame.type, frame.status);
        return;
      case 'unknown':
        counters.unknownMessages++;
        logger.debug(`A message of an unknown type came: ${frame.messageType.slice(0, 100)}`);
        if (isHeard) listener.input({ kind: 'frame', generation, sentAtMs });
        return;
      default:
        assertNever(frame);
    }
  }

  #hearBad(generation: number, problem: string): void {
    const { clock, counters, listener, logger } = this.#options;
    counters.badFrames++;
    logger.debug(`bad frame: ${problem}`);
    listener.input({ kind: 'badFrame', generation, problem });
    this.#untoldBadFrames++;
    const monoMs = clock.monotonic();
    if (monoMs - this.#lastReportMonoMs < REPORT_EVERY_MS) return;
    this.#lastReportMonoMs = monoMs;
    const more = this.#untoldBadFrames > 1 ? ` (${this.#untoldBadFrames} since the last such line)` : '';
    this.#untoldBadFrames = 0;
    listener.report('badFrame', `${problem}${more}`);
  }
}

/** What a server says is taken within bounds, so that no socket is waited for without end or replaced without pause. */
function toKeepaliveMs(seconds: number): number {
  return Math.min(LONGEST_KEEPALIVE_SECONDS, Math.max(SHORTEST_KEEPALIVE_SECONDS, seconds)) * 1000;
}
