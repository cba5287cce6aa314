import { isEventType, type EventType } from '../shared/catalogue';
import type { Books } from './books';
import { handleFollow } from './handlers/follow';
import { readIncoming, readString, readViewer, toNewEvent, type Incoming } from './handlers/incoming';
import { handleRoleAdded, handleRoleRemoved } from './handlers/role';
import { handleGift, handleSubscribe, handleSubscriptionEnd } from './handlers/subscription';
import type { NotificationRecord } from './records';

type Handler = (books: Books, incoming: Incoming) => void;

const HANDLERS: Readonly<Record<EventType, Handler>> = {
  'channel.follow': handleFollow,
  'channel.subscribe': handleSubscribe,
  'channel.subscription.end': handleSubscriptionEnd,
  'channel.subscription.gift': handleGift,
  'channel.moderator.add': (books, incoming) => handleRoleAdded(books, incoming, 'moderator'),
  'channel.moderator.remove': (books, incoming) => handleRoleRemoved(books, incoming, 'moderator'),
  'channel.vip.add': (books, incoming) => handleRoleAdded(books, incoming, 'vip'),
  'channel.vip.remove': (books, incoming) => handleRoleRemoved(books, incoming, 'vip'),
};

/**
 * Records a notification: what it does depends only on the record and the database. A type outside the
 * catalogue becomes a row of `events` and nothing else. Throws on an event that cannot be understood.
 */
export function routeNotification(books: Books, record: NotificationRecord): void {
  const incoming = readIncoming(record);
  if (isEventType(record.type)) HANDLERS[record.type](books, incoming);
  else recordUnknown(books, incoming);
}

function recordUnknown(books: Books, incoming: Incoming): void {
  const viewer = readViewer(incoming.event);
  const known = viewer ? books.viewers.upsert(viewer, incoming.sentAt) : null;
  const eventId = books.events.insert({
    ...toNewEvent(incoming, viewer),
    tier: incoming.record.type.startsWith('channel.sub') ? readString(incoming.event['tier']) : null,
  });
  if (known) books.viewers.linkEvent(known, eventId);
}
