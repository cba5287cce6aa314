import type { Locator } from 'playwright-core';
import type { Simulator } from '../../../src/simulator/simulator';
import { waitFor } from '../../support/poll';
import type { WorkbenchWindow } from '../../support/workbench/window';
import { StatusBarPage } from './status-bar-page';

/** Signing in and out as a person does it: the commands, the modal questions, and the page at Twitch. */
export class SignInPage {
  constructor(private readonly window: WorkbenchWindow) {}

  /** The modal question that stands before everything else. */
  dialog(): Locator {
    return this.window.page.locator('.monaco-dialog-box');
  }

  /** Presses a button of the modal question. */
  async press(label: string): Promise<void> {
    const button = this.dialog().getByRole('button', { name: label, exact: true });
    await button.click();
  }

  /** Runs the command and answers the code that the modal question shows. */
  async askForCode(): Promise<string> {
    await this.window.runCommand('EventSub: Sign In');
    return this.readCode();
  }

  /** The code in the modal question. */
  async readCode(): Promise<string> {
    return waitFor('a code', async () => {
      const text = (await this.dialog().textContent()) ?? '';
      return /Your code: ([A-Z]{8})/.exec(text)?.[1];
    });
  }

  /** Copies the code and lets VS Code open Twitch's page. Answers that page's address. */
  async openTwitch(): Promise<string> {
    const opening = this.window.page.context().waitForEvent('page');
    await this.press('Copy code and open Twitch');
    const page = await opening;
    const address = await waitFor('the address of the page', () =>
      page.url() === 'about:blank' ? undefined : page.url(),
    );
    await page.close();
    return address;
  }

  /** Signs in as the streamer, and waits until events are live. */
  async signIn(simulator: Simulator): Promise<void> {
    const code = await this.askForCode();
    await this.openTwitch();
    simulator.decideDevice(code, 'approve');
    await new StatusBarPage(this.window).untilItSays('Live');
  }

  /** Signs out by the command, and confirms. */
  async signOut(): Promise<void> {
    await this.window.runCommand('EventSub: Sign Out');
    await this.press('Sign out');
  }
}
