import type { RecordedType, Viewer } from '../../shared/events';
import type { NewEvent } from '../event-book';
import { formatInstant } from '../instants';
import type { SweepIdentity } from '../records';

/** A row of `events` for what a poll found, with JSON as EventSub would have sent it. */
export function toPollEvent(
  sweep: SweepIdentity,
  atMs: number,
  found: {
    type: RecordedType;
    viewer: Viewer;
    occurredAtMs: number;
    /** Fields beside the person and the channel. */
    fields?: Record<string, unknown>;
    tier?: string;
    isGift?: boolean;
  },
): NewEvent {
  const { type, viewer, occurredAtMs } = found;
  return {
    // One sweep finds a thing of a viewer once, so this is unique, and the same when replayed.
    messageId: `poll:${sweep.channelId}:${type}:${viewer.id}:${sweep.startedAt}`,
    type,
    json: JSON.stringify({
      user_id: viewer.id,
      user_login: viewer.login,
      user_name: viewer.displayName,
      broadcaster_user_id: sweep.channelId,
      ...found.fields,
    }),
    viewer,
    channelId: sweep.channelId,
    occurredAt: formatInstant(occurredAtMs),
    occurredAtMs,
    receivedAt: formatInstant(atMs),
    receivedAtMs: atMs,
    source: 'poll',
    tier: found.tier ?? null,
    isGift: found.isGift ?? false,
    total: null,
    isAnonymous: false,
  };
}
