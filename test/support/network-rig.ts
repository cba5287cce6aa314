import type { Logger } from '../../src/shared/service';
import {
  createHttpTransport,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type Send,
} from '../../src/twitch/http-send';
import { SYSTEM_CLOCK } from '../../src/twitch/clock';
import { ManualClock } from './manual-clock';

/** Hears everything that is logged, so that tests can look for secrets in it. */
class MemoryLogger implements Logger {
  readonly lines: string[] = [];
  readonly #keep =
    (level: string) =>
    (message: string, ...details: unknown[]): void => {
      this.lines.push([level, message, ...details.map(detail => String(detail))].join(' '));
    };
  error = this.#keep('error');
  warn = this.#keep('warn');
  info = this.#keep('info');
  debug = this.#keep('debug');
  trace = this.#keep('trace');
}

/**
 * Real requests on a clock that is moved by hand: time goes on only while no request is under way, so that a server
 * is always quick, whatever the machine.
 */
export class NetworkRig {
  readonly clock = new ManualClock();
  readonly logger = new MemoryLogger();
  readonly requests: { method: string; path: string; body: string }[] = [];
  /** Answers in the place of the network; undefined: the network does. */
  intercept: ((request: HttpRequest) => Promise<HttpResponse> | undefined) | null = null;
  #underWay = 0;
  #changes = 0;
  readonly #transport = createHttpTransport({ clock: SYSTEM_CLOCK, isKeptAlive: true });

  readonly send: Send = async request => {
    const url = new URL(request.url);
    this.requests.push({ method: request.method, path: url.pathname + url.search, body: request.body ?? '' });
    this.#underWay++;
    this.#changes++;
    try {
      const response = await (this.intercept?.(request) ?? this.#transport.send(request));
      const date = new Date(this.clock.now()).toUTCString();
      return { ...response, headers: { ...response.headers, date } };
    } finally {
      this.#underWay--;
      this.#changes++;
    }
  };

  count(fragment: string): number {
    return this.requests.filter(({ path }) => path.includes(fragment)).length;
  }

  /** Lets time pass until `condition` holds; fails after `limitMs` of it. */
  async until(what: string, condition: () => boolean, limitMs = 14 * 86_400_000): Promise<void> {
    const end = this.clock.monotonic() + limitMs;
    for (;;) {
      await this.settle();
      if (condition()) return;
      const left = end - this.clock.monotonic();
      if (left <= 0)
        throw new Error(
          `Not within ${limitMs / 1000} s: ${what}\n${this.logger.lines.slice(-15).join('\n')}`,
        );
      this.clock.step(left);
    }
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms;
    for (;;) {
      await this.settle();
      const left = end - this.clock.monotonic();
      if (left <= 0) return;
      this.clock.step(left);
    }
  }

  /** Waits, without time passing, until no request is under way and nothing more follows from the last. */
  async settle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 5;) {
      const before = this.#changes;
      await new Promise(resolve => setImmediate(resolve));
      quietTurns = this.#underWay === 0 && before === this.#changes ? quietTurns + 1 : 0;
    }
  }

  /** Awaits something while time passes. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const mark = (): void => {
      isDone = true;
    };
    work.then(mark, mark);
    await this.until('the work ends', () => isDone);
    return work;
  }

  dispose(): void {
    this.#transport.dispose();
  }
}

/** A scripted answer. */
export function answer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<HttpResponse> {
  return Promise.resolve({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** As when the network is not there. */
export function offline(): Promise<HttpResponse> {
  return Promise.reject(new HttpError('unreachable', 'id.example cannot be reached (ENOTFOUND).', false));
}

/** As when the connection breaks after the request went out. */
export function lostAnswer(): Promise<HttpResponse> {
  return Promise.reject(
    new HttpError('lost', 'The connection broke before the answer came (ECONNRESET).', true),
  );
}
