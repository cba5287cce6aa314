import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Listed } from './raw-server';

/** What a socket needs of the server that it belongs to. */
export interface Home {
  readonly subscriptions: ReadonlyMap<string, Listed>;
  /** RFC 3339 with nanoseconds. */
  timestamp(): string;
  isHeld(session: string): boolean;
  admit(session: string, peer: Peer): void;
  carry(from: string, to: string): void;
  retire(session: string): void;
}

/** One frame as the wire has it; a server's frames are not masked (RFC 6455, 5.2). */
export function frameOf(opcode: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  let head: Buffer;
  if (body.length < 126) head = Buffer.from([0x80 | opcode, body.length]);
  else if (body.length < 65_536) {
    head = Buffer.from([0x80 | opcode, 126, 0, 0]);
    head.writeUInt16BE(body.length, 2);
  } else {
    head = Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}

/** One connection that was upgraded, with every byte that it sent. */
export class Peer {
  /** Opcodes of what came, close frames included. */
  readonly opcodes: number[] = [];
  closeCode: number | null = null;
  isGone = false;
  /** Whether a close frame is answered. */
  isPolite = true;
  session = '';
  #pending = Buffer.alloc(0);

  constructor(
    readonly url: string,
    readonly socket: Duplex,
    private readonly server: Home,
  ) {
    socket.on('data', (data: Buffer) => this.#read(data));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => {
      this.closeCode ??= 1006;
      socket.end();
    });
    socket.on('close', () => {
      this.isGone = true;
      server.retire(this.session);
    });
  }

  /** Neither side has begun to close it. */
  get isOpen(): boolean {
    return !this.isGone && this.closeCode === null && !this.socket.destroyed;
  }

  write(data: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(data);
  }

  text(text: string): void {
    this.write(frameOf(1, text));
  }

  /** A message of EventSub. `metadata` overrides; undefined in it leaves a field out. */
  say(type: string, payload: unknown, metadata: object = {}): string {
    const message_id = randomUUID();
    const message_timestamp = this.server.timestamp();
    this.text(
      JSON.stringify({
        metadata: { message_id, message_type: type, message_timestamp, ...metadata },
        payload,
      }),
    );
    return message_id;
  }

  /** Welcomes it; one that comes by an announced address gets the subscriptions of the session that it goes on with. */
  welcome(session: object = {}, id: string = randomUUID()): void {
    const from = new URL(this.url, 'http://x').searchParams.get('id');
    if (from !== null && !this.server.isHeld(from)) {
      this.close(4007, 'invalid reconnect');
      return;
    }
    this.server.admit(id, this);
    if (from !== null) this.server.carry(from, id);
    this.say('session_welcome', {
      session: {
        id,
        status: 'connected',
        connected_at: this.server.timestamp(),
        keepalive_timeout_seconds: 10,
        reconnect_url: null,
        recovery_url: null,
        ...session,
      },
    });
  }

  keepalive(metadata: object = {}): void {
    this.say('session_keepalive', {}, metadata);
  }

  notify(type: string, event: unknown = { user_id: '9' }, subscription: object = {}): string {
    const known = [...this.server.subscriptions.values()].find(each => each.type === type);
    return this.say(
      'notification',
      { subscription: { ...(known ?? { id: 'foreign', type, version: '1' }), ...subscription }, event },
      { subscription_type: type, subscription_version: '1' },
    );
  }

  move(reconnect_url: unknown, extra: object = {}): void {
    this.say('session_reconnect', {
      session: {
        id: this.session,
        status: 'reconnecting',
        keepalive_timeout_seconds: null,
        reconnect_url,
        ...extra,
      },
    });
  }

  /** Takes back what lives, or something unknown. */
  revoke(type: string, status: string, fields: object = {}): void {
    const known = [...this.server.subscriptions.values()].find(
      each => each.type === type && each.status === 'enabled',
    );
    if (known) known.status = status;
    this.say(
      'revocation',
      { subscription: { ...(known ?? { id: 'unknown', type, version: '1' }), status, ...fields } },
      { subscription_type: type, subscription_version: '1' },
    );
  }

  close(code: number, reason = ''): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.write(frameOf(8, Buffer.concat([payload, Buffer.from(reason)])));
    this.closeCode ??= code;
    this.socket.end();
  }

  cut(): void {
    this.socket.destroy();
  }

  #read(data: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, data]);
    for (;;) {
      const [first, second] = this.#pending;
      if (first === undefined || second === undefined) return;
      const extended = (second & 127) === 126 ? 2 : 0;
      const length = extended ? this.#pending.readUInt16BE(2) : second & 127;
      const end = 2 + extended + 4 + length;
      if (this.#pending.length < end) return;
      const mask = this.#pending.subarray(2 + extended, 6 + extended);
      const body = this.#pending.subarray(6 + extended, end).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      this.#pending = this.#pending.subarray(end);
      this.opcodes.push(first & 15);
      if ((first & 15) !== 8) continue;
      this.closeCode = body.length >= 2 ? Buffer.from(body).readUInt16BE(0) : 1005;
      if (!this.isPolite) continue;
      this.write(frameOf(8, Buffer.from(body)));
      this.socket.end();
    }
  }
}
