import assert from 'node:assert/strict';
import type { PollStatus } from '../../../src/shared/service';
import type { SubscriptionState } from '../../../src/shared/session-state';
import { makeFirstParts } from '../../../src/service/first-status';
import { deriveProblems } from '../../../src/service/problem-list';
import type { StatusParts } from '../../../src/service/status-board';
import { makeSettings } from './support';

const AT = '2030-01-01T00:00:00.000Z';
const LIVE = { kind: 'live', connectedAt: AT, lastMessageAt: AT, keepaliveTimeoutSeconds: 10 } as const;
const REVOKED: SubscriptionState = { kind: 'revoked', status: 'authorization_revoked', at: AT };

function makeParts(
  changes: Partial<StatusParts>,
  stateOf: (index: number) => SubscriptionState,
): StatusParts {
  const parts = makeFirstParts(makeSettings());
  const subscriptions = parts.subscriptions.map((subscription, index) => ({
    ...subscription,
    state: stateOf(index),
  }));
  return { ...parts, session: LIVE, subscriptions, ...changes };
}

const failing = (parts: StatusParts, missingScopes: string[] = []): PollStatus[] =>
  parts.polls.map(poll => ({
    ...poll,
    state: { kind: 'scheduled', nextAt: AT },
    last: { kind: 'failed', at: AT, message: 'api.example cannot be reached.' },
    missingScopes,
  }));

const live = (): SubscriptionState => ({ kind: 'live', since: AT, cost: 0 });

describe('the problems that follow from a status', () => {
  it('are one for all polls that fail', () => {
    const parts = makeParts({}, live);
    const [problem, ...others] = deriveProblems({ ...parts, polls: failing(parts) });
    assert.deepEqual(others, []);
    assert.equal(problem?.id, 'polls.failed');
    assert.deepEqual(problem.args, ['followers, roles, subscriptions', 'api.example cannot be reached.']);
  });

  it('are none of the polls while the connection is down as well: the status says that', () => {
    const session = { kind: 'waiting', attempt: 2, retryAt: AT, cause: { kind: 'silence' } } as const;
    const parts = makeParts({ session }, live);
    assert.deepEqual(deriveProblems({ ...parts, polls: failing(parts) }), []);
  });

  it('name a missing permission once, and not again for the poll that lacks it', () => {
    const scope = 'channel:read:vips';
    const parts = makeParts({}, index => (index > 5 ? { kind: 'missingScope', scope } : live()));
    const problems = deriveProblems({ ...parts, polls: failing(parts, [scope]) });
    assert.deepEqual(
      problems.map(({ id }) => id),
      [`scope.${scope}`],
    );
  });

  it('name revoked types in words, with the way out that helps', () => {
    const problemOf = (state: SubscriptionState): unknown[] =>
      deriveProblems(makeParts({}, index => (index === 6 ? state : live()))).map(({ args, action }) => [
        ...args,
        action,
      ]);
    assert.deepEqual(problemOf(REVOKED), [['VIP Added', 'signIn']]);
    assert.deepEqual(problemOf({ ...REVOKED, status: 'version_removed' }), [['VIP Added', 'retry']]);
  });

  it('do not call it a refusal when the permission was withdrawn', () => {
    const stopped = { kind: 'stopped', reason: { kind: 'everythingRefused' }, since: AT } as const;
    const ids = (state: SubscriptionState): string[] =>
      deriveProblems(makeParts({ session: stopped }, () => state)).map(({ id }) => id);
    assert.deepEqual(ids(REVOKED), ['subscriptions.revoked']);
    assert.deepEqual(ids({ kind: 'refused', status: 400, message: 'no' }), ['session.everythingRefused']);
  });
});
