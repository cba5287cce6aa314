import path from 'node:path';
import { errors, type Frame, type Locator, type Page } from 'playwright-core';
import { PATIENCE_MS, waitFor } from '../poll';
import { endProcess } from '../vscode/processes';
import type { VsCodeServer } from '../vscode/server';
import { ConsoleWatch } from './console-watch';

const PALETTE_INPUT = '.quick-input-widget:not([style*="display: none"]) .quick-input-box input';

/** What the workbench says when its extension host was ended from outside. */
const KILLED_HOST =
  /CloseEvent|\[remote-connection\]\[ExtensionHost\]|Unknown reconnection token|Extension host \(Remote\) terminated|Extension Host Process exited/i;

/** One window of VS Code: the workbench's page and the extension host behind it. */
export class WorkbenchWindow {
  readonly console: ConsoleWatch;
  /** The process of its extension host as it was when the window opened; 0 before that. */
  extensionHostPid = 0;
  /** The question that was answered last, while its box may still be there. */
  private answered: string | null = null;

  constructor(
    readonly page: Page,
    private readonly server: VsCodeServer,
    private readonly address: string,
  ) {
    this.console = new ConsoleWatch(page);
    page.setDefaultTimeout(PATIENCE_MS);
    page.setDefaultNavigationTimeout(PATIENCE_MS);
  }

  /** Goes to the workbench and waits until it is there and its status bar has come. */
  async load(): Promise<void> {
    await this.page.goto(this.address);
    await this.untilUp();
  }

  /** Reloads the window, as `Developer: Reload Window` does: its extension host ends and another begins. */
  async reload(): Promise<void> {
    const before = await this.server.extensionHosts();
    await this.page.reload();
    await this.untilUp();
    this.extensionHostPid = await waitFor('the extension host after the reload', async () =>
      (await this.server.extensionHosts()).find(host => !before.includes(host)),
    );
  }

  /** Closes the window only; the server goes on. */
  async close(): Promise<void> {
    this.console.close();
    await this.page.close();
  }

  /** Ends the extension host's process at once, as a crash would. */
  killExtensionHost(): void {
    if (this.extensionHostPid === 0) throw new Error('This window has no extension host yet.');
    this.console.expect(KILLED_HOST);
    endProcess(this.extensionHostPid);
  }

