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

  /** Waits until a row begins with these words: label and state, with commas between. */
  async untilRowSays(words: string | RegExp): Promise<void> {
    let seen: string[] = [];
    await waitFor(`a row that says ${String(words)}`, async () => {
      seen = await this.rows();
      return seen.some(row => (typeof words === 'string' ? row.startsWith(words) : words.test(row)));
    }).catch((error: unknown) => {
      throw new Error(`The tree says: ${seen.join(' | ')}`, { cause: error });
    });
  }
}
