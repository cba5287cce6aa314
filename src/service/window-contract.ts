import type { CredentialStore, Logger, ObservableService } from '../shared/service';
import type { Settings, SettingProblem } from '../shared/settings';
import type { StartSimulator } from './simulator-port';

/** What one window gives its service. */
export interface WindowServiceOptions {
  /** `globalStorageUri`: databases, journals and the epoch files of leadership; made if missing. */
  storageFolder: string;
  /** The folder of `leader.js`, `data-worker.js` and `sql-wasm.wasm`. */
  bundleFolder: string;
  extensionVersion: string;
  credentials: CredentialStore;
  settings: Settings;
  settingProblems: SettingProblem[];
  logger: Logger;
  /** Called where this window leads and the settings name the simulator. */
  startSimulator: StartSimulator;
}

/** The service as one window holds it: the same face whether this window leads or follows. */
export interface WindowService extends ObservableService {
  /** Begins to lead or to follow. Resolves once it has begun; calls may be made at once and wait. */
  start(): Promise<void>;
  setSettings(settings: Settings, problems: SettingProblem[]): void;
  /** This window got the focus at the instant given (ms since 1970). */
  setFocused(atMs: number): void;
  /** Whether this window had the focus last of all windows: the one in which notifications show. */
  isFocusedLast(): boolean;
  /** Ends the part of this window; where it leads, everything is written first. Idempotent. */
  dispose(): Promise<void>;
}
