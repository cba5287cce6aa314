import type { ServiceStatus } from '../shared/service';
import type { HostStrings } from './host-strings';
import { saySettingProblem } from './setting-words';

/**
 * The same status with every sentence of ours in the person's language, for a view that has no bundle of its own.
 * What a server said stays as it is; arguments stay apart, so that they are filled in as plain text.
 */
export function translateStatus(
  status: ServiceStatus,
  strings: HostStrings,
  translate: (english: string) => string,
): ServiceStatus {
  const { session, storage } = status;
  return {
    ...status,
    session:
      session.kind === 'stopped' && session.reason.kind === 'badSetting'
        ? { ...session, reason: { ...session.reason, message: translate(session.reason.message) } }
        : session,
    storage: 'reason' in storage ? { ...storage, reason: translate(storage.reason) } : storage,
    polls: status.polls.map(poll =>
      poll.last?.kind === 'failed'
        ? { ...poll, last: { ...poll.last, message: translate(poll.last.message) } }
        : poll,
    ),
    problems: status.problems.map(problem => ({ ...problem, message: translate(problem.message) })),
    settingProblems: status.settingProblems.map(problem => ({
      ...problem,
      message: saySettingProblem(problem, strings),
    })),
  };
}
