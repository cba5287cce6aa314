import type { Frame, Locator } from 'playwright-core';
import type { WorkbenchWindow } from '../../support/workbench/window';
import { FeedPage } from './feed-page';

/** The dashboard as a person sees it, in an editor tab. */
export class DashboardPage {
  private constructor(
    readonly frame: Frame,
    /** The feed beside it. */
    readonly feed: FeedPage,
  ) {}

  /** Opens the dashboard, or brings it to the front, and waits until it is drawn. */
  static async open(window: WorkbenchWindow): Promise<DashboardPage> {
    await window.runCommand('EventSub: Open Dashboard');
    return DashboardPage.find(window);
  }

  /** The dashboard that is open already. */
  static async find(window: WorkbenchWindow): Promise<DashboardPage> {
    return new DashboardPage(await window.webview('.dashboard'), await FeedPage.beside(window));
  }

  /** The state in words. */
  get heading(): Locator {
    return this.frame.locator('.connection h1');
  }

  button(name: string | RegExp): Locator {
    return this.frame.locator('.connection').getByRole('button', { name });
  }

  /** One of the four numbers, with its change today. */
  number(name: string): Locator {
    return this.frame.locator('.number', { hasText: name });
  }

  /** One of the eight subscriptions. */
  subscription(description: string): Locator {
    return this.frame.locator('.plain-row', { hasText: description });
  }

  /** The chart and what belongs to it. */
  get history(): Locator {
    return this.frame.locator('.history');
  }
}
