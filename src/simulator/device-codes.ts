import { randomBytes, randomInt } from 'node:crypto';
import type { SimulatedUser } from './people';

/** One device code and what the person did with it. */
export interface DeviceCode {
  deviceCode: string;
  userCode: string;
  clientId: string;
  scopes: string[];
  expiresAtMs: number;
  state: { kind: 'pending' } | { kind: 'approved'; user: SimulatedUser } | { kind: 'denied' };
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/** The device codes that have not been used yet. */
export class DeviceCodes {
  readonly #now: () => number;
  readonly #byDeviceCode = new Map<string, DeviceCode>();

  constructor(now: () => number) {
    this.#now = now;
  }

  create(clientId: string, scopes: string[], expiresSeconds: number): DeviceCode {
    const code: DeviceCode = {
      deviceCode: randomBytes(20).toString('hex'),
      userCode: Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)] ?? 'A').join(''),
      clientId,
      scopes,
      expiresAtMs: this.#now() + expiresSeconds * 1000,
      state: { kind: 'pending' },
    };
    this.#byDeviceCode.set(code.deviceCode, code);
    return code;
  }

  /** Null: unknown, used or expired; the three look the same, as they do at Twitch. */
  find(deviceCode: string): DeviceCode | null {
    const code = this.#byDeviceCode.get(deviceCode);
    return code && code.expiresAtMs > this.#now() ? code : null;
  }

  /** The code that waits for a person's decision. */
  findWaiting(userCode: string): DeviceCode | null {
    for (const code of this.#byDeviceCode.values()) {
      const isWaiting = code.state.kind === 'pending' && code.expiresAtMs > this.#now();
      if (code.userCode === userCode && isWaiting) return code;
    }
    return null;
  }

  use(code: DeviceCode): void {
    this.#byDeviceCode.delete(code.deviceCode);
  }
}
