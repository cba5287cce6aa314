import assert from 'node:assert/strict';
import type { Problem, ServiceStatus } from '../../../src/shared/service';
import { makeFirstParts } from '../../../src/service/first-status';
import { createNoticeList, deriveProblems } from '../../../src/service/problem-list';
import { createStatusBoard } from '../../../src/service/status-board';
import { createStatusFace } from '../../../src/service/status-face';
import { makeSettings, makeStatus, until } from './support';

describe('the status', () => {
  it('tells a change of state at once and counters together', async () => {
    const told: ServiceStatus[] = [];
    const parts = makeFirstParts(makeSettings());
    const board = createStatusBoard({
      epoch: 3,
      parts,
      problemsOf: () => [],
      onChange: status => told.push(status),
    });
    board.set({ session: { kind: 'connecting', attempt: 1, since: 'now' } });
    assert.deepEqual(
      told.map(({ revision, epoch, session }) => [revision, epoch, session.kind]),
      [[1, 3, 'connecting']],
    );
    for (let unread = 1; unread <= 1000; unread++) board.set({ unread });
    assert.equal(told.length, 1);
    await until(() => told.length === 2, 'the counters');
    assert.equal(told[1]?.unread, 1000);
    board.set({ unread: 1000 });
    assert.equal(board.current().revision, 2, 'nothing has changed');
    board.set({ unread: 1001 });
    assert.equal(board.current().unread, 1001);
    board.dispose();
    board.set({ unread: 5, session: { kind: 'idle', reason: 'disconnected' } });
    assert.equal(told.length, 3);
  });

  it('names each cause once, with its way out', () => {
    const parts = makeFirstParts(makeSettings());
    const problems = deriveProblems({
      ...parts,
      account: { kind: 'expired', login: 'ada', reason: 'The token is spent.' },
      storage: { kind: 'failed', reason: 'Newer.', newerVersion: true },
      setAside: 2,
      subscriptions: parts.subscriptions.map(subscription => ({
        ...subscription,
        state: { kind: 'missingScope', scope: 'moderation:read' },
      })),
    });
    assert.deepEqual(
      problems.map(({ id, action }) => [id, action]),
      [
        ['account.expired', 'signIn'],
        ['storage.failed', 'reloadWindow'],
        ['storage.setAside', 'showLog'],
        ['scope.moderation:read', 'signIn'],
      ],
    );
  });

  it('keeps only the newest notices', () => {
    let changes = 0;
    const notices = createNoticeList(() => changes++);
    const notice: Omit<Problem, 'id'> = { severity: 'info', message: 'm', args: [], action: null };
    for (let i = 0; i < 100; i++) notices.set({ id: `storage.${i}`, ...notice });
    notices.set({ id: 'storage.99', ...notice });
    assert.equal(changes, 100);
    assert.equal(notices.list().length, 20);
    notices.clearAll('storage.');
    notices.clear('storage.1');
    assert.deepEqual(notices.list(), []);
    assert.equal(changes, 101);
  });

  it('of a window never goes back, whoever leads', () => {
    const shown: ServiceStatus[] = [];
    const face = createStatusFace(makeSettings(), status => shown.push(status));
    face.update(makeStatus({ epoch: 1, revision: 9, unread: 1 }), 'follower');
    face.update(makeStatus({ epoch: 1, revision: 8, unread: 2 }), 'follower');
    assert.equal(face.current().unread, 1);
    face.setStarting();
    assert.deepEqual([face.current().role, face.current().unread], ['starting', 1]);
    face.update(makeStatus({ epoch: 2, revision: 1, unread: 3 }), 'leader');
    face.update(makeStatus({ epoch: 1, revision: 10, unread: 4 }), 'follower');
    assert.deepEqual([face.current().role, face.current().unread, face.current().epoch], ['leader', 3, 2]);
    face.setProblem('x', { id: 'x', severity: 'info', message: 'm', args: [], action: null });
    face.update(makeStatus({ epoch: 2, revision: 2 }), 'leader');
    assert.deepEqual(
      face.current().problems.map(({ id }) => id),
      ['x'],
    );
    face.setProblem('x', null);
    face.setProblem('x', null);
    assert.deepEqual(
      shown.map(({ revision }) => revision),
      [1, 2, 3, 4, 5, 6],
    );
  });
});
