import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openChannel, type Port } from '../../../src/shared/rpc';
import { ServiceError } from '../../../src/shared/service';
import { WEBVIEW_CALLS, WEBVIEW_COMMANDS, type WebviewCalls } from '../../../src/shared/webview-protocol';
import { buildWebviewHtml } from '../../../src/views/webview-html';
import { checkWebviewCall } from '../../../src/views/webview-schemas';

const GOOD: { [K in keyof WebviewCalls]: Parameters<WebviewCalls[K]>[] } = {
  ready: [['feed'], ['dashboard']],
  getSnapshot: [
    [{}, 50],
    [{ families: ['follows'], text: 'ada' }, 500],
  ],
  queryEvents: [
    [{ viewerId: '1', from: '2026-01-01', to: '2026-02-01' }, null, 1, null],
    [{}, { occurredAt: '2026-01-01T00:00:00.000Z', id: 4 }, 100, 'search-1'],
  ],
  cancelSearch: [['search-1']],
  getEvent: [[7]],
  getViewer: [['1337']],
  getStatistics: [['7days'], ['all']],
  connect: [[]],
  disconnect: [[]],
  refresh: [[]],
  subscribe: [['channel.follow']],
  unsubscribe: [['channel.vip.remove']],
  retry: [[null], ['channel.subscribe']],
  signIn: [[]],
  markRead: [[12]],
  copy: [['{"a":1}']],
  runCommand: WEBVIEW_COMMANDS.map(command => [command]),
};

const BAD: [string, unknown[]][] = [
  ['ready', ['sidebar']],
  ['getSnapshot', [{}, 501]],
  ['getSnapshot', [{}, 0]],
  ['getSnapshot', [{ sql: 'drop table events' }, 10]],
  ['queryEvents', [{}, null, 10]],
  ['queryEvents', [{ text: 'x'.repeat(301) }, null, 10, null]],
  ['getEvent', ['7']],
  ['getEvent', [1.5]],
  ['subscribe', ['channel.raid']],
  ['subscribe', []],
  ['connect', [1]],
  ['copy', ['x'.repeat(1024 * 1024 + 1)]],
  ['runCommand', ['workbench.action.terminal.sendSequence']],
  ['exportEvents', [{ path: '/etc/passwd' }]],
  ['constructor', []],
  ['__proto__', []],
];

describe('What a webview may ask of the host', () => {
  it('has a schema for every call, which takes what the contract allows', () => {
    assert.deepEqual(Object.keys(GOOD).sort(), [...WEBVIEW_CALLS].sort());
    for (const [method, calls] of Object.entries(GOOD)) {
      for (const args of calls) assert.doesNotThrow(() => checkWebviewCall(method, args), method);
    }
  });

  for (const [method, args] of BAD) {
    it(`refuses ${method} with ${JSON.stringify(args).slice(0, 60)}`, () => {
      assert.throws(
        () => checkWebviewCall(method, args),
        (error: unknown) => error instanceof ServiceError && error.kind === 'badRequest',
      );
    });
  }

  it('refuses or takes anything at all, and throws nothing but a ServiceError', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...WEBVIEW_CALLS), fc.string()),
        fc.array(fc.anything()),
        (method, args) => {
          try {
            checkWebviewCall(method, args);
          } catch (error: unknown) {
            assert.ok(error instanceof ServiceError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('survives any message: the channel behind it goes on answering', async () => {
    const called: unknown[] = [];
    const errors: Error[] = [];
    const answers: unknown[] = [];
    let hear: (message: unknown) => void = () => undefined;
    const port: Port = {
      post: message => void answers.push(message),
      listen: listener => void (hear = listener),
    };
    const handlers = { getEvent: (id: number) => Promise.resolve(called.push(id)) };
    const channel = openChannel<object, typeof handlers>({
      port,
      handlers,
      callable: ['getEvent'],
      check: checkWebviewCall,
      timeoutMs: 1000,
      onProtocolError: error => errors.push(error),
    });
    fc.assert(
      fc.property(fc.anything(), message => {
        hear(message);
      }),
      { numRuns: 300 },
    );
    hear({ t: 'q', i: 'a', m: 'getEvent', a: ['not a number'] });
    hear({ t: 'q', i: 'b', m: 'constructor', a: [] });
    hear({ t: 'q', i: 'c', m: 'getEvent', a: [5] });
    while (answers.length < 3) await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(called, [5]);
    assert.ok(errors.length > 0);
    channel.close('The test is over.');
  });
});

describe('The page of a webview', () => {
  const html = buildWebviewHtml({
    surface: 'feed',
    locale: 'de',
    cspSource: 'https://*.vscode-cdn.net',
    nonce: 'abc123',
    scriptUri: 'https://x.test/app.js',
    styleUri: 'https://x.test/app.css?"><script>alert(1)</script>',
    title: 'EventSub',
  });

  it('allows nothing but its own script, style and font', () => {
    const policy = /content="(default-src[^"]*)"/.exec(html)?.[1] ?? '';
    assert.ok(policy.startsWith("default-src 'none'"), policy);
    assert.ok(policy.includes("script-src 'nonce-abc123'"), policy);
    for (const loose of ['unsafe-inline', 'unsafe-eval', 'connect-src', 'img-src', "'self'"]) {
      assert.ok(!policy.includes(loose), loose);
    }
  });

  it('has one script, with the nonce, and cannot be broken out of', () => {
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.match(html, /<script type="module" nonce="abc123" src=/);
    assert.match(html, /<body data-surface="feed">/);
    assert.match(html, /<html lang="de">/);
  });
});
