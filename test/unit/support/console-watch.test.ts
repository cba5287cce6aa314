import assert from 'node:assert/strict';
import { isKnownNoise } from '../../support/workbench/console-watch';

const error = (text: string, url = 'http://127.0.0.1:1/workbench.js') => ({ type: 'error', text, url });

describe('The watch over the consoles', () => {
  for (const [what, message] of [
    [
      'a file that only code-server serves',
      error('Failed to load resource: 404', 'http://127.0.0.1:1/_static/a.svg'),
    ],
    ['the gallery without a network', error('getaddrinfo ENOTFOUND open-vsx.org')],
    ['a native module that is not built', error("Cannot find module './build/Release/watchdog'")],
    ['what was being read when a window closed', error('%c  ERR color: #f33 Canceled: Canceled\n    at p')],
  ] as const) {
    it(`knows ${what} for noise`, () => {
      assert.equal(isKnownNoise(message), true);
    });
  }

  for (const [what, message] of [
    ['an error that our host logs', error('%c[Extension Host] %cThe database cannot be used')],
    ['an exception of our host', error('[eventsub-live.eventsub-live]Cannot read properties of undefined')],
    ['a failed activation', error("Error: Activating extension 'eventsub-live.eventsub-live' failed: no")],
    ['an error of our webview', error('TypeError: x is not a function', '')],
    [
      'a resource of ours that is missing',
      error('Failed to load resource: 404', 'http://127.0.0.1:1/dist/app.js'),
    ],
    ['our own cancelled call', error('[eventsub-live.eventsub-live]Canceled: Canceled')],
  ] as const) {
    it(`takes ${what} for an error`, () => {
      assert.equal(isKnownNoise(message), false);
    });
  }
});
