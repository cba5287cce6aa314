import { randomUUID } from 'node:crypto';
import { formatNanoseconds } from './simulator-clock';
import type { SubscriptionRecord } from './subscription-store';

/** The subscription as messages carry it (TWITCH.md 1.2). */
export function toMessageSubscription(record: SubscriptionRecord): Record<string, unknown> {
  const { id, status, type, version, cost, condition, sessionId, createdAt } = record;
  const transport = { method: 'websocket', session_id: sessionId };
  return { id, status, type, version, cost, condition, transport, created_at: createdAt };
}

/** One message before it is written; `subscription` only for notifications and revocations. */
export interface Message {
  type: 'session_welcome' | 'session_keepalive' | 'session_reconnect' | 'notification' | 'revocation';
  payload: Record<string, unknown>;
  atMs: number;
  subscription?: { type: string; version: string };
}

/** Writes a message as a frame's text. `hasExtras` adds fields that the documents do not have. */
export function writeFrame(message: Message, hasExtras: boolean): string {
  const metadata: Record<string, unknown> = {
    message_id: randomUUID(),
    message_type: message.type,
    message_timestamp: formatNanoseconds(message.atMs),
  };
  if (message.subscription) {
    metadata['subscription_type'] = message.subscription.type;
    metadata['subscription_version'] = message.subscription.version;
  }
  if (!hasExtras) return JSON.stringify({ metadata, payload: message.payload });
  const payload = Object.fromEntries(
    Object.entries(message.payload).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null
        ? { ...value, recovery_url: null, added_later: [1] }
        : value,
    ]),
  );
  return JSON.stringify({
    metadata: { ...metadata, message_region: 'us-west-2' },
    payload: { ...payload, added_later: { deep: [null] } },
    trace: 'a1b2',
  });
}
