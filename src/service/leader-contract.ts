import type {
  Credentials,
  CredentialStore,
  Disposable,
  EventSubService,
  Logger,
  ServicePushes,
} from '../shared/service';
import type { Settings } from '../shared/settings';
import type { StartSimulator } from './simulator-port';

export interface LeaderServiceOptions {
  /** The epoch of leadership: every status and batch carries it. */
  epoch: number;
  storageFolder: string;
  bundleFolder: string;
  settings: Settings;
  /** Resolves a store only when every window has the set. */
  credentials: CredentialStore;
  logger: Logger;
  /** What the person wanted of the window that led before; null: `connectOnStartup` decides. */
  wantsConnection: boolean | null;
  startSimulator: StartSimulator;
}

/** The service of the window that leads: it holds the socket, the polls, the tokens and the database. */
export interface LeaderService extends EventSubService {
  observe(observer: Partial<ServicePushes>): Disposable;
  /** Takes effect at once: another server closes everything of the old one first. */
  setSettings(settings: Settings): void;
  /** A set of tokens that another window holds; used if it is newer. */
  adopt(credentials: Credentials): void;
  /**
   * Ends everything, last opened first, and writes what is to be written; `isAbandoned`: another window leads
   * already and owns the files. Idempotent.
   */
  dispose(isAbandoned: boolean): Promise<void>;
}
