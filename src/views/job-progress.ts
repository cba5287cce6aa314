import * as vscode from 'vscode';
import { ServiceError, type JobStatus } from '../shared/service';
import { isOver } from './job-tracker';
import type { WindowContext } from './window-context';

/** What a job that was done gave. */
export type JobResult = Extract<JobStatus['state'], { kind: 'done' }>;

/**
 * Runs long work with progress and a Cancel button. Rejects with the job's `ServiceError`, of kind `cancelled` if the
 * person cancelled it.
 */
export async function runJob(
  context: WindowContext,
  title: string,
  begin: () => Promise<string>,
): Promise<JobResult> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const id = await begin();
      return followJob(context, id, token, text => progress.report({ message: text }));
    },
  );
}

/** Follows work that has begun until it is over; cancelling the token cancels the work. */
export async function followJob(
  { service, jobs, log, locale, status }: WindowContext,
  id: string,
  token: vscode.CancellationToken,
  report: (text: string) => void,
): Promise<JobResult> {
  const cancel = (): void => {
    service.cancelJob(id).catch((error: unknown) => log.warn('A job could not be cancelled.', error));
  };
  const watching = jobs.watch(id, job => {
    if (job.state.kind === 'running') report(sayProgress(job.state, locale));
  });
  const cancelling = token.onCancellationRequested(cancel);
  if (token.isCancellationRequested) cancel();
  const epoch = status.current?.epoch;
  const leaderWatch = new AbortController();
  const isLost = status
    .waitFor(current => epoch !== undefined && current.epoch !== epoch, leaderWatch.signal)
    .then(() => Promise.reject(new ServiceError('internal', 'The window that did this was closed.')));
  try {
    return takeResult(await Promise.race([jobs.waitFor(id, isOver), isLost]));
  } finally {
    leaderWatch.abort();
    isLost.catch(ignoreLateEnd);
    watching.dispose();
    cancelling.dispose();
  }
}

/** The watch on the leading window always ends in a rejection; by then the job's own end was reported. */
function ignoreLateEnd(): void {
  return undefined;
}

/** The result of a job that is over; throws what it failed with. */
export function takeResult({ state }: JobStatus): JobResult {
  if (state.kind === 'done') return state;
  if (state.kind === 'failed') throw new ServiceError(state.error.kind, state.error.message);
  throw new ServiceError('cancelled', 'Cancelled.');
}

function sayProgress(state: { done: number; total: number | null }, locale: string): string {
  if (state.done === 0 && state.total === null) return '';
  const done = state.done.toLocaleString(locale);
  return state.total === null ? done : vscode.l10n.t('{0} of {1}', done, state.total.toLocaleString(locale));
}
