import type { SweepRecorder } from '../shared/data-service';
import type { Logger } from '../shared/service';
import type { Clock } from './clock';
import type { HelixClient } from './helix-client';
import type { PollerOptions, PollerPort } from './twitch-ports';

/** What a poller is made of. */
export interface PollerParts {
  /** Null: the server has no Helix, and nothing is polled. */
  helix: HelixClient | null;
  recorder: SweepRecorder;
  channelId: string;
  /** Whom the token belongs to. */
  userId: string;
  /** The scopes really granted at this moment; null: unknown, so every list is tried. */
  scopes: () => readonly string[] | null;
  options: PollerOptions;
  logger: Logger;
  clock?: Clock;
  /** As `Math.random`: spreads the polls. */
  random?: () => number;
}

/** See `PollerPort`. */
export interface Poller extends PollerPort {
  /** Takes effect at the next schedule; a kind that is no longer chosen stops at once. */
  setOptions(options: PollerOptions): void;
  /** The granted scopes changed: lists that were off for the lack of one are tried again. */
  scopesChanged(): void;
}

/** Makes the poller of one channel. It does nothing until `start`. */
export function createPoller(parts: PollerParts): Poller {
  parts.logger.debug('created');
  throw new Error('not there yet');
}
