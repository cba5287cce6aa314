import { pause } from './alarm';
import { backoffMs, type BackoffOptions } from './backoff';
import type { Clock } from './clock';
import { readConflict } from './subscription-conflict';
import type { CallResult, NewSubscription, SubscriptionsClient } from './subscriptions-client';

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

/**
 * Deletes a subscription of ours at the server; a failure is reported. Where the server named no id (null) it is
 * looked up in its list. Never rejects.
 */
export async function removeSubscription(
  wanted: NewSubscription,
  id: string | null,
  { client, clock, random, backoff, listener }: RemovalOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const result =
      id === null ? await removeUnnamed(wanted, client, signal) : await client.remove(id, signal);
    if (result.kind === 'ok' || signal.aborted) return;
    if (result.kind !== 'transient' || tries === MAX_TRIES) {
      const message = 'message' in result ? result.message : 'nobody is signed in';
      listener.report('unsubscribe', `${wanted.type} could not be unsubscribed from: ${message}`);
      return;
    }
    await pause(clock, backoffMs(tries, random(), backoff), signal);
  }
}

async function removeUnnamed(
  wanted: NewSubscription,
  client: SubscriptionsClient,
  signal: AbortSignal,
): Promise<CallResult<null>> {
  const listed = await client.list(signal);
  if (listed.kind !== 'ok') return listed;
  const { own } = readConflict(wanted, 409, listed.value, { open: new Set(), held: new Set() });
  return own ? client.remove(own.id, signal) : { kind: 'ok', value: null };
}
