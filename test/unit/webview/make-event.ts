import type { FeedEvent } from '../../../src/shared/events';

/** A feed event for tests; what is not given is a follow by a viewer named after the id. */
export function makeEvent(id: number, occurredAt: string, more: Partial<FeedEvent> = {}): FeedEvent {
  return {
    id,
    type: 'channel.follow',
    viewer: { id: `u${id}`, login: `viewer_${id}`, displayName: `Viewer_${id}` },
    channelId: '1',
    occurredAt,
    receivedAt: occurredAt,
    source: 'eventsub',
    tier: null,
    isGift: false,
    total: null,
    giftEventId: null,
    isAnonymous: false,
    ...more,
  };
}

/** The instant `seconds` before noon of a fixed day in local time, so that no test depends on the zone. */
export function beforeNoon(seconds: number): string {
  return new Date(new Date(2025, 10, 23, 12).getTime() - seconds * 1_000).toISOString();
}
