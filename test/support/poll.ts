import { setTimeout as delay } from 'node:timers/promises';

/** How long a poll waits by default: generous, because only a broken program should ever reach it. */
export const PATIENCE_MS = 60_000;

/**
 * Asks `probe` again and again until it answers something other than undefined, null or false, and answers that.
 * An error that it throws counts as "not yet". Rejects after `timeoutMs` with what was awaited and the last error.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs: number = PATIENCE_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) {
        return answer as NonNullable<Exclude<T, false>>;
      }
      lastError = undefined;
    } catch (error: unknown) {
      lastError = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Not within ${timeoutMs / 1000} s: ${what}`, { cause: lastError });
    }
    await delay(100);
  }
}
