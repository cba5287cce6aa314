import type { WorkbenchWindow } from '../../support/workbench/window';

const ITEM = 'eventsub.status';

/** Our one item in the status bar. */
export class StatusBarPage {
  constructor(private readonly window: WorkbenchWindow) {}

  /** Waits until it says this. */
  async untilItSays(text: string | RegExp): Promise<void> {
    await this.window.statusBarItem(ITEM).filter({ hasText: text }).waitFor();
  }

  /** What it says now. */
  async text(): Promise<string> {
    return ((await this.window.statusBarItem(ITEM).textContent()) ?? '').trim();
  }

  /** Writes down everything that it says from now on. Answers a function that ends this and answers what it was. */
  async record(): Promise<() => Promise<string[]>> {
    const { page } = this.window;
    // A text, because the tests know no DOM.
    await page.evaluate(`{
      const seen = [];
      const note = () => {
        const text = document.querySelector('.statusbar-item[id$="${ITEM}"]')?.textContent.trim() ?? '(none)';
        if (seen.at(-1) !== text) seen.push(text);
      };
      note();
      const observer = new MutationObserver(note);
      observer.observe(document.querySelector('.part.statusbar'), { subtree: true, childList: true, characterData: true });
      window.endEventsubRecord = () => (observer.disconnect(), seen);
    }`);
    return () => page.evaluate<string[]>('window.endEventsubRecord()');
  }
}
