import assert from 'node:assert/strict';
import type { AccountStatus, JobStatus, TokenSet } from '../../../src/shared/service';
import type { ServiceError } from '../../../src/shared/service';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator';
import { createAccount, type Account, type AccountNotice } from '../../../src/twitch/auth/account';
import type { HttpRequest } from '../../../src/twitch/http-send';
import { MemoryCredentialStore } from '../../support/memory-credential-store';
import { answer, lostAnswer, NetworkRig, offline } from '../../support/network-rig';

const SCOPES = [
  'moderator:read:followers',
  'channel:read:subscriptions',
  'moderation:read',
  'channel:read:vips',
];
const HOUR_MS = 3_600_000;

describe('account', () => {
  let rig: NetworkRig;
  let simulator: Simulator;
  let store: MemoryCredentialStore;
  let statuses: AccountStatus[];
  let notices: AccountNotice[];
  let accounts: Account[];

  beforeEach(async () => {
    rig = new NetworkRig();
    simulator = await startSimulator({ stateFile: null, clock: rig.clock });
    store = new MemoryCredentialStore();
    statuses = [];
    notices = [];
    accounts = [];
  });

  afterEach(async () => {
    for (const account of accounts) account.dispose();
    rig.dispose();
    await simulator.close();
    const secrets = store.history.flatMap(({ tokens }) =>
      tokens ? [tokens.accessToken, tokens.refreshToken] : [],
    );
    for (const line of rig.logger.lines) {
      assert.ok(!secrets.some(secret => secret !== null && line.includes(secret)), 'a token was logged');
    }
  });

  function open(): Account {
    const account = createAccount({
      endpoints: simulator.endpoints,
      store,
      logger: rig.logger,
      clock: rig.clock,
      random: () => 0.5,
      send: rig.send,
      onChange: status => statuses.push(status),
      onNotice: notice => notices.push(notice),
    });
    accounts.push(account);
    return account;
  }

  async function keep(tokens: TokenSet, generation = 1): Promise<void> {
    await store.store({ issuer: simulator.endpoints.issuer, generation, tokens });
  }

  async function openSignedIn(): Promise<{ account: Account; tokens: TokenSet }> {
    const tokens = simulator.issueToken();
    await keep(tokens);
    const account = open();
    await rig.during(account.start());
    assert.equal(account.getStatus().kind, 'signedIn');
    return { account, tokens };
  }

  const refreshes = (): string[] =>
    rig.requests
      .filter(({ path, body }) => path.endsWith('/token') && body.includes('grant_type=refresh_token'))
      .map(({ body }) => new URLSearchParams(body).get('refresh_token') ?? '');
  const isRefresh = (request: HttpRequest): boolean =>
    (request.body ?? '').includes('grant_type=refresh_token');

  function assertNoTokenSpentTwice(): void {
    assert.equal(new Set(refreshes()).size, refreshes().length);
  }

  describe('while it runs', () => {
    it('validates at the start and every hour', async () => {
      const { account } = await openSignedIn();
      assert.equal(rig.count('/validate'), 1);
      await rig.pass(3.5 * HOUR_MS);
      assert.equal(rig.count('/validate'), 4);
      const status = account.getStatus();
      assert.ok(status.kind === 'signedIn' && status.canRefresh);
      assert.deepEqual([...status.scopes].sort(), [...SCOPES].sort());
    });

    it('renews shortly before the end, and stores the new set before anybody gets its access token', async () => {
      const { account, tokens } = await openSignedIn();
      let isStored = false;
      store.beforeStore = async credentials => {
        if (credentials.tokens?.accessToken === tokens.accessToken) return;
        assert.equal(account.getTokens()?.accessToken, tokens.accessToken);
        assert.equal(await account.getAccessToken(), tokens.accessToken);
        isStored = true;
      };
      await rig.until('a new token', () => account.getTokens()?.accessToken !== tokens.accessToken);
      assert.ok(isStored);
      const left = Date.parse(tokens.expiresAt ?? '') - rig.clock.now();
      assert.ok(left > 0 && left <= 300_000, String(left));
      assert.deepEqual(refreshes(), [tokens.refreshToken]);
      assert.equal(account.getTokens()?.refreshSpentAt, undefined);
      assert.deepEqual(
        store.history.map(({ generation }) => generation),
        store.history.map((_, index) => index + 1),
      );
    });

    it('keeps itself signed in for days', async () => {
      const { account } = await openSignedIn();
      await rig.pass(3 * 24 * HOUR_MS);
      assert.equal(account.getStatus().kind, 'signedIn');
      assertNoTokenSpentTwice();
      assert.ok(refreshes().length > 10);
    });

    it('spends the refresh token once when two callers meet a 401 at the same time', async () => {
      const { account, tokens } = await openSignedIn();
      simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
      const both = await rig.during(
        Promise.all([
          account.renewAccessToken(tokens.accessToken),
          account.renewAccessToken(tokens.accessToken),
        ]),
      );
      assert.equal(both[0], both[1]);
      assert.notEqual(both[0], tokens.accessToken);
      assert.equal(refreshes().length, 1);
      assert.equal(await account.renewAccessToken(tokens.accessToken), both[0]);
      assert.equal(refreshes().length, 1);
    });

    it('after a sleep over the expiry waits for the network before it spends anything', async () => {
      const { account, tokens } = await openSignedIn();
      rig.clock.sleep(9 * HOUR_MS);
      rig.intercept = offline;
      await rig.pass(60_000);
      assert.equal(refreshes().length, 0);
      assert.notEqual(account.getStatus().kind, 'expired');
      rig.intercept = null;
      await rig.until('a new token', () => account.getTokens()?.accessToken !== tokens.accessToken, 60_000);
      assert.equal(account.getStatus().kind, 'signedIn');
      assertNoTokenSpentTwice();
    });

    it('tells of a scope that is withdrawn while it runs', async () => {
      const { account } = await openSignedIn();
      simulator.faults.inject({ kind: 'withdrawScope', scope: 'channel:read:vips' });
      await rig.during(account.validateNow());
      const status = account.getStatus();
      assert.ok(status.kind === 'signedIn' && !status.scopes.includes('channel:read:vips'));
      assert.ok(!account.getTokens()?.scopes.includes('channel:read:vips'));
    });

    it('is expired once when the person disconnects the app, and asks nobody twice', async () => {
      const { account } = await openSignedIn();
      simulator.faults.inject({ kind: 'disconnectApp' });
      await rig.pass(30 * HOUR_MS);
      assert.equal(account.getStatus().kind, 'expired');
      assert.equal(statuses.filter(({ kind }) => kind === 'expired').length, 1);
      assert.equal(await account.getAccessToken(), null);
      assertNoTokenSpentTwice();
    });

    it('tries again where nothing was sent or the server answered 503, with the mark taken back', async () => {
      const { account, tokens } = await openSignedIn();
      simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
      let failures = 0;
      rig.intercept = request => {
        if (!isRefresh(request) || failures >= 4) return undefined;
        return failures++ % 2 === 0 ? offline() : answer(503, '');
      };
      const renewed = await rig.during(account.renewAccessToken(tokens.accessToken));
      assert.notEqual(renewed, null);
      assert.equal(account.getStatus().kind, 'signedIn');
      assert.equal(refreshes().length, 5);
    });
  });

  describe('when it cannot know whether the refresh token was spent', () => {
    for (const [name, fail] of [
      ['the connection breaks', lostAnswer],
      ['the server answers 500', () => answer(500, '')],
      ['the answer is no JSON', () => answer(200, '<html>')],
    ] as const) {
      it(`never sends it again when ${name}, and goes on with the access token until that ends`, async () => {
        const { account, tokens } = await openSignedIn();
        rig.intercept = request => (isRefresh(request) ? fail() : undefined);
        await rig.until('the notice', () => notices.length > 0);
        assert.deepEqual(
          notices.map(({ id }) => id),
          ['renewalUnclear'],
        );
        assert.equal(await account.getAccessToken(), tokens.accessToken);
        const status = account.getStatus();
        assert.ok(status.kind === 'signedIn' && !status.canRefresh);
        await rig.pass(10 * HOUR_MS);
        assert.equal(account.getStatus().kind, 'expired');
        assert.equal(statuses.filter(({ kind }) => kind === 'expired').length, 1);
        assert.equal(refreshes().length, 1);
      });
    }

    it('is expired at once when the access token is dead too', async () => {
      const { account, tokens } = await openSignedIn();
      simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
      rig.intercept = request => (isRefresh(request) ? lostAnswer() : undefined);
      assert.equal(await rig.during(account.renewAccessToken(tokens.accessToken)), null);
      assert.equal(account.getStatus().kind, 'expired');
      assert.equal(refreshes().length, 1);
    });

    it('uses what another window stored meanwhile', async () => {
      const { account, tokens } = await openSignedIn();
      const newer = simulator.issueToken();
      rig.intercept = request => {
        if (!isRefresh(request)) return undefined;
        void keep(newer, 50);
        return lostAnswer();
      };
      simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
      const renewed = await rig.during(account.renewAccessToken(tokens.accessToken));
      assert.equal(renewed, newer.accessToken);
      assert.equal(account.getCredentials()?.generation, 50);
      assert.equal(refreshes().length, 1);
    });

    it('does not spend it again after a crash between the answer and the store', async () => {
      const { account, tokens } = await openSignedIn();
      simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
      store.beforeStore = credentials =>
        credentials.tokens?.refreshSpentAt === undefined ? new Promise(() => undefined) : Promise.resolve();
      void account.renewAccessToken(tokens.accessToken);
      await rig.until('the answer', () => refreshes().length === 1);
      await rig.settle();
      account.dispose();
      store.beforeStore = null;
      statuses.length = 0;

      const next = open();
      await rig.during(next.start());
      await rig.pass(5 * HOUR_MS);
      assert.deepEqual(refreshes(), [tokens.refreshToken]);
      assert.equal(next.getStatus().kind, 'expired');
      assert.equal(statuses.filter(({ kind }) => kind === 'expired').length, 1);
      assert.deepEqual(notices, []);
    });

    it('does not spend it at all when it cannot note that first', async () => {
      const { account } = await openSignedIn();
      store.beforeStore = () => Promise.reject(new Error('the keyring is locked'));
      await rig.pass(6 * HOUR_MS);
      assert.equal(refreshes().length, 0);
      store.beforeStore = null;
      await rig.until('a renewal', () => refreshes().length === 1);
      await rig.settle();
      assert.equal(account.getStatus().kind, 'signedIn');
    });
  });

  describe('between windows', () => {
    it('adopts only a higher generation', async () => {
      const { account, tokens } = await openSignedIn();
      const { issuer } = simulator.endpoints;
      const other = simulator.issueToken();
      await rig.during(account.adopt({ issuer, generation: 1, tokens: other }));
      await rig.during(account.adopt({ issuer: 'elsewhere', generation: 9, tokens: other }));
      assert.equal(account.getTokens()?.accessToken, tokens.accessToken);
      await rig.during(account.adopt({ issuer, generation: 2, tokens: other }));
      assert.equal(await account.getAccessToken(), other.accessToken);
      await rig.during(account.adopt({ issuer, generation: 3, tokens: null }));
      assert.deepEqual(account.getStatus(), { kind: 'signedOut' });
    });

    it('signs out with a new generation that has no tokens, and takes the token back at the server', async () => {
      const { account, tokens } = await openSignedIn();
      await rig.during(account.signOut());
      assert.deepEqual(account.getCredentials(), {
        issuer: simulator.endpoints.issuer,
        generation: (store.history.at(-2)?.generation ?? 0) + 1,
        tokens: null,
      });
      assert.equal(await account.getAccessToken(), null);
      await assert.rejects(rig.during(account.signInWithToken(tokens.clientId, tokens.accessToken)), {
        kind: 'invalidToken',
      });
    });

    it('signs out within seconds though the server cannot be reached', async () => {
      const { account } = await openSignedIn();
      rig.intercept = () => new Promise(() => undefined);
      const begun = rig.clock.monotonic();
      const signOut = account.signOut();
      await new Promise(resolve => setImmediate(resolve));
      rig.clock.step(3000);
      await signOut;
      assert.ok(rig.clock.monotonic() - begun <= 3000);
      assert.deepEqual(account.getStatus(), { kind: 'signedOut' });
    });

    it('starts unverified without a network, and is signed in when it is back', async () => {
      await keep(simulator.issueToken());
      const account = open();
      rig.intercept = offline;
      await rig.during(account.start());
      assert.equal(account.getStatus().kind, 'unverified');
      rig.intercept = null;
      await rig.until('signed in', () => account.getStatus().kind === 'signedIn', 60_000);
    });
  });

  describe('signing in with a token', () => {
    const refusals: [string, string, string, ServiceError['kind']][] = [
      ['an empty token', '', '  ', 'invalidToken'],
      ['a token with a line break inside', '', 'abc\ndef', 'invalidToken'],
      ['a token that does not exist', '', 'abcdef', 'invalidToken'],
    ];
    for (const [name, clientId, token, kind] of refusals) {
      it(`refuses ${name}`, async () => {
        await assert.rejects(rig.during(open().signInWithToken(clientId, token)), {
          name: 'ServiceError',
          kind,
        });
        assert.equal(store.history.length, 0);
      });
    }

    it('refuses a token of another client id', async () => {
      const { accessToken } = simulator.issueToken();
      await assert.rejects(rig.during(open().signInWithToken('another', accessToken)), {
        kind: 'clientMismatch',
      });
    });

    it('refuses an app token', async () => {
      const token = simulator.issueAppToken();
      await assert.rejects(rig.during(open().signInWithToken('', token)), { kind: 'invalidToken' });
    });

    it('says that it is offline', async () => {
      rig.intercept = offline;
      await assert.rejects(rig.during(open().signInWithToken('', 'abcdef')), { kind: 'offline' });
    });

    it('takes a good one, also as chat programs write it, and learns whose it is', async () => {
      const { accessToken, clientId } = simulator.issueToken();
      const account = open();
      await rig.during(account.signInWithToken(clientId, ` oauth:${accessToken} `));
      const status = account.getStatus();
      assert.ok(status.kind === 'signedIn' && status.userId === simulator.channel.id && !status.canRefresh);
      assert.equal(await account.getAccessToken(), accessToken);
    });

    it('takes it as it is where the server has no OAuth', async () => {
      const account = createAccount({
        endpoints: { ...simulator.endpoints, authUrl: null },
        store,
        logger: rig.logger,
        clock: rig.clock,
        send: rig.send,
        onChange: status => statuses.push(status),
      });
      accounts.push(account);
      await assert.rejects(account.signInWithToken('client', 'anything'), { kind: 'badRequest' });
      await account.signInWithToken('client', 'anything', { userId: '42', login: 'somebody' });
      assert.equal(await account.getAccessToken(), 'anything');
      assert.equal(statuses.at(-1)?.kind, 'signedIn');
      await assert.rejects(
        account.signInWithDevice({
          clientId: 'c',
          scopes: [],
          report: () => undefined,
          signal: new AbortController().signal,
        }),
        { kind: 'notAvailable' },
      );
      assert.equal(rig.requests.length, 0);
    });
  });

  describe('signing in by device code', () => {
    let states: JobStatus['state'][];
    let controller: AbortController;

    beforeEach(() => {
      states = [];
      controller = new AbortController();
    });

    function begin(account: Account, clientId = 'my-client'): Promise<void> {
      const work = account.signInWithDevice({
        clientId,
        scopes: SCOPES,
        report: state => states.push(state),
        signal: controller.signal,
      });
      work.catch(() => undefined);
      return work;
    }

    async function awaitCode(): Promise<Extract<JobStatus['state'], { kind: 'awaitingUser' }>> {
      await rig.until('the code', () => states.at(-1)?.kind === 'awaitingUser', 60_000);
      const state = states.at(-1);
      assert.ok(state?.kind === 'awaitingUser');
      return state;
    }

    it('shows the code, asks at the interval, and signs in', async () => {
      const account = open();
      const work = begin(account);
      const state = await awaitCode();
      assert.equal(Date.parse(state.expiresAt) - rig.clock.now(), 1_800_000);
      await rig.pass(21_000);
      const asked = rig.count('/token');
      assert.ok(asked >= 3 && asked <= 5, String(asked));
      assert.ok(simulator.decideDevice(state.userCode, 'approve'));
      await rig.during(work);
      const status = account.getStatus();
      assert.ok(status.kind === 'signedIn' && status.canRefresh);
      assert.deepEqual([...status.scopes].sort(), [...SCOPES].sort());
      assert.equal(store.history.length, 1);
    });

    it('ends after half an hour by its own clock', async () => {
      const work = begin(open());
      simulator.faults.inject({ kind: 'device', outcome: 'pending' });
      await awaitCode();
      await assert.rejects(rig.during(work), { kind: 'expired' });
      assert.ok(rig.count('/token') <= 360);
    });

    it('tells a denial that the server words as one', async () => {
      rig.intercept = request =>
        request.url.endsWith('/token') ? answer(400, { status: 400, message: 'access_denied' }) : undefined;
      await assert.rejects(rig.during(begin(open())), { kind: 'denied' });
    });

    for (const outcome of ['denied', 'expired'] as const) {
      it(`ends when the code is ${outcome}`, async () => {
        simulator.faults.inject({ kind: 'device', outcome });
        await assert.rejects(rig.during(begin(open())), { kind: 'expired' });
      });
    }

    it('needs a client id', async () => {
      await assert.rejects(begin(open(), ' '), { kind: 'noClientId' });
    });

    it('says that it is offline', async () => {
      rig.intercept = offline;
      await assert.rejects(rig.during(begin(open())), { kind: 'offline' });
    });

    it('goes on after a short break of the network, and gives up after a long one', async () => {
      const account = open();
      const work = begin(account);
      const { userCode } = await awaitCode();
      rig.intercept = offline;
      await rig.pass(30_000);
      rig.intercept = null;
      simulator.decideDevice(userCode, 'approve');
      await rig.during(work);
      assert.equal(account.getStatus().kind, 'signedIn');

      const second = begin(account);
      await awaitCode();
      rig.intercept = offline;
      await assert.rejects(rig.during(second), { kind: 'offline' });
    });

    for (const [issuer, uri] of [
      ['twitch', 'https://twitch.tv.example.com/activate'],
      ['twitch', 'https://eviltwitch.tv/activate'],
      ['twitch', 'http://www.twitch.tv/activate'],
      ['twitch', 'file:///etc/passwd'],
      ['custom', 'vscode://command'],
      ['custom', 'http://192.168.1.5/activate'],
    ] as const) {
      it(`does not offer to open ${uri} for ${issuer}`, async () => {
        rig.intercept = () =>
          answer(200, {
            device_code: 'd',
            expires_in: 1800,
            interval: 5,
            user_code: 'U',
            verification_uri: uri,
          });
        const account = createAccount({
          endpoints: { ...simulator.endpoints, issuer },
          store,
          logger: rig.logger,
          clock: rig.clock,
          send: rig.send,
          onChange: () => undefined,
        });
        accounts.push(account);
        await assert.rejects(rig.during(begin(account)), { kind: 'notAvailable' });
        assert.ok(!states.some(({ kind }) => kind === 'awaitingUser'));
      });
    }

    it('can be cancelled while it waits', async () => {
      const work = begin(open());
      await awaitCode();
      controller.abort();
      await assert.rejects(rig.during(work), { kind: 'cancelled' });
      const asked = rig.requests.length;
      await rig.pass(60_000);
      assert.equal(rig.requests.length, asked);
    });

    it('does not sign in when the cancel races the arriving token', async () => {
      const account = open();
      simulator.faults.inject({ kind: 'device', outcome: 'approved' });
      rig.intercept = request => {
        if (request.url.endsWith('/validate')) controller.abort();
        return undefined;
      };
      await assert.rejects(rig.during(begin(account)), { kind: 'cancelled' });
      assert.equal(store.history.length, 0);
      await rig.settle();
      assert.equal(rig.count('/revoke'), 1);
    });

    it('takes the new set back when the cancel comes while it is being stored', async () => {
      const { account, tokens } = await openSignedIn();
      simulator.faults.inject({ kind: 'device', outcome: 'approved' });
      store.beforeStore = () => {
        controller.abort();
        return Promise.resolve();
      };
      await assert.rejects(rig.during(begin(account)), { kind: 'cancelled' });
      assert.equal(account.getTokens()?.accessToken, tokens.accessToken);
      const stored = await store.load(simulator.endpoints.issuer);
      assert.equal(stored?.tokens?.accessToken, tokens.accessToken);
    });
  });

  it('leaves no timer behind', async () => {
    const before = rig.clock.pendingTimers;
    const { account } = await openSignedIn();
    account.dispose();
    await rig.settle();
    assert.ok(rig.clock.pendingTimers <= before);
  });
});
