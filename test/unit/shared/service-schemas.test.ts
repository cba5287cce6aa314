import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ServiceError } from '../../../src/shared/service';
import { SERVICE_METHODS, WINDOW_METHODS, WINDOW_PUSHES } from '../../../src/shared/service-methods';
import { checkServiceCall, checkWindowPush } from '../../../src/shared/service-schemas';
import { parseSettings } from '../../../src/shared/settings';

const isRefused = (check: () => void): boolean => {
  try {
    check();
    return false;
  } catch (error: unknown) {
    assert.ok(error instanceof ServiceError && error.kind === 'badRequest', String(error));
    return true;
  }
};

describe('the checks of the contract', () => {
  it('let through what the contract means', () => {
    const calls: [string, unknown[]][] = [
      ['getStatus', []],
      ['getSnapshot', [{}, 50]],
      ['subscribe', ['channel.follow']],
      ['retry', [null]],
      ['retry', ['channel.vip.add']],
      ['signInWithToken', ['id', 'token']],
      [
        'queryEvents',
        [{ families: ['gifts'], text: '𝔄da', from: '2026-01-01T00:00:00.000Z' }, null, 500, null],
      ],
      ['queryEvents', [{ viewerId: '1' }, { occurredAt: '2026-01-01T00:00:00.000Z', id: 4 }, 1, 'search']],
      ['getStatistics', ['7days']],
      ['exportEvents', [{ format: 'csv', filter: {}, path: '/somewhere/out.csv' }]],
      ['simulate', [{ type: 'channel.subscription.gift', viewer: '', count: 10_000 }]],
      ['setSettings', [parseSettings({ server: 'simulator' }).settings]],
      ['focused', [1.5]],
    ];
    for (const [method, args] of calls)
      assert.equal(
        isRefused(() => checkServiceCall(method, args)),
        false,
        method,
      );
  });

  it('refuse what is out of bounds', () => {
    const calls: [string, unknown[]][] = [
      ['getStatus', [1]],
      ['getSnapshot', [{}, 0]],
      ['getSnapshot', [{}, 501]],
      ['subscribe', ['channel.raid']],
      ['subscribe', []],
      ['markRead', [1.5]],
      ['queryEvents', [{ text: 'x'.repeat(1001) }, null, 50, null]],
      ['queryEvents', [{}, { occurredAt: '', id: 1 }, 50, null]],
      ['getStatistics', ['decade']],
      ['exportEvents', [{ format: 'exe', filter: {}, path: '/x' }]],
      ['exportEvents', [{ format: 'csv', filter: {}, path: '' }]],
      ['simulate', [{ type: 'channel.follow', viewer: '', count: 10_001 }]],
      ['constructor', []],
      ['__proto__', []],
    ];
    for (const [method, args] of calls)
      assert.equal(
        isRefused(() => checkServiceCall(method, args)),
        true,
        method,
      );
  });

  it('never throw anything but a refusal, whatever comes', () => {
    const methods = fc.constantFrom<string>(
      ...SERVICE_METHODS,
      ...WINDOW_METHODS,
      ...WINDOW_PUSHES,
      'toString',
    );
    fc.assert(
      fc.property(methods, fc.array(fc.anything()), (method, args) => {
        isRefused(() => checkServiceCall(method, args));
        isRefused(() => checkWindowPush(method, args));
      }),
    );
  });
});
