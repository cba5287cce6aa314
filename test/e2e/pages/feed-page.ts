import type { Frame, Locator } from 'playwright-core';
import { CATALOGUE, EVENT_TYPES, type EventType } from '../../../src/shared/catalogue';
import { waitFor } from '../../support/poll';
import type { WorkbenchWindow } from '../../support/workbench/window';

/** The feed as a person sees it: in the side bar, or beside the dashboard. */
export class FeedPage {
  constructor(readonly frame: Frame) {}

  /** Shows the feed in the side bar and waits until it is drawn. */
  static async open(window: WorkbenchWindow): Promise<FeedPage> {
    await window.runCommand('EventSub: Focus on Events View');
    return new FeedPage(await window.webview('.feed-alone'));
  }

  /** The feed beside a dashboard that is open. */
  static async beside(window: WorkbenchWindow): Promise<FeedPage> {
    return new FeedPage(await window.webview('.dashboard'));
  }

  /** The lines on screen, newest first. */
  rows(): Locator {
    return this.frame.locator('.feed-row');
  }

  /** The lines whose words hold this text. */
  rowsSaying(text: string | RegExp): Locator {
    return this.rows().filter({ hasText: text });
  }

  /** The line and what it opened to. */
  slotSaying(text: string | RegExp): Locator {
    return this.frame.locator('.feed-slot', { has: this.rowsSaying(text) });
  }

  /** What the lines say, without marks and times. */
  async sentences(): Promise<string[]> {
    return this.frame.locator('.feed-text').allTextContents();
  }

  /** Headings of days on screen. */
  days(): Locator {
    return this.frame.locator('.feed-day');
  }

  chip(name: string): Locator {
    return this.frame.locator('.feed .chip').filter({ hasText: name });
  }

  get searchField(): Locator {
    return this.frame.getByRole('searchbox');
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole('button', { name });
  }

  /** Waits until exactly these sentences stand on screen, top to bottom. */
  async untilItShows(...sentences: readonly string[]): Promise<void> {
    let seen: string[] = [];
    await waitFor(`the feed to show ${sentences.join(' | ')}`, async () => {
      seen = await this.sentences();
      return JSON.stringify(seen) === JSON.stringify(sentences);
    }).catch((error: unknown) => {
      throw new Error(`The feed shows: ${seen.join(' | ')}`, { cause: error });
    });
  }

  /** The types of the lines on screen, known by their descriptions. */
  async typesOnScreen(): Promise<EventType[]> {
    const lines = await this.rows().allTextContents();
    return EVENT_TYPES.filter(type =>
      lines.some(line => line.includes(`, ${CATALOGUE[type].description}, `)),
    );
  }

  /** Waits until every type was on screen, at one time or another, and answers how long that took (ms). */
  async untilAllTypesWereSeen(timeoutMs?: number): Promise<number> {
    const start = Date.now();
    const seen = new Set<EventType>();
    await waitFor(
      'all eight types in the feed',
      async () => {
        for (const type of await this.typesOnScreen()) seen.add(type);
        return seen.size === EVENT_TYPES.length;
      },
      timeoutMs,
    ).catch((error: unknown) => {
      const missing = EVENT_TYPES.filter(type => !seen.has(type));
      throw new Error(`Never seen: ${missing.join(', ')}`, { cause: error });
    });
    return Date.now() - start;
  }
}
