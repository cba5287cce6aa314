import { assertNever } from '../shared/assert-never';
import type { SettingProblem } from '../shared/settings';
import { fill } from '../shared/webview-strings';
import type { HostStrings } from './host-strings';
import { makePlain } from './plain-text';

/** The names of our settings without the prefix, in the manifest's order. */
export const SETTING_KEYS = [
  'server',
  'clientId',
  'channel',
  'connectOnStartup',
  'events',
  'notifications',
  'streamerMode',
  'keepaliveTimeoutSeconds',
  'polling.followersSeconds',
  'polling.rolesMinutes',
  'polling.reconcileHours',
  'history.retentionDays',
  'customServer',
] as const;

/** The part of `WorkspaceConfiguration.inspect` that counts: what the person set for the whole application. */
export interface InspectedSection {
  globalValue?: unknown;
}

/**
 * The raw values for `parseSettings` out of the section `eventsub`, where dots in names have become objects; a key that
 * is not set is absent. A workspace's or a folder's value is not looked at.
 */
export function collectRawSettings(inspected: InspectedSection | undefined): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (const key of SETTING_KEYS) {
    const value = key.split('.').reduce(readMember, inspected?.globalValue);
    if (value !== undefined) raw[key] = value;
  }
  return raw;
}

function readMember(holder: unknown, name: string): unknown {
  const isHolder = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name);
  return isHolder ? (holder as Record<string, unknown>)[name] : undefined;
}

/** A problem with a setting as a sentence in the person's language: which setting, what is wrong, what holds. */
export function saySettingProblem({ setting, problem }: SettingProblem, strings: HostStrings): string {
  switch (problem.kind) {
    case 'range':
      return fill(
        strings.problemRange,
        setting,
        show(problem.value),
        problem.minimum,
        problem.maximum,
        problem.used,
      );
    case 'choice':
      return fill(strings.problemChoice, setting, show(problem.value), problem.allowed.join(', '));
    case 'type':
      return fill(strings.problemType, setting, show(problem.value), problem.expected);
    case 'missing':
      return fill(strings.problemMissing, setting, problem.field);
    case 'url':
      return fill(
        {
          notAUrl: strings.problemNotAUrl,
          scheme: strings.problemScheme,
          plainNotLoopback: strings.problemPlain,
          credentials: strings.problemCredentials,
        }[problem.reason],
        setting,
        problem.field,
      );
    default:
      return assertNever(problem);
  }
}

function show(value: unknown): string {
  return makePlain(JSON.stringify([value]).slice(1, -1), 60);
}
