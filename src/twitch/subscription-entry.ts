import { CATALOGUE, EVENT_TYPES, type EventType } from '../shared/catalogue';
import type { Disposable } from '../shared/service';
import type { SubscriptionState } from '../shared/session-state';
import type { SubscribeOutcome } from './session-types';
import type { ManagerIdentity } from './twitch-ports';

/** What the keeper knows of one type. */
export interface Entry {
  state: SubscriptionState;
  /** The subscription's id where one lives and the server named it. */
  id: string | null;
  /** Grows with each thing begun for this type; what an older one finds is out of date. */
  run: number;
  failures: number;
  /** Whether its present refusal passes by itself. */
  isPassing: boolean;
  retry: Disposable | null;
}

/** One entry for every type of the catalogue. */
export function createEntries(chosen: ReadonlySet<EventType>): Map<EventType, Entry> {
  return new Map(
    EVENT_TYPES.map(type => {
      const state: SubscriptionState = { kind: chosen.has(type) ? 'pending' : 'off' };
      return [type, { state, id: null, run: 0, failures: 0, isPassing: false, retry: null }];
    }),
  );
}

/** Ends what is under way for a type and forgets its subscription; the state is the caller's. */
export function endRun(entry: Entry): void {
  entry.run++;
  entry.id = null;
  entry.isPassing = false;
  entry.retry?.dispose();
  entry.retry = null;
}

/** What the session comes to, once none of the chosen types is under way. */
export function outcomeOf(chosen: readonly Entry[]): SubscribeOutcome {
  if (chosen.length === 0) return { kind: 'stop', reason: { kind: 'nothingChosen' } };
  if (chosen.some(({ state }) => state.kind === 'live')) return { kind: 'live' };
  for (const { state, isPassing } of chosen) {
    if (isPassing && state.kind === 'refused') {
      return { kind: 'failed', message: `Nothing could be subscribed to: ${state.message}` };
    }
  }
  const isInvalid = chosen.some(({ state }) => state.kind === 'refused' && state.status === 401);
  return { kind: 'stop', reason: { kind: isInvalid ? 'tokenInvalid' : 'everythingRefused' } };
}

/** Whether only the lack of a permission keeps a type away, so that another token or other scopes can change it. */
export function lacksPermission(state: SubscriptionState): boolean {
  switch (state.kind) {
    case 'missingScope':
      return true;
    case 'refused':
      return state.status === 401 || state.status === 403;
    case 'revoked':
      return state.status === 'authorization_revoked';
    default:
      return false;
  }
}

/** What makes asking for a type useless, as far as it is known beforehand. */
export function knownObstacle(type: EventType, identity: ManagerIdentity): SubscriptionState | null {
  if (CATALOGUE[type].isOwnerOnly && identity.channelId !== identity.userId) return { kind: 'ownerOnly' };
  const scope = missingScope(type, identity);
  return scope === null ? null : { kind: 'missingScope', scope };
}

/** The scope to ask for where the ones granted are known and none of them is enough. */
export function missingScope(type: EventType, { grantedScopes }: ManagerIdentity): string | null {
  const { sufficientScopes, scope } = CATALOGUE[type];
  if (grantedScopes === null || sufficientScopes.some(each => grantedScopes.includes(each))) return null;
  return scope;
}

/** So many revocations are remembered of subscriptions that are not known (yet). */
const MAX_EARLY_REVOCATIONS = 100;

/** Revocations that came before the answer to the creation of what they revoke. */
export class EarlyRevocations {
  readonly #statuses = new Map<string, string>();

  add(id: string, status: string): void {
    this.#statuses.set(id, status);
    const oldest = this.#statuses.keys().next();
    if (this.#statuses.size > MAX_EARLY_REVOCATIONS && !oldest.done) this.#statuses.delete(oldest.value);
  }

  statusOf(id: string | null): string | null {
    return id === null ? null : (this.#statuses.get(id) ?? null);
  }

  clear(): void {
    this.#statuses.clear();
  }
}
