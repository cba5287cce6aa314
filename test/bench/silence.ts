import type { DataPushes } from '../../src/shared/data-service';
import type { Logger } from '../../src/shared/service';

/** Tells faults only: a benchmark that fails silently measures nothing. */
export const SILENT_LOGGER: Logger = {
  error: (message, ...rest) => console.error(message, ...rest),
  warn: (message, ...rest) => console.error(message, ...rest),
  info: () => undefined,
  debug: () => undefined,
  trace: () => undefined,
};

/** Hears nothing of what the data worker tells by itself, but faults. */
export const NO_PUSHES: DataPushes = {
  recorded: () => undefined,
  storageChanged: () => undefined,
  exportProgress: () => undefined,
  notice: message => console.error(message),
  failed: error => console.error(error.message),
};
