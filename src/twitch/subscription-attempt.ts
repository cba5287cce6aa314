import type { Logger } from '../shared/service';
import type { SlotHolder } from '../shared/session-state';
import { readConflict, type SessionKnowledge } from './subscription-conflict';
import type {
  CallFailure,
  CallResult,
  ListedSubscription,
  NewSubscription,
  SubscriptionsClient,
} from './subscriptions-client';

/** What came of one attempt at one subscription. */
export type AttemptResult =
  | { kind: 'live'; id: string | null; cost: number }
  | { kind: 'slotsHeld'; holders: SlotHolder[]; message: string }
  | Exclude<CallFailure, { kind: 'conflict' }>;

/** Creates subscriptions, and clears our own dead ones out of the way where they hold the slots. */
export interface SubscriptionCreator {
  /** `onConflict` is called before the list is read, so that a socket being retired can go first. */
  attempt(wanted: NewSubscription, onConflict: () => void, signal: AbortSignal): Promise<AttemptResult>;
}

/** Makes a creator; `sessions` is asked at each conflict. */
export function createSubscriptionCreator(options: {
  client: SubscriptionsClient;
  sessions: () => SessionKnowledge;
  logger: Logger;
}): SubscriptionCreator {
  const { client, logger } = options;
  /** Eight types in conflict read one list and delete each dead subscription once. */
  let listing: Promise<CallResult<ListedSubscription[]>> | null = null;
  const removals = new Map<string, Promise<CallResult<null>>>();

  const list = (signal: AbortSignal): Promise<CallResult<ListedSubscription[]>> => {
    listing ??= client.list(signal).finally(() => {
      listing = null;
    });
    return listing;
  };
  const remove = (id: string, signal: AbortSignal): Promise<CallResult<null>> => {
    const removal =
      removals.get(id) ??
      client.remove(id, signal).finally(() => {
        removals.delete(id);
      });
    removals.set(id, removal);
    return removal;
  };

  return {
    attempt: async (wanted, onConflict, signal) => {
      const first = await client.create(wanted, signal);
      if (first.kind !== 'conflict') return settle(first);
      onConflict();
      const listed = await list(signal);
      if (listed.kind === 'conflict' || listed.kind === 'refused') return heldBy([], first.message);
      if (listed.kind !== 'ok') return listed;
      const before = readConflict(wanted, first.status, listed.value, options.sessions());
      if (before.own) return { kind: 'live', id: before.own.id, cost: before.own.cost };
      if (before.dead.length > 0) {
        logger.info(`subscriptions: ${before.dead.length} dead ones of ours are deleted for ${wanted.type}`);
      }
      const removed = await Promise.all(before.dead.map(({ id }) => remove(id, signal)));
      const second = await client.create(wanted, signal);
      if (second.kind !== 'conflict') return settle(second);
      // A dead one that could not be deleted just now still holds the slot.
      return removed.find(result => result.kind === 'transient') ?? heldBy(before.holders, second.message);
    },
  };
}

function settle(result: Exclude<CallResult<ListedSubscription | null>, { kind: 'conflict' }>): AttemptResult {
  return result.kind === 'ok'
    ? { kind: 'live', id: result.value?.id ?? null, cost: result.value?.cost ?? 0 }
    : result;
}

function heldBy(holders: SlotHolder[], message: string): AttemptResult {
  return { kind: 'slotsHeld', holders, message };
}
