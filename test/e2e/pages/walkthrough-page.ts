import type { Locator } from 'playwright-core';
import { waitFor } from '../../support/poll';
import type { WorkbenchWindow } from '../../support/workbench/window';

const TITLE = 'Get started with EventSub Live';

/** Our walkthrough on VS Code's welcome page. */
export class WalkthroughPage {
  constructor(private readonly window: WorkbenchWindow) {}

  /** The whole of it; absent when it is not open. */
  editor(): Locator {
    return this.window.page.locator('.gettingStartedContainer', { hasText: TITLE });
  }

  /** The steps, top to bottom. */
  steps(): Locator {
    return this.editor().locator('.step-list-container .getting-started-step');
  }

  /** Opens a step by its title, so that its text, links and pictures are seen. */
  async openStep(title: string): Promise<void> {
    await this.untilInFront();
    const step = this.steps().filter({ hasText: title });
    if (!((await step.getAttribute('class')) ?? '').includes('expanded')) await step.click();
    await step.locator('.step-description-container').waitFor();
  }

  /** VS Code may come back to the page with its overview in front, whose card leads in again. */
  private async untilInFront(): Promise<void> {
    const card = this.editor().locator('button.getting-started-category', { hasText: TITLE });
    await waitFor('the walkthrough to be in front', async () => {
      if (await this.steps().first().isEnabled()) return true;
      if (await card.isEnabled()) await card.click({ timeout: 3000 }).catch(() => undefined);
      return false;
    });
  }

  /** Presses a step's button or link. */
  async press(title: string, label: string): Promise<void> {
    await this.openStep(title);
    const step = this.steps().filter({ hasText: title });
    await step.locator('.step-description-container').getByText(label, { exact: true }).click();
  }

  /** Waits until VS Code has written down that it was opened: in a browser it does so every few seconds. */
  async untilRemembered(): Promise<void> {
    await waitFor('the walkthrough to be remembered', () =>
      this.window.page.evaluate<boolean>(`(async () => {
        const done = request => new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        for (const { name } of await indexedDB.databases()) {
          if (!name.startsWith('vscode-web-state-db-global')) continue;
          const database = await done(indexedDB.open(name));
          const table = database.transaction('ItemTable').objectStore('ItemTable');
          const value = await done(table.get('eventsub-live.eventsub-live'));
          database.close();
          if (String(value).includes('walkthroughShown')) return true;
        }
        return false;
      })()`),
    );
  }

  /** Opens a step and waits until its picture is there whole. */
  async untilPictureShows(title: string, name: string): Promise<void> {
    await this.openStep(title);
    const selector = `img[src*="/media/pictures/${name}.png"]`;
    await waitFor(`the picture ${name}`, async () => {
      const frame = await this.window.webview(selector);
      return (await frame.evaluate<number>(`document.querySelector('${selector}').naturalWidth`)) > 0;
    });
  }
}
