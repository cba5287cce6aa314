import { CATALOGUE, EVENT_TYPES } from '../../../src/shared/catalogue';
import { waitFor } from '../../support/poll';
import type { WorkbenchWindow } from '../../support/workbench/window';

/** The subscriptions tree as a person sees it. */
export class SubscriptionsPage {
  constructor(private readonly window: WorkbenchWindow) {}

  /** What the rows say, top to bottom: label, then state. */
  async rows(): Promise<string[]> {
    const rows = await this.window.treeRows('Subscriptions').all();
    return Promise.all(rows.map(async row => (await row.getAttribute('aria-label')) ?? ''));
  }

  /** How many of the eight types are shown as live. */
  async countLive(): Promise<number> {
    const rows = await this.rows();
    return EVENT_TYPES.filter(type =>
      rows.some(row => row.startsWith(`${CATALOGUE[type].description}, live`)),
    ).length;
  }

  /** Waits until all eight are live. */
  async untilAllLive(): Promise<void> {
    await waitFor('8 of 8 live in the tree', async () => (await this.countLive()) === EVENT_TYPES.length);
  }
}
