import { pause } from './alarm';
import { backoffMs, type BackoffOptions } from './backoff';
import type { Clock } from './clock';
import type { SubscriptionsClient } from './subscriptions-client';

/** What passes by itself is tried so often. */
const MAX_TRIES = 3;

/** What deleting a subscription needs. */
export interface RemovalOptions {
  client: SubscriptionsClient;
  clock: Clock;
  random: () => number;
  backoff: BackoffOptions;
  listener: { report(kind: string, message: string): void };
}

/** Deletes a subscription of ours at the server; a failure is reported. Never rejects. */
export async function removeSubscription(
  type: string,
  id: string,
  { client, clock, random, backoff, listener }: RemovalOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const result = await client.remove(id, signal);
    if (result.kind === 'ok' || signal.aborted) return;
    if (result.kind !== 'transient' || tries === MAX_TRIES) {
      const message = 'message' in result ? result.message : 'nobody is signed in';
      listener.report('unsubscribe', `${type} could not be unsubscribed from: ${message}`);
      return;
    }
    await pause(clock, backoffMs(tries, random(), backoff), signal);
  }
}
