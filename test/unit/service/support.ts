import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventSubService, Logger, ServiceStatus } from '../../../src/shared/service';
import { forwardService } from '../../../src/shared/service-methods';
import { parseSettings, type Settings } from '../../../src/shared/settings';
import { makeFirstStatus } from '../../../src/service/first-status';

/** Waits until a condition holds; fails after a time that no machine needs. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = 15_000,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await delay(5);
  }
}

/** A log that keeps its lines, for tests that look at them. */
export function createLog(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string, ...details: unknown[]): void => {
      lines.push([level, message, ...details.map(String)].join(' '));
    };
  return {
    lines,
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    trace: write('trace'),
  };
}

/** Settings with some values changed (keys without the prefix). */
export function makeSettings(raw: Record<string, unknown> = {}): Settings {
  return parseSettings(raw).settings;
}

/** A status that is complete, with some parts changed. */
export function makeStatus(change: Partial<ServiceStatus> = {}): ServiceStatus {
  return { ...makeFirstStatus(makeSettings()), role: 'leader', epoch: 1, revision: 1, ...change };
}

/** A service that answers with `undefined` and remembers what was called. */
export function createFakeService(
  answers: Partial<EventSubService> = {},
): EventSubService & { calls: { method: string; args: unknown[] }[] } {
  const calls: { method: string; args: unknown[] }[] = [];
  const service = forwardService((method, args) => {
    calls.push({ method, args });
    const answer = answers[method] as ((...given: unknown[]) => unknown) | undefined;
    return (answer ? answer(...args) : Promise.resolve()) as ReturnType<EventSubService[typeof method]>;
  });
  return { ...service, calls };
}

/** A folder that `remove` takes away again. */
export function makeFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'evsub-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
