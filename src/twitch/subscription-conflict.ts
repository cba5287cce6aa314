import { isEventType } from '../shared/catalogue';
import type { SlotHolder } from '../shared/session-state';
import type { ListedSubscription, NewSubscription } from './subscriptions-client';

/** What the server's list says about a 409 or 429. */
export interface ConflictReport {
  /** It is there already, alive, on the session that it was wanted on. */
  own: ListedSubscription | null;
  /** Ours to delete: they hold slots and can never deliver again. */
  dead: ListedSubscription[];
  /** Alive and not ours. */
  holders: SlotHolder[];
}

/** Which sessions are whose. */
export interface SessionKnowledge {
  /** Sessions that this installation holds open now. */
  open: ReadonlySet<string>;
  /** Sessions that this installation ever held. */
  held: ReadonlySet<string>;
}

/**
 * Sorts what the server lists after a conflict (TWITCH.md 1.5). Dead are those that are not enabled, whose socket
 * has gone, or whose session this installation held and closed. A live one of another session is never among them.
 */
export function readConflict(
  wanted: NewSubscription,
  status: number,
  listed: readonly ListedSubscription[],
  sessions: SessionKnowledge,
): ConflictReport {
  const report: ConflictReport = { own: null, dead: [], holders: [] };
  const holding = new Set<string>();
  for (const subscription of listed) {
    if (subscription.method !== 'websocket') continue;
    const isSame = subscription.type === wanted.type && isSameCondition(subscription, wanted);
    // A 429 can be about the number of sessions, which any type of ours may hold up.
    if (!isSame && !(status === 429 && isEventType(subscription.type))) continue;
    if (isDead(subscription, sessions)) report.dead.push(subscription);
    else if (subscription.sessionId === wanted.sessionId) report.own ??= isSame ? subscription : null;
    else {
      // One session that holds eight types is one holder.
      const holder = subscription.sessionId ?? subscription.id;
      if (holding.has(holder)) continue;
      holding.add(holder);
      report.holders.push({ createdAt: subscription.createdAt, connectedAt: subscription.connectedAt });
    }
  }
  return report;
}

function isDead(subscription: ListedSubscription, { open, held }: SessionKnowledge): boolean {
  if (subscription.status !== 'enabled' || subscription.isDisconnected) return true;
  const { sessionId } = subscription;
  return sessionId !== null && held.has(sessionId) && !open.has(sessionId);
}

/** Servers may leave out empty parts of a condition, or add some. */
function isSameCondition(listed: ListedSubscription, wanted: NewSubscription): boolean {
  return Object.entries(wanted.condition).every(([key, value]) => (listed.condition[key] ?? '') === value);
}
