import type { SweepKind } from '../shared/data-service';
import type { PollKind, PollStatus } from '../shared/service';
import { HELIX_LISTS } from './helix-lists';
import type { PollerOptions } from './twitch-ports';

/** The lists that each poll reads. */
const POLL_LISTS: Readonly<Record<PollKind, readonly SweepKind[]>> = {
  followers: ['followers'],
  roles: ['moderators', 'vips'],
  subscriptions: ['subscriptions'],
};

/** Why a poll does not run. */
export type OffState = Extract<PollStatus['state'], { kind: 'off' }>;

export interface ListsQuestion {
  kind: PollKind;
  isOwner: boolean;
  /** Null: unknown, so every list is tried. */
  scopes: readonly string[] | null;
  /** Lists that Helix itself refused for the lack of a scope, whatever `scopes` says. */
  refused: ReadonlySet<SweepKind>;
}

/** The lists of a poll that can be read, the scopes that the others lack, and why none can be read if so. */
export function chooseLists(question: ListsQuestion): {
  lists: SweepKind[];
  missingScopes: string[];
  off: OffState | null;
} {
  const { kind, isOwner, scopes, refused } = question;
  // A moderator's token opens only the list of followers (TWITCH.md 1.7).
  if (!isOwner && kind !== 'followers') {
    return { lists: [], missingScopes: [], off: { kind: 'off', why: 'ownerOnly' } };
  }
  const lists: SweepKind[] = [];
  const missingScopes: string[] = [];
  for (const list of POLL_LISTS[kind]) {
    const sufficient = HELIX_LISTS[list].scopes;
    const isGranted = scopes === null || sufficient.some(scope => scopes.includes(scope));
    if (isGranted && !refused.has(list)) lists.push(list);
    else missingScopes.push(sufficient[0] ?? '');
  }
  const scope = missingScopes[0];
  const off: OffState | null =
    lists.length === 0 && scope !== undefined ? { kind: 'off', why: 'missingScope', scope } : null;
  return { lists, missingScopes, off };
}

/** How often a poll comes, in milliseconds. */
export function intervalOf(kind: PollKind, pace: PollStatus['pace'], options: PollerOptions): number {
  if (pace === 'reconcile') return options.reconcileMs;
  return kind === 'followers' ? options.followersMs : options.rolesMs;
}
