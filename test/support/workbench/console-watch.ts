import type { Page } from 'playwright-core';

/** A line of VS Code's own that is no fault of ours. */
interface Noise {
  pattern: RegExp;
  why: string;
}

/** Kept as narrow as can be: what is not in here fails a test. */
const KNOWN_NOISE: readonly Noise[] = [
  {
    pattern: /\/_static\//,
    why: "code-server's own wrapper serves these files; we run VS Code's server itself",
  },
  { pattern: /bad HTTP response code \(404\) was received when fetching the script/, why: 'the same' },
  { pattern: /\/vsda\/rust\/web\/vsda/, why: "Microsoft's signing module is not part of the open build" },
  { pattern: /\/update\/check/, why: "code-server's own update check, which its wrapper answers" },
  { pattern: /open-vsx\.org/, why: 'the extension gallery, where there is no network' },
  { pattern: /extensionquery|Failed to fetch.*gallery/i, why: 'the same' },
  {
    pattern: /build\/Release\/watchdog|native-watchdog/,
    why: 'a native module that is not built; not needed',
  },
  { pattern: /spdlog/, why: 'the same: log files are missing, nothing else' },
  { pattern: /@vscode\/ripgrep/, why: 'the same: search in files' },
  {
    pattern: /Aborted onWillSaveTextDocument-event after \d+ms/,
    why: "VS Code's own limit while it saves settings on a slow machine",
  },
  { pattern: /Timed out getting tasks from/, why: "VS Code's own task detection on a slow machine" },
  {
    pattern: /Timed out waiting for authentication provider 'github' to register/,
    why: 'the newest VS Code looks for it on its own; code-server has none',
  },
  {
    pattern:
      /^%c {2}ERR color: #f33 (?:Canceled: Canceled|(?:\S+: Unable to read file|Unable to write file '\S+\/User\/History\/).*\(Canceled: Canceled\))/,
    why: 'what VS Code was still reading, or writing to its local history, when its window was reloaded',
  },
  {
    pattern: /IndexedDB database 'vscode-web-db' is closed/,
    why: "the same, of the browser's own store",
  },
  {
    pattern: /Found unexpected null[^]*webview\/browser\/pre\/index\.html\?\S*&extensionId=&/,
    why: "a page of the walkthrough, which VS Code replaces before it is drawn: its own webview, no extension's",
  },
  {
    pattern: /\[lifecycle\] Long running operations during shutdown/,
    why: 'VS Code says so of itself whenever a window in the browser closes',
  },
];

/** A message in the console of a window: of the workbench, of a webview in it, or of its extension host. */
export interface ConsoleMessage {
  type: string;
  text: string;
  url: string;
}

/** Collects what a page's consoles say; errors that are not VS Code's own known noise are kept apart. */
export class ConsoleWatch {
  readonly messages: ConsoleMessage[] = [];
  private pending: ConsoleMessage[] = [];
  private readonly expected: RegExp[] = [];
  private isClosed = false;

  constructor(page: Page) {
    page.on('console', message => {
      this.hear({ type: message.type(), text: message.text(), url: message.location().url });
    });
    page.on('pageerror', error => {
      this.hear({ type: 'error', text: error.stack ?? error.message, url: '' });
    });
    page.on('crash', () => {
      this.hear({ type: 'error', text: 'The page crashed.', url: '' });
    });
  }

  /** The errors since the last call, as text. */
  takeErrors(): string[] {
    const errors = this.pending.map(({ text, url }) => `${text.slice(0, 1000)} (${url})`);
    this.pending = [];
    return errors;
  }

  /** From now on these are no errors: the test brings them about. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** Hears nothing more: what a closing window says of itself depends on how far it had come. */
  close(): void {
    this.isClosed = true;
  }

  /** Takes out the errors that a test provoked on purpose, and answers how many there were. */
  forgive(pattern: RegExp): number {
    const before = this.pending.length;
    this.pending = this.pending.filter(message => !pattern.test(message.text));
    return before - this.pending.length;
  }

  private hear(message: ConsoleMessage): void {
    if (this.isClosed) return;
    this.messages.push(message);
    if (message.type !== 'error' || isKnownNoise(message)) return;
    if (this.expected.some(pattern => pattern.test(message.text))) return;
    this.pending.push(message);
  }
}

/** Whether a console message is one of VS Code's own that says nothing about us. */
export function isKnownNoise(message: ConsoleMessage): boolean {
  const line = `${message.text} ${message.url}`;
  return KNOWN_NOISE.some(noise => noise.pattern.test(line));
}
