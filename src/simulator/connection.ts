import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { TimerGroup, type SimulatorClock } from './simulator-clock';

/** How a connection ended: the code that we closed with, else what the client's close brought. */
export type OnClosed = (code: number) => void;

/**
 * One open socket as the server holds it: it pings, ends a client that sends anything but pong, and can be
 * made to fall silent.
 */
export class Connection {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #timers: TimerGroup;
  readonly #onClosed: OnClosed[] = [];
  #closeCode: number | null = null;
  #isPongDue = false;
  #isCorked = false;
  #silence: { frames: 'dropped' | 'held'; held: (string | Buffer)[] } | null = null;

  constructor(socket: WebSocket, stream: Duplex, clock: SimulatorClock, pingEveryMs: number) {
    this.#socket = socket;
    this.#stream = stream;
    this.#timers = new TimerGroup(clock);
    socket.on('pong', () => (this.#isPongDue = false));
    // Anything but a pong is inbound traffic, a ping of the client's own included.
    socket.on('message', () => this.close(4001, 'client sent inbound traffic'));
    socket.on('ping', () => this.close(4001, 'client sent inbound traffic'));
    socket.on('error', () => socket.terminate());
    socket.on('close', code => this.#end(code));
    if (pingEveryMs > 0) this.#schedulePing(pingEveryMs);
  }

  /** False as soon as either side has begun to close. */
  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && this.#closeCode === null;
  }

  /** Bytes that the client has not taken yet. */
  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  /** Called once, when the connection is over for the server. */
  onClosed(listener: OnClosed): void {
    this.#onClosed.push(listener);
  }

  send(frame: string | Buffer): void {
    if (!this.isOpen) return;
    if (!this.#silence) this.#write(frame);
    else if (this.#silence.frames === 'held') this.#silence.held.push(frame);
  }

  /** Falls silent, as a peer does whose network is gone. */
  silence(frames: 'dropped' | 'held'): void {
    this.#silence ??= { frames, held: [] };
  }

  speak(): void {
    const held = this.#silence?.held ?? [];
    this.#silence = null;
    for (const frame of held) this.send(frame);
  }

  ping(): void {
    if (this.isOpen) this.#socket.ping();
  }

  close(code: number, reason = ''): void {
    if (!this.isOpen) return;
    this.#closeCode = code;
    this.#socket.close(code, reason);
    this.#end(code);
  }

  /** Ends without a close frame: the client sees 1006. */
  terminate(): void {
    this.#closeCode ??= 1006;
    this.#socket.terminate();
    this.#end(1006);
  }

  /** Frames of one turn leave in one write. */
  #write(frame: string | Buffer): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#stream.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#stream.uncork();
      });
    }
    this.#socket.send(frame);
  }

  #end(code: number): void {
    this.#timers.close();
    const listeners = this.#onClosed.splice(0);
    for (const listener of listeners) listener(this.#closeCode ?? code);
  }

  #schedulePing(everyMs: number): void {
    this.#timers.start(() => {
      if (this.#isPongDue) {
        this.close(4002, 'client failed ping-pong');
        return;
      }
      if (!this.#silence) {
        this.#isPongDue = true;
        this.ping();
      }
      this.#schedulePing(everyMs);
    }, everyMs);
  }
}
