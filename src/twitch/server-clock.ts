/** So much older than the server's own clock, a message counts as late (Twitch, "Guarding against replay attacks"). */
const LATE_MS = 10 * 60_000;

/**
 * The server's clock as its messages tell it: the newest `message_timestamp` of the session and the monotonic time
 * since. This machine's wall clock has no part in it, so it may be wrong by hours.
 */
export class ServerClock {
  #newestMs = NaN;
  #newestMonoMs = 0;

  /** A session begins: what an older one told is forgotten. */
  restart(sentAtMs: number, monoMs: number): void {
    this.#newestMs = sentAtMs;
    this.#newestMonoMs = monoMs;
  }

  /** A message was received; says whether it was sent more than ten minutes before the server's present time. */
  observe(sentAtMs: number, monoMs: number): boolean {
    const isNewer = Number.isNaN(this.#newestMs) || sentAtMs > this.#newestMs;
    if (isNewer) {
      if (!Number.isNaN(sentAtMs)) this.restart(sentAtMs, monoMs);
      return false;
    }
    return sentAtMs < this.#newestMs + (monoMs - this.#newestMonoMs) - LATE_MS;
  }
}
