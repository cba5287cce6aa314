import fc from 'fast-check';
import { openChannel } from '../../../src/shared/rpc';
import { WEBVIEW_CALLS, WEBVIEW_COMMANDS, type WebviewCalls } from '../../../src/shared/webview-protocol';
import { checkWebviewCall } from '../../../src/views/webview-schemas';
import type { FaultReport } from '../data/fault-report';
import { tryProperty } from './fuzz-report';

const argument = fc.oneof(
  fc.anything(),
  fc.constantFrom<unknown>(null, 'feed', {}, 1, 500, 501, '7days', 'channel.follow', ...WEBVIEW_COMMANDS),
  fc.record({ families: fc.anything(), text: fc.string(), __proto__: fc.anything() }, { requiredKeys: [] }),
);
const message = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        t: fc.constantFrom('q', 's'),
        i: fc.string(),
        m: fc.oneof(
          fc.constantFrom<string>(...WEBVIEW_CALLS, 'constructor', '__proto__', 'exportEvents'),
          fc.string(),
        ),
        a: fc.array(argument, { maxLength: 4 }),
        r: fc.anything(),
        e: fc.anything(),
      },
      { requiredKeys: ['t'] },
    ),
  },
  { weight: 1, arbitrary: fc.anything() },
);

/** Any messages of a webview: only the contract's calls, with arguments of its form, are ever carried out. */
export async function run(count: number): Promise<FaultReport> {
  const wrong: string[] = [];
  const handlers = Object.fromEntries(
    WEBVIEW_CALLS.map(name => [
      name,
      (...args: unknown[]) => {
        try {
          checkWebviewCall(name, args);
        } catch {
          wrong.push(name);
        }
        return Promise.resolve();
      },
    ]),
  ) as unknown as WebviewCalls;
  let inject: (given: unknown) => void = () => undefined;
  const channel = openChannel<object, WebviewCalls>({
    port: {
      post: () => undefined,
      listen: listener => {
        inject = listener;
      },
    },
    handlers,
    callable: WEBVIEW_CALLS,
    check: checkWebviewCall,
    timeoutMs: 1000,
    onProtocolError: () => undefined,
  });
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const property = fc.asyncProperty(fc.array(message, { maxLength: 20 }), async messages => {
      for (const given of messages) inject(given);
      await new Promise(resolve => setImmediate(resolve));
      if (wrong.length > 0) throw new Error(`Carried out with bad arguments: ${wrong.join(', ')}`);
      if (unhandled.length > 0) throw new Error(`A rejection was left: ${String(unhandled[0])}`);
    });
    return await tryProperty(property, count);
  } finally {
    process.removeListener('unhandledRejection', note);
    channel.close('Done.');
  }
}
