import assert from 'node:assert/strict';
import { ServiceError, type JobStatus } from '../../../src/shared/service';
import { createJobRegistry } from '../../../src/service/job-registry';
import { until } from './support';

describe('long work', () => {
  const makeJobs = () => {
    const told: JobStatus[] = [];
    return { told, jobs: createJobRegistry(job => void told.push(job)) };
  };

  it('answers its id before anything is told of it, and tells its end', async () => {
    const { told, jobs } = makeJobs();
    const id = jobs.start('export', async ({ report }) => {
      for (let done = 1; done <= 1000; done++) report({ kind: 'running', done, total: 1000, message: '' });
      return await Promise.resolve({ message: 'file', count: 1000 });
    });
    assert.deepEqual(
      told.map(job => job.id),
      [],
    );
    await until(() => told.at(-1)?.state.kind === 'done', 'the end');
    assert.ok(told.length < 10, 'progress is told now and then');
    assert.ok(told.every(job => job.id === id));
  });

  it('tells a failure by its kind, and a cancellation as one', async () => {
    const { told, jobs } = makeJobs();
    jobs.start('refresh', () => Promise.reject(new ServiceError('offline', 'No network.')));
    await until(() => told.at(-1)?.state.kind === 'failed', 'the failure');
    assert.deepEqual(told.at(-1)?.state, {
      kind: 'failed',
      error: { kind: 'offline', message: 'No network.' },
    });
    const waiting = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const id = jobs.start('signIn', ({ signal }) => waiting(signal));
    jobs.start('simulate', ({ signal }) => waiting(signal));
    await until(() => told.filter(({ state }) => state.kind === 'running').length === 3, 'both to run');
    jobs.cancel(id);
    jobs.cancel('unknown');
    await until(() => told.some(job => job.id === id && job.state.kind === 'cancelled'), 'the cancellation');
    await jobs.cancelAll();
    assert.equal(told.filter(({ state }) => state.kind === 'cancelled').length, 2);
  });
});
