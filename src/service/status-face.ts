import type { Problem, ServiceStatus } from '../shared/service';
import type { Settings, SettingProblem } from '../shared/settings';
import { makeFirstStatus } from './first-status';

/** The status as this window shows it: the leader's, with what is this window's own laid over it. */
export interface StatusFace {
  /** A status of the service that leads, in this window's role. */
  update(status: ServiceStatus, role: ServiceStatus['role']): void;
  /** Nobody leads for the moment: what was known stays. */
  setStarting(): void;
  setSettingProblems(problems: SettingProblem[]): void;
  /** A problem of this window's own; null takes it back. */
  setProblem(id: string, problem: Problem | null): void;
  current(): ServiceStatus;
}

/**
 * Keeps one window's status. Its revision is the window's own and never goes back, also when another window
 * takes the lead, so that views can drop what is older than what they have.
 */
export function createStatusFace(settings: Settings, onChange: (status: ServiceStatus) => void): StatusFace {
  let source = makeFirstStatus(settings);
  let settingProblems: SettingProblem[] = [];
  const problems = new Map<string, Problem>();
  let revision = 0;
  let shown = compose();

  function compose(): ServiceStatus {
    return { ...source, revision, settingProblems, problems: [...problems.values(), ...source.problems] };
  }
  const change = (): void => {
    revision += 1;
    shown = compose();
    onChange(shown);
  };

  return {
    update: (status, role) => {
      const isOlder = status.epoch === source.epoch && status.revision < source.revision;
      if (isOlder || status.epoch < source.epoch) return;
      if (status.epoch === source.epoch && status.revision === source.revision && role === source.role)
        return;
      source = { ...status, role };
      change();
    },
    setStarting: () => {
      if (source.role === 'starting') return;
      source = { ...source, role: 'starting' };
      change();
    },
    setSettingProblems: next => {
      if (JSON.stringify(next) === JSON.stringify(settingProblems)) return;
      settingProblems = next;
      change();
    },
    setProblem: (id, problem) => {
      if (JSON.stringify(problems.get(id) ?? null) === JSON.stringify(problem)) return;
      if (problem) problems.set(id, problem);
      else problems.delete(id);
      change();
    },
    current: () => shown,
  };
}
