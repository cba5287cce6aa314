import type { EventSubService, WindowLink, WindowPushes } from './service';

/** How a call of the contract behaves between windows. */
export interface CallPolicy {
  /** How long an answer may take, in milliseconds. */
  timeoutMs: number;
  /** Whether it may be made again when the leading window went away before it answered. */
  isRepeatable: boolean;
}

const QUICK_MS = 10_000;
const NETWORK_MS = 30_000;
const SEARCH_MS = 45_000;

/** Every call of the contract; nothing else can be called from outside. */
export const SERVICE_CALLS = {
  getStatus: { timeoutMs: QUICK_MS, isRepeatable: true },
  getSnapshot: { timeoutMs: SEARCH_MS, isRepeatable: true },
  connect: { timeoutMs: NETWORK_MS, isRepeatable: true },
  disconnect: { timeoutMs: NETWORK_MS, isRepeatable: true },
  refresh: { timeoutMs: QUICK_MS, isRepeatable: true },
  subscribe: { timeoutMs: NETWORK_MS, isRepeatable: true },
  unsubscribe: { timeoutMs: NETWORK_MS, isRepeatable: true },
  retry: { timeoutMs: NETWORK_MS, isRepeatable: true },
  signIn: { timeoutMs: NETWORK_MS, isRepeatable: false },
  signInWithToken: { timeoutMs: NETWORK_MS, isRepeatable: false },
  signOut: { timeoutMs: NETWORK_MS, isRepeatable: false },
  markRead: { timeoutMs: QUICK_MS, isRepeatable: true },
  queryEvents: { timeoutMs: SEARCH_MS, isRepeatable: true },
  cancelSearch: { timeoutMs: QUICK_MS, isRepeatable: true },
  getEvent: { timeoutMs: NETWORK_MS, isRepeatable: true },
  getViewer: { timeoutMs: NETWORK_MS, isRepeatable: true },
  getStatistics: { timeoutMs: SEARCH_MS, isRepeatable: true },
  exportEvents: { timeoutMs: QUICK_MS, isRepeatable: false },
  simulate: { timeoutMs: QUICK_MS, isRepeatable: false },
  cancelJob: { timeoutMs: QUICK_MS, isRepeatable: true },
} as const satisfies Record<keyof EventSubService, CallPolicy>;

/** The name of one of the contract's calls. */
export type ServiceMethod = keyof EventSubService;

/** The names of `SERVICE_CALLS`. */
export const SERVICE_METHODS = Object.keys(SERVICE_CALLS) as ServiceMethod[];

/** The names that a leading window may call on one that follows. */
export const WINDOW_PUSHES = [
  'statusChanged',
  'eventsRecorded',
  'jobChanged',
  'storeCredentials',
  'loadCredentials',
  'focusedLast',
] as const satisfies readonly (keyof WindowPushes)[];

/** The names that windows call on the one that leads, besides the contract's. */
export const WINDOW_METHODS = [
  'hello',
  'yieldLead',
  'setSettings',
  'focused',
  'ping',
] as const satisfies readonly (keyof WindowLink)[];

/** Makes the contract out of one function that carries out any of its calls. */
export function forwardService(
  call: <K extends ServiceMethod>(
    method: K,
    args: Parameters<EventSubService[K]>,
  ) => ReturnType<EventSubService[K]>,
): EventSubService {
  return {
    getStatus: (...args) => call('getStatus', args),
    getSnapshot: (...args) => call('getSnapshot', args),
    connect: (...args) => call('connect', args),
    disconnect: (...args) => call('disconnect', args),
    refresh: (...args) => call('refresh', args),
    subscribe: (...args) => call('subscribe', args),
    unsubscribe: (...args) => call('unsubscribe', args),
    retry: (...args) => call('retry', args),
    signIn: (...args) => call('signIn', args),
    signInWithToken: (...args) => call('signInWithToken', args),
    signOut: (...args) => call('signOut', args),
    markRead: (...args) => call('markRead', args),
    queryEvents: (...args) => call('queryEvents', args),
    cancelSearch: (...args) => call('cancelSearch', args),
    getEvent: (...args) => call('getEvent', args),
    getViewer: (...args) => call('getViewer', args),
    getStatistics: (...args) => call('getStatistics', args),
    exportEvents: (...args) => call('exportEvents', args),
    simulate: (...args) => call('simulate', args),
    cancelJob: (...args) => call('cancelJob', args),
  };
}
