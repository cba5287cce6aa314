import type { EventType } from '../shared/catalogue';
import { pause } from './alarm';
import { backoffMs, type BackoffOptions } from './backoff';
import type { Clock } from './clock';
import type { AttemptResult, SubscriptionCreator } from './subscription-attempt';
import type { NewSubscription } from './subscriptions-client';

/** One session that subscriptions are created on; the ids change when it moves. */
export interface KeptSession {
  generation: number;
  sessionId: string;
  readonly windowEndsMonoMs: number;
  readonly aborter: AbortController;
  readonly queue: TypeQueue;
  hasConflict: boolean;
  hasAnswered: boolean;
}

/** One thing at a time for each type: a creation never overtakes a removal, nor the other way round. */
export class TypeQueue {
  readonly #tails = new Map<EventType, Promise<void>>();

  /** Does the work when all that was asked for this type before is done. */
  run(type: EventType, work: () => Promise<void>): Promise<void> {
    const turn = (this.#tails.get(type) ?? Promise.resolve()).then(work);
    this.#tails.set(
      type,
      turn.catch(() => undefined),
    );
    return turn;
  }
}

/** In-window retries begin after a quarter of a second. */
const IN_WINDOW: BackoffOptions = { baseMs: 250, capMs: 2000 };

/**
 * Creates one subscription: what passes by itself is tried again within the session's window. Answers the last
 * result, also when `isWanted` says no meanwhile. Never rejects.
 */
export async function createWithinWindow(
  { creator, clock, random }: { creator: SubscriptionCreator; clock: Clock; random: () => number },
  wanted: Omit<NewSubscription, 'sessionId'>,
  session: KeptSession,
  { isWanted, onConflict }: { isWanted: () => boolean; onConflict: () => void },
): Promise<AttemptResult> {
  const { signal } = session.aborter;
  for (let tries = 1; ; tries++) {
    const { sessionId } = session;
    const result = await creator.attempt({ ...wanted, sessionId }, onConflict, signal);
    if (!isWanted()) return result;
    // The session moved while we asked: what was made on the old one may not have come along.
    const isBound = result.kind === 'sessionGone' || result.kind === 'live';
    if (isBound && session.sessionId !== sessionId) continue;
    const delayMs = backoffMs(tries, random(), IN_WINDOW);
    const isInTime = clock.monotonic() + delayMs < session.windowEndsMonoMs;
    if (result.kind !== 'transient' || !isInTime) return result;
    await pause(clock, delayMs, signal);
    if (!isWanted()) return result;
  }
}
