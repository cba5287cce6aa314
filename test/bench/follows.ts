import { createHash } from 'node:crypto';
import type { NotificationInput } from '../../src/shared/data-service';

/** The id of the one subscription that the frame server gives out. */
export const SUBSCRIPTION_ID = '7d0a4f0e-5c1b-4a55-9f3e-0b6f2f6a1c11';
export const CHANNEL_ID = '1337';

/** The stored events end so long before now (when they were stored), */
export const STORED_END_BEFORE_MS = 3 * 86_400_000;
/** and lie so far apart: a million of them are a year's. */
export const STORED_APART_MS = 30_000;
/** Above every number that stored events have. */
export const FIRST_NEW = 5_000_000;

const SYLLABLES = 'ka zu mi ron del tha vex lor qui sha ben tor wyn pix jun gro fay hex nym ost'.split(' ');

/** A name as people on Twitch have them: sounds, then something that makes it unlike all others. */
export function makeName(index: number): string {
  const hash = createHash('md5').update(`name ${index}`).digest();
  const sounds = [hash[0], hash[1], hash[2]].map(byte => SYLLABLES[(byte ?? 0) % SYLLABLES.length] ?? '');
  const joined = `${sounds.join('')}_${index.toString(36)}`;
  return joined.charAt(0).toUpperCase() + joined.slice(1);
}

function makeUuid(index: number): string {
  const hex = createHash('md5').update(`message ${index}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Milliseconds as Twitch writes instants: with nanoseconds. */
function toNanoseconds(atMs: number, index: number): string {
  return new Date(atMs).toISOString().replace('Z', `${String(100_000 + (index % 900_000))}Z`);
}

/** The event of `channel.follow` by viewer number `index`, who is nobody else. */
function makeEvent(index: number, atMs: number): Record<string, string> {
  const name = makeName(index);
  return {
    user_id: String(100_000_000 + index),
    user_login: name.toLowerCase(),
    user_name: name,
    broadcaster_user_id: CHANNEL_ID,
    broadcaster_user_login: 'cooler_user',
    broadcaster_user_name: 'Cooler_User',
    followed_at: toNanoseconds(atMs, index),
  };
}

/** The whole frame as Twitch sends it ("WebSocket messages", notification); the follow may lie in the past. */
export function makeFrame(
  index: number,
  sentAtMs: number,
  sessionId: string,
  followedAtMs = sentAtMs,
): string {
  return JSON.stringify({
    metadata: {
      message_id: makeUuid(index),
      message_type: 'notification',
      message_timestamp: toNanoseconds(sentAtMs, index + 7),
      subscription_type: 'channel.follow',
      subscription_version: '2',
    },
    payload: {
      subscription: {
        id: SUBSCRIPTION_ID,
        status: 'enabled',
        type: 'channel.follow',
        version: '2',
        cost: 0,
        condition: { broadcaster_user_id: CHANNEL_ID, moderator_user_id: CHANNEL_ID },
        transport: { method: 'websocket', session_id: sessionId },
        created_at: '2026-11-29T00:00:00.123456789Z',
      },
      event: makeEvent(index, followedAtMs),
    },
  });
}

/** The same as it reaches the database. */
export function makeNotification(index: number, atMs: number): NotificationInput {
  return {
    messageId: makeUuid(index),
    messageTimestamp: toNanoseconds(atMs, index + 7),
    type: 'channel.follow',
    version: '2',
    subscriptionId: SUBSCRIPTION_ID,
    eventJson: JSON.stringify(makeEvent(index, atMs)),
    receivedAtMs: Math.round(atMs) + 120,
    isLate: false,
  };
}
