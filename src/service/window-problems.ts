import type { Problem } from '../shared/service';

/** The leading window has been silent when asked. */
export const NOT_ANSWERING = 'window.notAnswering';
/** The leading window's messages are of another protocol. */
export const MISMATCH = 'window.versionMismatch';
/** Nobody can lead, because the epoch files cannot be written. */
export const NO_FOLDER = 'window.noFolder';

export const NOT_ANSWERING_PROBLEM: Problem = {
  id: NOT_ANSWERING,
  severity: 'warning',
  message:
    'The window that holds the connection does not answer. It goes on when that window does, or is closed.',
  args: [],
  action: 'showLog',
};

export const MISMATCH_PROBLEM: Problem = {
  id: MISMATCH,
  severity: 'warning',
  message: 'Another window runs a newer version of EventSub Live. Reload this window to go on.',
  args: [],
  action: 'reloadWindow',
};

/** Says why the storage folder cannot be used. */
export function makeNoFolderProblem(error: Error): Problem {
  return {
    id: NO_FOLDER,
    severity: 'error',
    message: 'The storage folder cannot be used, so nothing can be started: {0}. It is tried again.',
    args: [error.message],
    action: 'showLog',
  };
}
