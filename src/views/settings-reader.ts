import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { parseSettings, type Settings, type SettingProblem } from '../shared/settings';
import { collectRawSettings, type SETTING_KEYS } from './setting-words';

const PREFIX = 'eventsub';

/** The checked settings of the moment, what is wrong with them, and the way to change one. */
export class SettingsReader implements Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  private readonly subscription: vscode.Disposable;
  private parsed = readSettings();

  /** Fires after `current` changed. */
  readonly onDidChange = this.emitter.event;

  constructor() {
    this.subscription = vscode.workspace.onDidChangeConfiguration(change => {
      if (!change.affectsConfiguration(PREFIX)) return;
      const before = JSON.stringify(this.parsed);
      this.parsed = readSettings();
      if (JSON.stringify(this.parsed) !== before) this.emitter.fire();
    });
  }

  get current(): Settings {
    return this.parsed.settings;
  }

  get problems(): SettingProblem[] {
    return this.parsed.problems;
  }

  /** Writes the person's own settings. Rejects where their file cannot be written. */
  async update(key: (typeof SETTING_KEYS)[number], value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration(PREFIX).update(key, value, vscode.ConfigurationTarget.Global);
  }

  dispose(): void {
    this.subscription.dispose();
    this.emitter.dispose();
  }
}

/** The section as a whole, because each look costs a millisecond. */
function readSettings(): { settings: Settings; problems: SettingProblem[] } {
  return parseSettings(collectRawSettings(vscode.workspace.getConfiguration().inspect(PREFIX)));
}
