import type { ServiceStatus } from '../shared/service';

/** What the parts of the service tell of themselves; the board makes the rest. */
export type StatusParts = Omit<ServiceStatus, 'revision' | 'epoch' | 'role' | 'problems' | 'settingProblems'>;

export interface StatusBoardOptions {
  epoch: number;
  parts: StatusParts;
  /** The problems that follow from the parts. */
  problemsOf: (parts: StatusParts) => ServiceStatus['problems'];
  /** Hears complete statuses: a change of state at once, all else soon, in a rush four times a second. */
  onChange: (status: ServiceStatus) => void;
}

/** The leading window's status, assembled from its parts. */
export interface StatusBoard {
  readonly parts: Readonly<StatusParts>;
  /** Changes some parts. */
  set(change: Partial<StatusParts>): void;
  /** Something that `problemsOf` reads has changed. */
  refresh(): void;
  /** Tells what was held back and answers the status of this moment. */
  current(): ServiceStatus;
  dispose(): void;
}

/** Counters that change together are told together. */
const PUSH_AFTER_MS = 100;
/** Each status redraws the tree, the status bar and the pages; nobody could follow more of them. */
const PUSH_EVERY_MS = 250;

/** Makes a board. */
export function createStatusBoard(options: StatusBoardOptions): StatusBoard {
  const { epoch, problemsOf, onChange } = options;
  let parts = options.parts;
  let status = compose(0);
  let told = essenceOf(status);
  let toldText = textOf(status);
  let toldAtMs = -Infinity;
  let timer: NodeJS.Timeout | null = null;
  let isDisposed = false;

  function compose(revision: number): ServiceStatus {
    return { revision, epoch, role: 'leader', ...parts, problems: problemsOf(parts), settingProblems: [] };
  }

  const flush = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (isDisposed) return;
    const next = compose(status.revision);
    const text = textOf(next);
    if (text === toldText) return;
    toldText = text;
    told = essenceOf(next);
    status = { ...next, revision: status.revision + 1 };
    toldAtMs = performance.now();
    onChange(status);
  };
  const touch = (): void => {
    if (isDisposed) return;
    if (essenceOf(compose(status.revision)) !== told) {
      flush();
      return;
    }
    timer ??= setTimeout(flush, Math.max(PUSH_AFTER_MS, toldAtMs + PUSH_EVERY_MS - performance.now()));
  };

  return {
    get parts() {
      return parts;
    },
    set: change => {
      parts = { ...parts, ...change };
      touch();
    },
    refresh: touch,
    current: () => {
      flush();
      return status;
    },
    dispose: () => {
      isDisposed = true;
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}

function textOf(status: ServiceStatus): string {
  return JSON.stringify({ ...status, revision: 0 });
}

/** What a person must not wait for: which states things are in, without counters and times. */
function essenceOf(status: ServiceStatus): string {
  return JSON.stringify([
    status.server,
    status.account,
    status.channel,
    status.session.kind,
    status.session.kind === 'idle' ? status.session.reason : null,
    status.session.kind === 'stopped' ? status.session.reason : null,
    status.session.kind === 'waiting' ? status.session.retryAt : null,
    status.subscriptions.map(({ type, state }) => [type, state.kind]),
    status.polls.map(({ kind, state, pace }) => [kind, state.kind, pace]),
    status.storage.kind,
    status.problems.map(({ id }) => id),
  ]);
}
