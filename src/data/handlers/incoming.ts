import type { Viewer } from '../../shared/events';
import type { NewEvent } from '../event-book';
import { formatInstant, parseInstant } from '../instants';
import type { NotificationRecord } from '../records';

/** A poll's list lags: what the socket ends up to this long before a row that a poll began ends that row. */
export const POLL_LAG_MS = 300_000;

/** A notification with its event read and its times settled. */
export interface Incoming {
  record: NotificationRecord;
  event: Record<string, unknown>;
  channelId: string;
  /** `metadata.message_timestamp`; where that is no date, the time of arrival. */
  sentAtMs: number;
  sentAt: string;
  receivedAt: string;
}

/** Reads a notification's event. Throws an `Error` that says what is wrong with it. */
export function readIncoming(record: NotificationRecord): Incoming {
  // Where it could not be read before, this says what is wrong with it.
  const event: unknown = record.event ?? JSON.parse(record.eventJson);
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new Error('The event is not an object.');
  }
  const fields = event as Record<string, unknown>;
  const sentAtMs = parseInstant(record.messageTimestamp);
  const usedMs = Number.isNaN(sentAtMs) ? record.receivedAtMs : sentAtMs;
  return {
    record,
    event: fields,
    channelId: readString(fields['broadcaster_user_id']) ?? '',
    sentAtMs: usedMs,
    sentAt: formatInstant(usedMs),
    receivedAt: formatInstant(record.receivedAtMs),
  };
}

export function readString(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The person in an event's `user_id`, `user_login`, `user_name`; null if it names none. */
export function readViewer(event: Record<string, unknown>): Viewer | null {
  const id = event['user_id'];
  if (typeof id !== 'string' || id === '') return null;
  const login = readString(event['user_login']);
  const name = readString(event['user_name']);
  return { id, login: login ?? name ?? id, displayName: name ?? login ?? id };
}

/** As `readViewer`; throws where there has to be a person. */
export function requireViewer(event: Record<string, unknown>): Viewer {
  const viewer = readViewer(event);
  if (!viewer) throw new Error('The event names no user_id.');
  return viewer;
}

/** The event's tier; throws if there is none. */
export function requireTier(event: Record<string, unknown>): string {
  const tier = readString(event['tier']);
  if (tier === null) throw new Error('The event names no tier.');
  return tier;
}

/** A row of `events` for a notification that happened when it was sent. */
export function toNewEvent(incoming: Incoming, viewer: Viewer | null): NewEvent {
  const { record } = incoming;
  return {
    messageId: record.messageId,
    type: record.type,
    json: record.eventJson,
    viewer,
    channelId: incoming.channelId,
    occurredAt: incoming.sentAt,
    occurredAtMs: incoming.sentAtMs,
    receivedAt: incoming.receivedAt,
    receivedAtMs: record.receivedAtMs,
    source: 'eventsub',
    tier: null,
    isGift: false,
    total: null,
    isAnonymous: false,
  };
}
