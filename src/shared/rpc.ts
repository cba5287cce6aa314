import { createBirpc, type BirpcReturn } from 'birpc';
import { ServiceError, type ServiceErrorData, type ServiceErrorKind } from './service';

/** One end of a connection that carries messages both ways, in order. */
export interface Port {
  /** Sends one message: a JSON value, or what the port's own encoding takes. */
  post(message: unknown): void;
  /** Called once; hears every message from then on. */
  listen(listener: (message: unknown) => void): void;
}

type AnyFunction = (...args: never[]) => unknown;

/** Checks a call's arguments before it is carried out; throws a `ServiceError` of kind `badRequest`. */
export type ArgumentCheck = (method: string, args: unknown[]) => void;

export interface ChannelOptions<Local extends object> {
  port: Port;
  handlers: Local;
  /** The only names that may be called from outside; anything else is refused, whatever object lies behind. */
  callable: readonly (keyof Local & string)[];
  check?: ArgumentCheck;
  /** How long a call may take, in milliseconds; 0 for no limit. */
  timeoutMs: number;
  /** Hears of messages that make no sense; the channel goes on. */
  onProtocolError: (error: Error) => void;
}

export interface Channel<Remote extends object> {
  readonly remote: BirpcReturn<Remote>;
  /** Calls without waiting for an answer. */
  tell<K extends keyof Remote & string>(
    method: K,
    ...args: Remote[K] extends (...args: infer A) => unknown ? A : never
  ): void;
  /** Rejects every call under way; nothing is heard or sent afterwards. Idempotent. */
  close(reason: string): void;
}

interface ErrorEnvelope {
  __error: ServiceErrorData;
}

const ERROR_KINDS: readonly string[] = [
  'signedOut',
  'noClientId',
  'denied',
  'expired',
  'offline',
  'invalidToken',
  'clientMismatch',
  'notAvailable',
  'badRequest',
  'cancelled',
  'timeout',
  'storage',
  'versionMismatch',
  'internal',
] satisfies ServiceErrorKind[];

/** An error as it travels: `{kind, message}`; what is not a `ServiceError` becomes `internal`. */
export function toErrorData(error: unknown): ServiceErrorData {
  if (error instanceof ServiceError) return { kind: error.kind, message: error.message };
  return { kind: 'internal', message: sayUnknown(error) };
}

/** An error's message, or anything as text; what comes from outside may refuse to be made one. */
function sayUnknown(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'An error that cannot be put into words.';
  }
}

/** The reverse of `toErrorData`, for whatever a channel rejected with. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (typeof error === 'object' && error !== null && 'kind' in error && 'message' in error) {
    const { kind, message } = error;
    if (typeof kind === 'string' && ERROR_KINDS.includes(kind)) {
      return new ServiceError(kind as ServiceErrorKind, sayUnknown(message));
    }
  }
  return new ServiceError('internal', sayUnknown(error));
}

/**
 * Joins two sides over a port with birpc, and closes what birpc leaves open: only named methods can be
 * called, arguments are checked, errors travel as `{kind, message}`, and nothing that arrives can throw.
 */
export function openChannel<Remote extends object, Local extends object>(
  options: ChannelOptions<Local>,
): Channel<Remote> {
  const { port, handlers, callable, check, timeoutMs, onProtocolError } = options;
  const allowed = new Set<string>(callable);
  let isClosed = false;

  const rpc = createBirpc<Remote, object>(handlers, {
    post: (message: unknown) => {
      if (!isClosed) port.post(message);
    },
    on: listener =>
      port.listen(message => {
        if (isClosed) return;
        if (!isRpcMessage(message)) {
          onProtocolError(new Error('A message is not of the protocol.'));
          return;
        }
        listener(message);
      }),
    serialize: (message: { e?: unknown }) =>
      message.e === undefined ? message : { ...message, e: { __error: toErrorData(message.e) } },
    deserialize: (message: { e?: unknown }) =>
      message.e === undefined ? message : { ...message, e: unwrapError(message.e) },
    resolver: (name, found) => {
      if (!allowed.has(name)) return undefined;
      return (...args: unknown[]) => {
        check?.(name, args);
        return (found as AnyFunction).apply(handlers, args as never[]);
      };
    },
    timeout: timeoutMs === 0 ? -1 : timeoutMs,
    onTimeoutError: method => {
      throw new ServiceError('timeout', `No answer to "${method}" within ${timeoutMs / 1000} s.`);
    },
    // birpc also reports here what the other side answered with; that is the caller's to handle. With a method's
    // name it is an answer that could not be sent: then an error goes back in its place.
    onGeneralError: (error, method) => {
      if (!isClosed && !(error instanceof ServiceError)) onProtocolError(error);
      return method !== undefined;
    },
  }) as BirpcReturn<Remote>;

  return {
    remote: rpc,
    tell: (method, ...args) => {
      if (isClosed) return;
      void (rpc as unknown as BirpcReturn<Record<string, AnyFunction>>)
        .$callEvent(method, ...(args as unknown as never[]))
        .catch((error: unknown) =>
          onProtocolError(error instanceof Error ? error : new Error(String(error))),
        );
    },
    close: reason => {
      if (isClosed) return;
      isClosed = true;
      rpc.$close(new ServiceError('cancelled', reason));
    },
  };
}

function isRpcMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { t, m, a, i } = message as Record<string, unknown>;
  if (t === 'q')
    return typeof m === 'string' && Array.isArray(a) && (i === undefined || typeof i === 'string');
  return t === 's' && typeof i === 'string';
}

function unwrapError(error: unknown): ServiceError {
  if (typeof error === 'object' && error !== null && '__error' in error) {
    return toServiceError((error as ErrorEnvelope).__error);
  }
  return toServiceError(error);
}
