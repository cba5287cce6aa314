import { CATALOGUE, EVENT_TYPES } from '../../src/shared/catalogue';
import type { FeedEvent } from '../../src/shared/events';
import type { PollStatus, ServiceStatus } from '../../src/shared/service';
import type { SubscriptionState } from '../../src/shared/session-state';

/** The instant that the samples call now. */
export const SAMPLE_NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');

/** A poll's line as it is while EventSub is live. */
export function samplePoll(kind: PollStatus['kind'], changes: Partial<PollStatus> = {}): PollStatus {
  return {
    kind,
    state: { kind: 'scheduled', nextAt: '2026-03-01T14:20:00.000Z' },
    pace: 'reconcile',
    intervalMs: 3 * 3_600_000,
    last: null,
    ...changes,
  };
}

/** A live status with all eight types subscribed. */
export function sampleStatus(changes: Partial<ServiceStatus> = {}): ServiceStatus {
  const state: SubscriptionState = { kind: 'live', since: '2026-03-01T10:00:00.000Z', cost: 0 };
  return {
    revision: 1,
    epoch: 1,
    role: 'leader',
    server: { kind: 'twitch', label: 'Twitch' },
    account: { kind: 'signedIn', userId: '1337', login: 'streamer', scopes: [], canRefresh: true },
    channel: { id: '1337', login: 'streamer' },
    session: {
      kind: 'live',
      connectedAt: '2026-03-01T10:00:00.000Z',
      lastMessageAt: '2026-03-01T11:59:56.000Z',
      keepaliveTimeoutSeconds: 10,
    },
    subscriptions: EVENT_TYPES.map(type => ({
      type,
      state,
      version: CATALOGUE[type].version,
      condition: { broadcaster_user_id: '1337' },
    })),
    polls: [samplePoll('followers'), samplePoll('roles'), samplePoll('subscriptions')],
    counters: {
      notifications: 0,
      keepalives: 0,
      copies: 0,
      late: 0,
      badFrames: 0,
      unknownMessages: 0,
      reconnects: 0,
    },
    storage: { kind: 'ok', sizeBytes: 1, eventCount: 1 },
    setAside: 0,
    unread: 0,
    today: {},
    problems: [],
    settingProblems: [],
    ...changes,
  };
}

/** A follow as the feed has it. */
export function sampleEvent(changes: Partial<FeedEvent> = {}): FeedEvent {
  return {
    id: 1,
    type: 'channel.follow',
    viewer: { id: '7', login: 'ada_lovelace', displayName: 'Ada_Lovelace' },
    channelId: '1337',
    occurredAt: '2026-03-01T11:59:00.000Z',
    receivedAt: '2026-03-01T11:59:00.100Z',
    source: 'eventsub',
    tier: null,
    isGift: false,
    total: null,
    giftEventId: null,
    isAnonymous: false,
    ...changes,
  };
}
