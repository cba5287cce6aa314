import { randomUUID } from 'node:crypto';
import type { OddFrame } from './faults';
import { formatNanoseconds } from './simulator-clock';

const HUGE_BYTES = 4 * 1024 * 1024;

/** The bytes or the text of a frame that no EventSub server should send. */
export function writeOddFrame(frame: OddFrame, atMs: number): string | Buffer {
  if (typeof frame === 'object') return frame.raw;
  switch (frame) {
    case 'badJson':
      return '{"metadata":{"message_id":"1","message_type":"notif';
    case 'empty':
      return '';
    case 'notAnObject':
      return '[1,2,3]';
    case 'wrongShape':
      return '{"metadata":"none","payload":7}';
    case 'wrongEvent':
      return writeNotification(atMs, 'channel.follow', '2', { user_id: 12, followed_at: null });
    case 'unknownMessageType':
      return JSON.stringify({ metadata: metadata(atMs, 'session_farewell'), payload: { reason: 'none' } });
    case 'unknownEventType':
      return writeNotification(atMs, 'channel.raid', '1', {
        from_broadcaster_user_id: '1',
        to_broadcaster_user_id: '2',
        viewers: 3,
      });
    case 'binary':
      return Buffer.from([0, 159, 146, 150, 255]);
    case 'huge':
      return JSON.stringify({
        metadata: metadata(atMs, 'session_keepalive'),
        payload: { padding: 'x'.repeat(HUGE_BYTES) },
      });
  }
}

function metadata(atMs: number, type: string): Record<string, unknown> {
  return { message_id: randomUUID(), message_type: type, message_timestamp: formatNanoseconds(atMs) };
}

function writeNotification(atMs: number, type: string, version: string, event: unknown): string {
  const subscription = {
    id: randomUUID(),
    status: 'enabled',
    type,
    version,
    cost: 0,
    condition: {},
    transport: { method: 'websocket', session_id: 'none' },
    created_at: formatNanoseconds(atMs),
  };
  return JSON.stringify({
    metadata: { ...metadata(atMs, 'notification'), subscription_type: type, subscription_version: version },
    payload: { subscription, event },
  });
}