  /** Runs a command through the palette by its full title, for example `EventSub: Connect`. */
  async runCommand(title: string): Promise<void> {
    const { page } = this;
    const input = page.locator(PALETTE_INPUT);
    await waitFor(`the palette to offer "${title}"`, async () => {
      if (!(await input.isVisible())) {
        await page.keyboard.press('F1');
        await input.waitFor({ timeout: 3000 });
      }
      // Another may close the palette in between; then it is opened again.
      await input.fill(`>${title}`, { timeout: 3000 });
      const row = page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: title });
      if (await appears(row, 3000)) return true;
      // An open palette does not learn of commands that come later.
      await page.keyboard.press('Escape');
      return false;
    });
    // The palette is the same box as a question; what it says is no question to answer.
    this.answered = await this.readQuestion();
    await page.keyboard.press('Enter');
  }

  /**
   * Answers an input box or a pick that the extension shows: types, then accepts. Waits until the box is another than
   * the one that was answered last, because two boxes that follow each other are one element.
   */
  async answer(text: string): Promise<void> {
    const { page } = this;
    const input = page.locator(PALETTE_INPUT);
    await waitFor('another question', async () => {
      if (!(await input.isVisible())) return false;
      return (await this.readQuestion()) !== this.answered;
    });
    const question = await this.readQuestion();
    const isTaken = async (): Promise<boolean> =>
      !(await input.isVisible()) || (await this.readQuestion()) !== question;
    await input.fill(text);
    this.answered = question;
    await page.keyboard.press('Enter');
    await waitFor('the answer to be taken', async () => {
      if (await isTaken()) return true;
      // A box that was still being drawn forgets what was typed into it.
      const isEmpty = await page.evaluate(
        `document.querySelector(${JSON.stringify(PALETTE_INPUT)})?.value === ''`,
      );
      if (isEmpty === true && text !== '' && !(await isTaken())) {
        await input.fill(text);
        await page.keyboard.press('Enter');
      }
      return isTaken();
    });
    if (!(await input.isVisible())) this.answered = null;
  }

  /** What tells one question from another: its title and its words. */
  private async readQuestion(): Promise<string> {
    const widget = this.page.locator('.quick-input-widget');
    const parts = ['.quick-input-title', '.quick-input-message'];
    const words = await Promise.all(parts.map(part => widget.locator(part).first().textContent()));
    return words.join(' | ');
  }

  /** Chooses an entry of the pick that is open, by the words in it. */
  async pick(label: string | RegExp): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first();
    await row.waitFor();
    this.answered = await this.readQuestion();
    await row.click();
  }

  /** Answers VS Code's own dialogue for saving; it takes a path only once it has looked at it. */
  async saveAs(file: string): Promise<void> {
    const input = this.page.locator(PALETTE_INPUT);
    const title = this.page.locator('.quick-input-title', { hasText: 'where?' });
    await title.waitFor();
    // It puts its own suggestion in when it is ready, and over whatever was typed before.
    await waitFor('the suggested name', async () => (await input.inputValue()).endsWith(path.extname(file)));
    await waitFor('the dialogue to take the path', async () => {
      if (!(await title.isVisible())) return true;
      if ((await input.inputValue()) !== file) {
        await input.fill(file);
        return false;
      }
      await this.page.keyboard.press('Enter');
      return !(await title.isVisible());
    });
  }

  /** Turns an entry of a pick of several on or off. */
  async tick(label: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first();
    const before = await row.getAttribute('aria-checked');
    await row.click();
    await waitFor(`${label} to change`, async () => (await row.getAttribute('aria-checked')) !== before);
  }

  /** Accepts a pick of several as it stands; `title` tells it from the box before it. */
  async acceptPick(title: string): Promise<void> {
    await this.page.locator('.quick-input-title', { hasText: title }).waitFor();
    this.answered = await this.readQuestion();
    await this.page.locator('.quick-input-action').getByText('OK').click();
  }

  /** Drags the side bar's edge until it is this wide (px), as far as VS Code lets it. */
  async setSideBarWidth(width: number): Promise<void> {
    const { page } = this;
    const sideBar = page.locator('.part.sidebar');
    await waitFor(`the side bar to be ${width} px wide`, async () => {
      const box = await sideBar.boundingBox();
      if (!box) return false;
      if (Math.abs(box.width - width) <= 2) return true;
      const y = box.y + box.height / 2;
      await page.mouse.move(box.x + box.width, y);
      await page.mouse.down();
      await page.mouse.move(box.x + width, y, { steps: 5 });
      await page.mouse.up();
      await page.mouse.move(box.x + width + 100, y);
      return false;
    });
  }

  /** The item of the status bar that has this id in our extension. */
  statusBarItem(id: string): Locator {
    return this.page.locator(`.statusbar-item[id$="${id}"]`);
  }

  /** Rows of a tree in the side bar; `name` is the view's. */
  treeRows(name: string): Locator {
    return this.page
      .locator('.pane', { has: this.page.locator(`.pane-header[aria-label^="${name}"]`) })
      .locator('.monaco-list-row');
  }

  /** Opens the list of notifications: messages on screen go after a while, and only three stand there at once. */
  async showAllNotifications(): Promise<void> {
    if (await this.page.locator('.notifications-center.visible').isVisible()) return;
    await this.runCommand('Notifications: Show Notifications');
  }

  /** The notifications in the list that `showAllNotifications` opened. */
  notifications(): Locator {
    return this.page.locator('.notifications-center .notification-list-item');
  }

  /**
   * The document of one of our webviews: the innermost of VS Code's nested frames. `selector` tells several
   * webviews apart; it names something that only the one sought holds.
   */
  async webview(selector: string): Promise<Frame> {
    return waitFor(`a webview that holds ${selector}`, async () => {
      for (const frame of this.page.frames()) {
        if (!frame.url().includes('fake.html')) continue;
        if ((await frame.locator(selector).count()) > 0) return frame;
      }
      return undefined;
    });
  }

  private async untilUp(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    await this.page.locator('.part.statusbar .statusbar-item').first().waitFor();
  }
}

/** Whether something comes into sight in that time. */
async function appears(locator: Locator, timeoutMs: number): Promise<boolean> {
  try {
    await locator.waitFor({ timeout: timeoutMs });
    return true;
  } catch (error: unknown) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}
