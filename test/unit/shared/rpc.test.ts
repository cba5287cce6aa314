import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openChannel, type Port } from '../../../src/shared/rpc';
import { ServiceError } from '../../../src/shared/service';

interface Calls {
  add(a: number, b: number): Promise<number>;
  fail(kind: 'storage' | 'bug'): Promise<void>;
  wait(): Promise<void>;
}

function makePorts(): { here: Port; there: Port; inject: (message: unknown) => void; sent: unknown[] } {
  const listeners: { here?: (message: unknown) => void; there?: (message: unknown) => void } = {};
  const sent: unknown[] = [];
  const copy = (message: unknown): unknown => JSON.parse(JSON.stringify(message));
  return {
    sent,
    here: {
      post: message => void setImmediate(() => listeners.there?.(copy(message))),
      listen: listener => void (listeners.here = listener),
    },
    there: {
      post: message => {
        sent.push(message);
        setImmediate(() => listeners.here?.(copy(message)));
      },
      listen: listener => void (listeners.there = listener),
    },
    inject: message => listeners.there?.(message),
  };
}

describe('a channel', () => {
  const open = (timeoutMs = 5000) => {
    const { here, there, inject, sent } = makePorts();
    const errors: string[] = [];
    const options = { timeoutMs, onProtocolError: (error: Error) => void errors.push(error.message) };
    const client = openChannel<Calls, object>({ ...options, port: here, handlers: {}, callable: [] });
    const server = openChannel<object, Calls>({
      ...options,
      port: there,
      callable: ['add', 'fail', 'wait'],
      handlers: {
        add: (a, b) => Promise.resolve(a + b),
        fail: kind =>
          Promise.reject(kind === 'storage' ? new ServiceError('storage', 'Full.') : new TypeError('A bug.')),
        wait: () => new Promise<void>(() => undefined),
      },
      check: (method, args) => {
        if (method === 'add' && args.some(arg => typeof arg !== 'number')) {
          throw new ServiceError('badRequest', 'Numbers only.');
        }
      },
    });
    return { client, server, inject, sent, errors };
  };

  it('carries answers and errors by their kind, and expected errors are no noise', async () => {
    const { client, errors } = open();
    assert.equal(await client.remote.add(1, 2), 3);
    await assert.rejects(client.remote.fail('storage'), { kind: 'storage', message: 'Full.' });
    await assert.rejects(client.remote.fail('bug'), { kind: 'internal', message: 'A bug.' });
    await assert.rejects(client.remote.add('1' as unknown as number, 2), { kind: 'badRequest' });
    assert.deepEqual(errors, []);
  });

  it('bounds a call and ends those under way when it is closed', async () => {
    await assert.rejects(open(20).client.remote.wait(), { kind: 'timeout' });
    const { client } = open();
    const waiting = assert.rejects(client.remote.wait(), { kind: 'cancelled' });
    await new Promise<void>(resolve => setImmediate(resolve));
    client.close('Over.');
    await waiting;
  });

  it('survives every message that makes no sense, and calls nothing but what it names', async () => {
    const { client, inject } = open();
    fc.assert(fc.property(fc.anything(), message => inject(message)));
    for (const e of [{ toString: null }, { __error: { toString: 1, valueOf: 1 } }, Symbol('no words')]) {
      inject({ t: 's', i: 'unknown', e });
      inject({ t: 's', i: 'unknown', e: { __error: { kind: 'storage', message: e } } });
    }
    for (const m of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      inject({ t: 'q', m, a: [], i: m });
      inject({ t: 'q', m, a: [] });
    }
    assert.equal(await client.remote.add(2, 2), 4);
  });
});
