import * as assert from 'node:assert/strict';
import type { JobStatus, TokenSet } from '../../../src/shared/service';
import { createAccount, type Account, type AccountNotice } from '../../../src/twitch/auth/account';
import { MemoryCredentialStore } from '../../support/memory-credential-store';
import { NetworkRig } from '../../support/network-rig';
import { RawServer, type Asked } from './raw-server';

const GOOD = {
  client_id: 'client',
  login: 'me',
  scopes: ['moderation:read'],
  user_id: '1',
  expires_in: 14_000,
};
const TOKENS: TokenSet = {
  clientId: 'client',
  accessToken: 'access-0',
  refreshToken: 'refresh-0',
  userId: '1',
  login: 'me',
  scopes: ['moderation:read'],
  expiresAt: null,
};

describe('hostile: an OAuth server', () => {
  let rig: NetworkRig;
  let server: RawServer;
  let store: MemoryCredentialStore;
  let account: Account;
  let notices: AccountNotice[];
  /** How the endpoints answer; by default well. */
  let answers: Partial<Record<'validate' | 'token' | 'device' | 'revoke', (asked: Asked) => boolean>>;

  beforeEach(async () => {
    rig = new NetworkRig();
    server = await new RawServer().start();
    store = new MemoryCredentialStore();
    notices = [];
    answers = {};
    server.script = asked => {
      const name = asked.path.split('/').at(-1) as keyof typeof answers;
      return answers[name]?.(asked) ?? server.answer(asked.response, 200, name === 'validate' ? GOOD : {});
    };
    account = createAccount({
      endpoints: {
        issuer: 'hostile',
        websocketUrl: 'ws://127.0.0.1/ws',
        subscriptionsUrl: 'http://127.0.0.1/s',
        helixUrl: null,
        authUrl: `http://${server.origin}/oauth2`,
      },
      store,
      logger: rig.logger,
      clock: rig.clock,
      random: () => 0.5,
      send: rig.send,
      onChange: () => undefined,
      onNotice: notice => notices.push(notice),
    });
  });

  afterEach(async () => {
    account.dispose();
    await server.stop();
    rig.dispose();
    assert.equal(rig.clock.pendingTimers, 0, 'a timer is left');
    const secrets = ['access-', 'refresh-', 'device-secret'];
    for (const line of rig.logger.lines) {
      assert.ok(!secrets.some(secret => line.includes(secret)), line);
    }
  });

  const keep = (changes: Partial<TokenSet> = {}): Promise<void> =>
    store.store({ issuer: 'hostile', generation: 1, tokens: { ...TOKENS, ...changes } });
  const asked = (end: string): number => server.asked.filter(({ path }) => path.endsWith(end)).length;

  const ODD: Record<string, (asked: Asked) => boolean> = {
    'a page': ({ response }) => server.answer(response, 200, '<html>'),
    nothing: ({ response }) => server.answer(response, 200),
    '204': ({ response }) => server.answer(response, 204),
    '{}': ({ response }) => server.answer(response, 200, {}),
    null: ({ response }) => server.answer(response, 200, 'null'),
    '[]': ({ response }) => server.answer(response, 200, []),
    'a text': ({ response }) => server.answer(response, 200, '"ok"'),
    'a client id that is a number': ({ response }) => server.answer(response, 200, { ...GOOD, client_id: 5 }),
    'a user id that is a number': ({ response }) => server.answer(response, 200, { ...GOOD, user_id: 1 }),
    'scopes that are a text': ({ response }) => server.answer(response, 200, { ...GOOD, scopes: 'a b' }),
    '500': ({ response }) => server.fail(response, 500, 'oops'),
    '503': ({ response }) => server.answer(response, 503, '<html>'),
    '429': ({ response }) => server.fail(response, 429, 'slow down'),
    '403 of a proxy': ({ response }) => server.answer(response, 403, '<html>'),
    '404': ({ response }) => server.answer(response, 404, 'nope'),
    'a redirect': ({ response }) => server.answer(response, 302, '', { Location: 'http://127.0.0.1:1/' }),
    'a megabyte': ({ response }) => server.answer(response, 200, 'x'.repeat(1_000_000)),
    'a reset': ({ response }) => Boolean(response.destroy()),
    'half an answer': ({ response }) => {
      response.writeHead(200, { 'Content-Length': '500' });
      response.write('{"client_id":"cl');
      response.socket?.end();
      return true;
    },
  };

  for (const [name, play] of Object.entries(ODD)) {
    it(`whose validation is ${name} ends no sign-in, spends nothing, and is asked again`, async () => {
      await keep();
      answers.validate = play;
      await rig.during(account.start());
      assert.equal(account.getStatus().kind, 'unverified');
      assert.equal(await rig.during(account.getAccessToken()), 'access-0');
      answers.validate = () => false;
      delete answers.validate;
      await rig.until('signed in', () => account.getStatus().kind === 'signedIn', 300_000);
      assert.equal(asked('/token'), 0);
    });
  }

  for (const expires_in of [null, 0, -5, 'soon', 1e308, undefined]) {
    it(`that says of the end ${String(expires_in)} is believed in all else`, async () => {
      await keep();
      answers.validate = ({ response }) => server.answer(response, 200, { ...GOOD, expires_in });
      await rig.during(account.start());
      assert.equal(account.getStatus().kind, 'signedIn');
      assert.equal(asked('/token'), 0);
    });
  }

  for (const [name, fields] of Object.entries({
    'no end': {},
    'an end of null': { expires_in: null },
    'an end that is a text': { expires_in: '14000' },
    'a scope that is a text': { expires_in: 14_000, scope: 'a b' },
    'a scope that is an object': { expires_in: 14_000, scope: {} },
    'a scope of null': { expires_in: 14_000, scope: null },
  })) {
    it(`whose new tokens have ${name} loses none of them`, async () => {
      await keep();
      await rig.during(account.start());
      answers.validate = ({ response, headers }) =>
        headers.authorization === 'OAuth access-0'
          ? server.fail(response, 401, 'invalid access token')
          : server.answer(response, 200, GOOD);
      answers.token = ({ response }) =>
        server.answer(response, 200, { access_token: 'access-1', refresh_token: 'refresh-1', ...fields });
      assert.equal(await rig.during(account.renewAccessToken('access-0')), 'access-1');
      const tokens = account.getTokens();
      assert.equal(tokens?.refreshToken, 'refresh-1');
      assert.ok(tokens.scopes.length > 0);
      assert.deepEqual(notices, []);
    });
  }

  it('that gives an empty refresh token is not asked to renew with it', async () => {
    await keep();
    await rig.during(account.start());
    answers.validate = ({ response }) => server.fail(response, 401, 'invalid access token');
    answers.token = ({ response }) =>
      server.answer(response, 200, { access_token: 'access-1', refresh_token: '', expires_in: 100 });
    await rig.during(account.renewAccessToken('access-0'));
    assert.equal(account.getTokens()?.refreshToken, null);
    await rig.pass(3_600_000);
    assert.equal(asked('/token'), 1);
    assert.equal(account.getStatus().kind, 'expired');
  });

  for (const [name, body] of Object.entries({
    'a page': '<html>',
    'no access token': { refresh_token: 'refresh-1' },
    'an empty access token': { access_token: '', refresh_token: 'refresh-1' },
    'an access token that is a number': { access_token: 5 },
    nothing: '',
  })) {
    it(`whose renewal is ${name} is never sent that refresh token again, and the person is told once`, async () => {
      await keep();
      const endsAt = rig.clock.now() + 400_000;
      answers.validate = ({ response }) =>
        server.answer(response, 200, { ...GOOD, expires_in: (endsAt - rig.clock.now()) / 1000 });
      answers.token = ({ response }) => server.answer(response, 200, body);
      await rig.during(account.start());
      await rig.until('sent', () => asked('/token') === 1, 3_600_000);
      await rig.settle();
      assert.equal(notices.length, 1);
      answers.validate = ({ response }) => server.fail(response, 401, 'invalid access token');
      await rig.pass(5 * 3_600_000);
      assert.equal(asked('/token'), 1);
      assert.equal(account.getStatus().kind, 'expired');
    });
  }

  const signIn = async (report: (state: JobStatus['state']) => void = () => undefined): Promise<string> => {
    const { signal } = new AbortController();
    try {
      await rig.during(
        account.signInWithDevice({ clientId: 'client', scopes: ['moderation:read'], report, signal }),
      );
      return 'signed in';
    } catch (error: unknown) {
      return error instanceof Error && 'kind' in error ? String(error.kind) : 'a bug';
    }
  };
  const CODE = {
    device_code: 'device-secret',
    user_code: 'ABCD',
    verification_uri: 'http://127.0.0.1/activate',
    expires_in: 1800,
    interval: 5,
  };

  for (const [name, body] of Object.entries({
    'a page': '<html>',
    nothing: '',
    'no device code': { ...CODE, device_code: undefined },
    'an empty user code': { ...CODE, user_code: '' },
    'no address': { ...CODE, verification_uri: undefined },
    'an address that is script': { ...CODE, verification_uri: 'javascript:alert(1)' },
    'an address that is a file': { ...CODE, verification_uri: 'file:///etc/passwd' },
    'an address that is a command': { ...CODE, verification_uri: 'command:workbench.action.quit' },
    'an address that is plain elsewhere': { ...CODE, verification_uri: 'http://evil.example/activate' },
  })) {
    it(`whose device code is ${name} ends the sign-in with an error, and opens nothing`, async () => {
      answers.device = ({ response }) => server.answer(response, 200, body);
      const states: string[] = [];
      const outcome = await signIn(state => states.push(state.kind));
      assert.ok(outcome === 'offline' || outcome === 'notAvailable', outcome);
      assert.ok(!states.includes('awaitingUser'));
      assert.equal(account.getStatus().kind, 'signedOut');
    });
  }

  for (const [name, fields] of Object.entries({
    'neither end nor interval': { expires_in: undefined, interval: undefined },
    'an end and an interval of null': { expires_in: null, interval: null },
    'texts for numbers': { expires_in: '1800', interval: '5' },
    'a negative interval': { interval: -5 },
    'a huge interval': { interval: 1e308 },
  })) {
    it(`whose device code has ${name} signs in all the same`, async () => {
      answers.device = ({ response }) => server.answer(response, 200, { ...CODE, ...fields });
      let left = 2;
      answers.token = ({ response }) =>
        left-- > 0
          ? server.fail(response, 400, 'authorization_pending')
          : server.answer(response, 200, {
              access_token: 'access-1',
              refresh_token: 'refresh-1',
              scope: null,
            });
      assert.equal(await signIn(), 'signed in');
      assert.equal(account.getTokens()?.accessToken, 'access-1');
    });
  }

  it('whose token belongs to another client, or to nobody, signs nobody in and gets it back', async () => {
    answers.device = ({ response }) => server.answer(response, 200, CODE);
    answers.token = ({ response }) => server.answer(response, 200, { access_token: 'access-1' });
    for (const body of [
      { ...GOOD, client_id: 'other' },
      { ...GOOD, user_id: undefined, login: undefined },
    ]) {
      const before = asked('/revoke');
      answers.validate = ({ response }) => server.answer(response, 200, body);
      assert.ok(['clientMismatch', 'invalidToken'].includes(await signIn()));
      await rig.until('revoked', () => asked('/revoke') === before + 1, 60_000);
      assert.equal(account.getStatus().kind, 'signedOut');
    }
  });
});
