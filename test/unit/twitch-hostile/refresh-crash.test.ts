import * as assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Credentials, CredentialStore } from '../../../src/shared/service';
import { createAccount, type Account } from '../../../src/twitch/auth/account';
import { HttpError, type HttpResponse, type Send } from '../../../src/twitch/http-send';
import { ManualClock } from '../../support/manual-clock';
import { createQuietLogger } from './scene';

/** What happens to one refresh: it is done or not, and the answer arrives or not. */
const FATES = ['good', 'lost', 'garbage', '500', 'cutBefore', 'unreachable', '429', 'hangs'] as const;
type Fate = (typeof FATES)[number];

/** One life of the process, from its start to its death at some call into the store or the network. */
interface Life {
  fates: Fate[];
  diesAtStep: number;
  /** Whether what it dies in has been done by then. */
  isDone: boolean;
  storeFailures: boolean[];
  hours: number;
}

const LIFE: fc.Arbitrary<Life> = fc.record({
  fates: fc.array(fc.constantFrom(...FATES), { maxLength: 4 }),
  diesAtStep: fc.integer({ min: 1, max: 30 }),
  isDone: fc.boolean(),
  storeFailures: fc.array(fc.boolean(), { maxLength: 4 }),
  hours: fc.integer({ min: 1, max: 12 }),
});

/** An OAuth server with one-time refresh tokens, on the clock of the test. */
class OneTimeServer {
  access = { token: 'access-0', endsAt: 0 };
  refresh = 'refresh-0';
  readonly spent = new Set<string>();
  /** How often a spent refresh token came: Twitch would end every sign-in of this app. */
  reuses = 0;
  #count = 0;

  constructor(private readonly clock: ManualClock) {
    this.access.endsAt = clock.now() + 4 * 3_600_000;
  }

  validate(token: string): HttpResponse {
    const leftMs = this.access.endsAt - this.clock.now();
    if (token !== this.access.token || leftMs <= 0) return reply(401, { message: 'invalid access token' });
    const expires_in = Math.floor(leftMs / 1000);
    return reply(200, {
      client_id: 'client',
      login: 'me',
      scopes: ['moderation:read'],
      user_id: '1',
      expires_in,
    });
  }

  renew(refresh: string): HttpResponse {
    if (this.spent.has(refresh)) this.reuses++;
    if (refresh !== this.refresh) return reply(400, { message: 'Invalid refresh token' });
    this.spent.add(refresh);
    this.#count++;
    this.refresh = `refresh-${this.#count}`;
    this.access = { token: `access-${this.#count}`, endsAt: this.clock.now() + 4 * 3_600_000 };
    const { token } = this.access;
    return reply(200, { access_token: token, refresh_token: this.refresh, expires_in: 14_400, scope: [] });
  }
}

function reply(status: number, body: unknown): HttpResponse {
  return { status, headers: {}, body: JSON.stringify(body) };
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Lives one life: polls for a token, meets 401s, and dies where it is told to. */
async function live(
  life: Life,
  server: OneTimeServer,
  saved: Map<string, string>,
  clock: ManualClock,
): Promise<void> {
  let steps = 0;
  let isDead = false;
  const isOver = (): boolean => isDead;
  const step = async <T>(work: () => T): Promise<T> => {
    await Promise.resolve();
    if (isDead) return never<T>();
    if (++steps >= life.diesAtStep) {
      isDead = true;
      if (life.isDone) work();
      return never<T>();
    }
    return work();
  };
  const failures = [...life.storeFailures];
  const store: CredentialStore = {
    load: issuer =>
      step(() => {
        const text = saved.get(issuer);
        return text === undefined ? null : (JSON.parse(text) as Credentials);
      }),
    store: credentials =>
      step(() => {
        if (failures.shift()) throw new Error('the keyring is locked');
        saved.set(credentials.issuer, JSON.stringify(credentials));
      }),
  };
  const fates = [...life.fates];
  const send: Send = ({ url, headers, body }) => {
    if (url.endsWith('/validate')) {
      return step(() => server.validate((headers['Authorization'] ?? '').replace('OAuth ', '')));
    }
    const refresh = new URLSearchParams(body).get('refresh_token') ?? '';
    const fate = fates.shift() ?? 'good';
    return step(() => {
      if (fate === 'unreachable') throw new HttpError('unreachable', 'No network.', false);
      if (fate === 'cutBefore') throw new HttpError('lost', 'The connection broke.', true);
      if (fate === '429') return reply(429, { message: 'slow down' });
      const good = server.renew(refresh);
      if (fate === 'lost') throw new HttpError('lost', 'The connection broke.', true);
      if (fate === 'hangs') throw new HttpError('timeout', 'No answer.', true);
      if (fate === '500') return reply(500, {});
      return fate === 'garbage' ? { ...good, body: '<html>' } : good;
    });
  };
  const account: Account = createAccount({
    endpoints: {
      issuer: 's',
      websocketUrl: '',
      subscriptionsUrl: '',
      helixUrl: null,
      authUrl: 'http://127.0.0.1/a',
    },
    store,
    logger: createQuietLogger(),
    clock,
    random: () => 0.5,
    send,
    onChange: () => undefined,
  });
  void account.start();
  const end = clock.monotonic() + life.hours * 3_600_000;
  for (let turn = 0; clock.monotonic() < end; turn++) {
    await new Promise(resolve => setImmediate(resolve));
    if (isOver()) break;
    if (turn % 5 === 0) void account.getAccessToken();
    if (turn % 17 === 3)
      void account.renewAccessToken(account.getTokens()?.accessToken ?? '').catch(() => null);
    clock.step(20 * 60_000);
  }
  isDead = true;
  account.dispose();
}

describe('hostile: a process that dies while it refreshes', () => {
  it('never sends a spent refresh token again, wherever it died and whatever became of the answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(LIFE, { minLength: 1, maxLength: 5 }), async lives => {
        const clock = new ManualClock();
        const server = new OneTimeServer(clock);
        const saved = new Map<string, string>();
        const tokens = {
          clientId: 'client',
          accessToken: 'access-0',
          refreshToken: 'refresh-0',
          userId: '1',
          login: 'me',
          scopes: ['moderation:read'],
          expiresAt: null,
        };
        saved.set('s', JSON.stringify({ issuer: 's', generation: 1, tokens } satisfies Credentials));
        for (const life of lives) await live(life, server, saved, clock);
        assert.equal(server.reuses, 0);
      }),
      { numRuns: Number(process.env['CRASH_RUNS'] ?? 150) },
    );
  }).timeout(120_000);
});
