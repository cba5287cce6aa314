import type { WorkbenchWindow } from '../../support/workbench/window';

/** Our one item in the status bar. */
export class StatusBarPage {
  constructor(private readonly window: WorkbenchWindow) {}

  /** Waits until it says this. */
  async untilItSays(text: string | RegExp): Promise<void> {
    await this.window.statusBarItem('eventsub.status').filter({ hasText: text }).waitFor();
  }
}
