import type { Socket } from 'node:net';
import { openChannel, toServiceError } from '../shared/rpc';
import {
  ServiceError,
  type EventSubService,
  type Logger,
  type WindowGreeting,
  type WindowLink,
  type WindowPushes,
  type WindowWelcome,
} from '../shared/service';
import { forwardService, SERVICE_CALLS, WINDOW_PUSHES } from '../shared/service-methods';
import { checkWindowPush } from '../shared/service-schemas';
import type { Settings } from '../shared/settings';
import { MAX_ANSWER_BYTES, openLinePort } from './local-socket';

export interface LeaderLinkOptions {
  socket: Socket;
  /** What the leading window tells and asks. */
  pushes: WindowPushes;
  /** The leading window has fallen silent, or answers again. It is never given up for that. */
  onAnswering: (isAnswering: boolean) => void;
  logger: Logger;
}

/** A following window's end of its link to the one that leads. */
export interface LeaderLink {
  /** The whole contract, carried out by the leading window; every call has its own timeout. */
  readonly service: EventSubService;
  /** Waits as long as it takes. Rejects with `versionMismatch` where the two cannot understand each other. */
  hello(greeting: WindowGreeting): Promise<WindowWelcome>;
  yieldLead(version: string): Promise<boolean>;
  setSettings(settings: Settings): void;
  focused(atMs: number): void;
  /** Closes it from this side. Idempotent. */
  close(): void;
}

const PULSE_MS = 1_000;
/** After so much silence the leader is asked whether it is there. */
const QUIET_MS = 4_000;
/** After so long without the answer it counts as not answering. */
const UNANSWERED_MS = 3_000;

/** Opens the link over a socket that is connected. */
export function openLeaderLink(options: LeaderLinkOptions): LeaderLink {
  const { socket, pushes, onAnswering, logger } = options;
  const port = openLinePort({
    socket,
    maxLineBytes: MAX_ANSWER_BYTES,
    onBadLine: error => logger.warn('The leading window sent what makes no sense.', error.message),
  });
  const channel = openChannel<EventSubService & WindowLink, WindowPushes>({
    port,
    handlers: pushes,
    callable: WINDOW_PUSHES,
    check: checkWindowPush,
    timeoutMs: 0,
    onProtocolError: error => logger.warn('A message of the leading window failed.', error.message),
  });
  const pulse = watchPulse(socket, onAnswering, () =>
    channel.remote.ping().catch((error: unknown) => logger.debug('The ping failed.', error)),
  );

  const close = (): void => {
    pulse.stop();
    channel.close('The leading window has closed.');
    port.close();
  };
  socket.once('close', close);

  const tell = (call: Promise<void>): void => {
    call.catch((error: unknown) => logger.debug('The leading window could not be told.', error));
  };

  return {
    service: forwardService((method, args) => {
      const call = channel.remote[method] as (...args: unknown[]) => Promise<unknown>;
      const answer = withTimeout(method, SERVICE_CALLS[method].timeoutMs, call(...args));
      return answer as ReturnType<EventSubService[typeof method]>;
    }),
    hello: async greeting => {
      pulse.expect();
      try {
        return await channel.remote.hello(greeting);
      } catch (error: unknown) {
        throw toServiceError(error);
      }
    },
    yieldLead: version => withTimeout('yieldLead', UNANSWERED_MS, channel.remote.yieldLead(version)),
    setSettings: settings => tell(channel.remote.setSettings(settings)),
    focused: atMs => tell(channel.remote.focused(atMs)),
    close,
  };
}

/** Bounds a call; the answer that comes later is dropped. */
async function withTimeout<T>(method: string, timeoutMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new ServiceError('timeout', `No answer to "${method}" within ${timeoutMs / 1000} s.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } catch (error: unknown) {
    throw toServiceError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Notices that nothing is heard any more, and asks. */
function watchPulse(
  socket: Socket,
  onAnswering: (isAnswering: boolean) => void,
  ping: () => Promise<void>,
): { expect(): void; stop(): void } {
  let heardAt = performance.now();
  let askedAt: number | null = null;
  let isAnswering = true;
  let beatAt = performance.now();

  const setAnswering = (next: boolean): void => {
    if (next === isAnswering) return;
    isAnswering = next;
    onAnswering(next);
  };
  socket.on('data', () => {
    heardAt = performance.now();
    askedAt = null;
    setAnswering(true);
  });
  const timer = setInterval(() => {
    const now = performance.now();
    const wasAsleep = now - beatAt > 3 * PULSE_MS;
    beatAt = now;
    // This window itself stood still: what the leader said meanwhile has yet to be read.
    if (wasAsleep) heardAt = now;
    if (wasAsleep && askedAt !== null) askedAt = now;
    if (askedAt !== null) {
      if (now - askedAt > UNANSWERED_MS) setAnswering(false);
    } else if (now - heardAt > QUIET_MS) {
      askedAt = now;
      void ping();
    }
  }, PULSE_MS);
  timer.unref();
  return {
    expect: () => {
      askedAt ??= performance.now();
    },
    stop: () => clearInterval(timer),
  };
}
