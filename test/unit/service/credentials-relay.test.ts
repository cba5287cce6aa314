import assert from 'node:assert/strict';
import type { Credentials, CredentialStore } from '../../../src/shared/service';
import { createMemoryStore } from '../../../src/service/account-part';
import { createCredentialRelay, createCredentialVault } from '../../../src/service/credentials-relay';
import { createLog } from './support';

const set = (generation: number, issuer = 'twitch'): Credentials => ({ issuer, generation, tokens: null });

describe('tokens between windows', () => {
  it('of the highest generation win, wherever they are kept', async () => {
    const own = createMemoryStore();
    await own.store(set(2));
    const vault = createCredentialVault(own);
    const relay = createCredentialRelay({
      vault,
      peers: {
        loadEverywhere: () => Promise.resolve([set(1), set(4), set(3)]),
        storeEverywhere: () => Promise.resolve(),
      },
      graceMs: 0,
      logger: createLog(),
    });
    assert.deepEqual(await relay.load('twitch'), set(4));
    assert.deepEqual(await own.load('twitch'), set(4));
    await vault.store(set(3));
    assert.deepEqual(await vault.load('twitch'), set(4), 'an older set does not come back');
    assert.deepEqual(vault.peek('twitch'), set(4));
    assert.equal(vault.peek('custom'), null);
  });

  it('are used only when every window has them', async () => {
    const order: string[] = [];
    let release = (): void => undefined;
    const relay = createCredentialRelay({
      vault: createCredentialVault(createMemoryStore()),
      peers: {
        loadEverywhere: () => Promise.resolve([]),
        storeEverywhere: () =>
          new Promise<void>(resolve => {
            release = () => {
              order.push('everywhere');
              resolve();
            };
          }),
      },
      graceMs: 0,
      logger: createLog(),
    });
    const stored = relay.store(set(1)).then(() => order.push('stored'));
    await new Promise<void>(resolve => setImmediate(resolve));
    release();
    await stored;
    assert.deepEqual(order, ['everywhere', 'stored']);
  });

  it('survive a store that fails: the other windows have them, and the failure is told', async () => {
    const failing: CredentialStore = {
      load: () => Promise.resolve(null),
      store: () => Promise.reject(new Error('The keychain is locked.')),
    };
    const handed: Credentials[] = [];
    const vault = createCredentialVault(failing);
    const relay = createCredentialRelay({
      vault,
      peers: {
        loadEverywhere: () => Promise.resolve([]),
        storeEverywhere: credentials => Promise.resolve(void handed.push(credentials)),
      },
      graceMs: 0,
      logger: createLog(),
    });
    await assert.rejects(relay.store(set(1)), /locked/);
    assert.deepEqual(handed, [set(1)]);
    assert.deepEqual(await vault.load('twitch'), set(1));
  });
});
