import {
  envelopeSchema,
  notificationSchema,
  reconnectPayloadSchema,
  revocationPayloadSchema,
  welcomePayloadSchema,
} from './frames.external';

/** A frame as the manager works with it. `sentAt` is the server's `message_timestamp`, as sent. */
export type Frame =
  | {
      kind: 'notification';
      sentAt: string;
      messageId: string;
      type: string;
      version: string;
      subscriptionId: string;
      /** `payload.event` as JSON text; `null` where there is none. */
      eventJson: string;
    }
  | { kind: 'keepalive'; sentAt: string }
  | { kind: 'welcome'; sentAt: string; sessionId: string; keepaliveSeconds: number | null }
  /** `url` is not checked yet. */
  | { kind: 'reconnect'; sentAt: string; url: unknown }
  | { kind: 'revocation'; sentAt: string; subscriptionId: string; type: string; status: string }
  | { kind: 'unknown'; sentAt: string; messageType: string }
  /** Not a message of EventSub; `problem` is a sentence without any of its content. */
  | { kind: 'bad'; problem: string };

/** Reads one text frame. Never throws. */
export function parseFrame(text: string): Frame {
  try {
    return readFrame(text);
  } catch (error: unknown) {
    // Besides what is not JSON: an event that is nested too deeply to be written down again.
    return bad(error instanceof SyntaxError ? 'A frame was not JSON.' : 'A frame could not be read.');
  }
}

function readFrame(text: string): Frame {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return bad('A frame was JSON, but not an object.');
  }
  return readNotification(value) ?? readOther(value);
}

/** What a notification looks like where nothing is known about it yet. */
interface Loose {
  metadata?: Loose | null;
  payload?: Loose | null;
  subscription?: Loose | null;
  [key: string]: unknown;
}

/** The hot path: a notification checked by hand, as `notificationSchema` would; null for everything else. */
function readNotification(value: object): Frame | null {
  const { metadata, payload } = value as Loose;
  if (typeof metadata !== 'object' || metadata?.['message_type'] !== 'notification') return null;
  const subscription = typeof payload === 'object' ? payload?.subscription : null;
  if (typeof subscription !== 'object' || !payload || !subscription) return null;
  const messageId = metadata['message_id'];
  const sentAt = metadata['message_timestamp'];
  const { id, type, version } = subscription;
  if (typeof messageId !== 'string' || messageId === '' || typeof sentAt !== 'string') return null;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof version !== 'string') return null;
  if (Array.isArray(metadata) || Array.isArray(payload) || Array.isArray(subscription)) return null;
  // Batched types (e.g. drop.entitlement.grant) have `events`; a custom server may send neither.
  const event = payload['event'] ?? payload['events'] ?? null;
  return {
    kind: 'notification',
    sentAt,
    messageId,
    type,
    version,
    subscriptionId: id,
    eventJson: JSON.stringify(event),
  };
}

function readOther(value: object): Frame {
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) return bad('A frame had no metadata of an EventSub message.');
  const { metadata, payload } = envelope.data;
  const sentAt = metadata.message_timestamp;
  switch (metadata.message_type) {
    case 'session_keepalive':
      return { kind: 'keepalive', sentAt };
    case 'session_welcome': {
      const welcome = welcomePayloadSchema.safeParse(payload);
      if (!welcome.success) return badShape('session_welcome');
      const { id, keepalive_timeout_seconds: seconds } = welcome.data.session;
      return {
        kind: 'welcome',
        sentAt,
        sessionId: id,
        keepaliveSeconds: typeof seconds === 'number' && seconds > 0 ? seconds : null,
      };
    }
    case 'session_reconnect': {
      // An announced move without an address is still an announced move.
      const reconnect = reconnectPayloadSchema.safeParse(payload);
      return {
        kind: 'reconnect',
        sentAt,
        url: reconnect.success ? reconnect.data.session.reconnect_url : null,
      };
    }
    case 'revocation': {
      const revocation = revocationPayloadSchema.safeParse(payload);
      if (!revocation.success) return badShape('revocation');
      const { id, type, status } = revocation.data.subscription;
      return { kind: 'revocation', sentAt, subscriptionId: id, type, status };
    }
    case 'notification':
      // The hot path has refused it; the schema only says that it agrees.
      return notificationSchema.safeParse(value).success
        ? bad('A notification could not be read.')
        : badShape('notification');
    default:
      return { kind: 'unknown', sentAt, messageType: metadata.message_type };
  }
}

function bad(problem: string): Frame {
  return { kind: 'bad', problem };
}

function badShape(messageType: string): Frame {
  return bad(`A frame of type ${messageType} did not have its shape.`);
}
