import type * as vscode from 'vscode';
import type { WindowService } from '../service/window-service';
import type { HostStrings } from './host-strings';
import type { JobTracker } from './job-tracker';
import type { Log } from './log';
import type { SettingsReader } from './settings-reader';
import type { HostSaying } from './status-bar-model';
import type { StatusStore } from './status-store';

/** What the views of one window share; made once by `activate`. */
export interface WindowContext {
  extensionUri: vscode.Uri;
  storageUri: vscode.Uri;
  service: WindowService;
  status: StatusStore;
  jobs: JobTracker;
  settings: SettingsReader;
  log: Log;
  strings: HostStrings;
  locale: string;
}

/** How things are said at this moment. */
export function sayingOf({ strings, locale, settings }: WindowContext): HostSaying {
  return { strings, locale, nowMs: Date.now(), isStreamerMode: settings.current.streamerMode };
}
