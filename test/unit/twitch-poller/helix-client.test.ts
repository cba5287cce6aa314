import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { SYSTEM_CLOCK } from '../../../src/twitch/clock';
import { createHelixClient, type HelixClient } from '../../../src/twitch/helix-client';
import { HelixError } from '../../../src/twitch/helix-error';
import { parsePage } from '../../../src/twitch/helix-lists';
import { createHttpTransport, HttpError } from '../../../src/twitch/http-send';
import { answer, lostAnswer, NetworkRig, offline } from '../../support/network-rig';

const PAGE = { data: [{ user_id: '1', user_login: 'ada', user_name: 'Ada' }], pagination: {} };

describe('helix client', () => {
  let rig: NetworkRig;
  let renewals: string[];
  let helix: HelixClient;
  let accessToken: string | null;

  beforeEach(() => {
    rig = new NetworkRig();
    renewals = [];
    accessToken = 'first-token';
    helix = createHelixClient({
      endpoints: {
        issuer: 'test',
        websocketUrl: '',
        subscriptionsUrl: '',
        helixUrl: 'http://127.0.0.1:9/helix/',
        authUrl: null,
      },
      clientId: () => 'client',
      tokens: {
        getAccessToken: () => Promise.resolve(accessToken),
        renewAccessToken: refused => {
          renewals.push(refused);
          return Promise.resolve(renewals.length > 1 ? null : 'second-token');
        },
      },
      logger: rig.logger,
      clock: rig.clock,
      random: () => 1,
      send: rig.send,
    });
  });

  afterEach(() => {
    helix.dispose();
    rig.dispose();
    assert.ok(!rig.logger.lines.some(line => line.includes('-token')), 'a token was logged');
  });

  const read = (signal = new AbortController().signal): ReturnType<HelixClient['readPage']> =>
    helix.readPage('vips', { channelId: '7', signal });

  function script(...replies: (() => ReturnType<typeof answer>)[]): void {
    let next = 0;
    rig.intercept = () => (replies[Math.min(next++, replies.length - 1)] ?? offline)();
  }

  it('sends token, client id and query, and reads the page', async () => {
    let headers: Readonly<Record<string, string>> = {};
    rig.intercept = request => {
      headers = request.headers;
      return answer(200, PAGE);
    };
    const { signal } = new AbortController();
    const page = await helix.readPage('vips', { channelId: '7', after: 'c', userIds: ['1', '2'], signal });
    assert.deepEqual(page.rows, [{ userId: '1', userLogin: 'ada', userName: 'Ada' }]);
    assert.equal(headers['Authorization'], 'Bearer first-token');
    assert.equal(headers['Client-Id'], 'client');
    assert.equal(
      rig.requests[0]?.path,
      '/helix/channels/vips?broadcaster_id=7&first=100&user_id=1&user_id=2&after=c',
    );
  });

  it('tries again after 5xx and broken connections, and gives up at last', async () => {
    script(
      () => answer(503, ''),
      lostAnswer,
      () => answer(200, PAGE),
    );
    await rig.during(read());
    assert.equal(rig.requests.length, 3);
    script(() => answer(500, ''));
    await assert.rejects(rig.during(read()), { name: 'HelixError', kind: 'server', status: 500 });
    assert.equal(rig.requests.length, 7);
    script(offline);
    await assert.rejects(rig.during(read()), { kind: 'network' });
  });

  it('renews the token once after a 401', async () => {
    script(
      () => answer(401, { message: 'Invalid OAuth token' }),
      () => answer(200, PAGE),
    );
    await rig.during(read());
    assert.deepEqual(renewals, ['first-token']);
    script(() => answer(401, { message: 'Invalid OAuth token' }));
    await assert.rejects(rig.during(read()), { kind: 'unauthorized', status: 401 });
    assert.equal(renewals.length, 2);
  });

  it('does not spend a renewal on a scope that is missing', async () => {
    script(() =>
      answer(401, { error: 'Unauthorized', status: 401, message: 'Missing scope: channel:read:vips' }),
    );
    await assert.rejects(read(), { kind: 'missingScope', scope: 'channel:read:vips' });
    assert.deepEqual(renewals, []);
  });

  it('sends nothing when nobody is signed in', async () => {
    accessToken = null;
    await assert.rejects(read(), { kind: 'signedOut' });
    assert.equal(rig.requests.length, 0);
  });

  for (const [name, reply] of [
    ['no JSON', () => answer(200, '<html>')],
    ['another shape', () => answer(200, { data: [{ id: 1 }] })],
    ['null', () => answer(200, 'null')],
    ['a redirect', () => answer(302, '', { location: 'https://elsewhere.example/' })],
  ] as const) {
    it(`calls ${name} malformed`, async () => {
      script(reply);
      await assert.rejects(read(), { kind: 'malformed' });
      assert.equal(rig.requests.length, 1);
    });
  }

  it("waits after a 429 until the bucket is full, by the server's own time", async () => {
    // The machine's clock is a day behind the server's; a day is not what anybody waits.
    const ahead = 86_400_000;
    const reset = (): string => String(Math.ceil((rig.clock.now() + ahead + 20_000) / 1000));
    const limited = (): ReturnType<typeof answer> =>
      answer(429, '', { 'ratelimit-reset': reset(), 'ratelimit-limit': '800', 'ratelimit-remaining': '0' });
    script(limited, () => answer(200, PAGE));
    const begun = rig.clock.monotonic();
    await rig.during(read());
    const waited = rig.clock.monotonic() - begun;
    assert.ok(waited >= 15_000 && waited <= 66_000, String(waited));
  });

  it('gives up when the limit never ends', async () => {
    script(() => answer(429, ''));
    await assert.rejects(rig.during(read()), { kind: 'rateLimited' });
    assert.equal(rig.requests.length, 5);
  });

  it('slows down before the bucket is empty', async () => {
    let points = 60;
    let at = rig.clock.monotonic();
    rig.intercept = () => {
      points = Math.min(60, points + ((rig.clock.monotonic() - at) * 60) / 60_000);
      at = rig.clock.monotonic();
      if (points < 1) return answer(429, '');
      points--;
      const remaining = String(Math.floor(points));
      return answer(200, PAGE, { 'ratelimit-limit': '60', 'ratelimit-remaining': remaining });
    };
    const begun = rig.clock.monotonic();
    for (let count = 0; count < 90; count++) await rig.during(read());
    assert.equal(rig.requests.length, 90, 'no request met a 429');
    const waited = rig.clock.monotonic() - begun;
    assert.ok(waited >= 30_000 && waited < 60_000, String(waited));
  });

  it('ends at once when it is cancelled, wherever it is', async () => {
    for (const reply of [() => answer(429, ''), () => answer(500, '')]) {
      const controller = new AbortController();
      script(reply);
      const reading = read(controller.signal);
      await rig.settle();
      controller.abort();
      await assert.rejects(reading, { kind: 'cancelled' });
    }
    await assert.rejects(read(AbortSignal.abort()), { kind: 'cancelled' });
  });

  it('reads what the mock server of the twitch CLI sends', () => {
    const page = parsePage('subscriptions', {
      data: [
        {
          user_id: '1',
          user_login: 'ada',
          user_name: 'Ada',
          is_gift: true,
          tier: '1000',
          gifter_id: { String: '2', Valid: true },
          gifter_login: { String: 'bob', Valid: true },
          gifter_name: { String: '', Valid: false },
        },
        { user_id: '3', user_login: 'c', user_name: 'C', is_gift: false, tier: '2000' },
      ],
      total: 2,
      points: 2,
    });
    assert.deepEqual(page?.rows[0]?.gifter, { userId: '2', userLogin: 'bob', userName: 'bob' });
    assert.ok(page);
    assert.deepEqual(page.rows[1]?.gifter, null);
    assert.equal(page.cursor, null);
    assert.deepEqual(parsePage('moderators', { data: null })?.rows, []);
  });

  it('survives every answer', async () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ data: fc.anything(), pagination: fc.anything() }),
    );
    await fc.assert(
      fc.asyncProperty(bodies, fc.integer({ min: 200, max: 499 }), async (body, status) => {
        rig.intercept = () => answer(status, typeof body === 'string' ? body : JSON.stringify(body));
        renewals.length = 0;
        const outcome = await rig.during(read().catch((error: unknown) => error));
        assert.ok(outcome instanceof HelixError || (typeof outcome === 'object' && outcome !== null));
      }),
      { numRuns: 100 },
    );
  });
});

describe('http transport', () => {
  type Handle = (request: IncomingMessage, response: ServerResponse) => void;

  async function withServer(handle: Handle, work: (url: string) => Promise<void>): Promise<void> {
    const server = createServer(handle);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try {
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    } finally {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }
  }

  const request = (url: string, changes = {}) => ({
    method: 'GET' as const,
    url,
    headers: {},
    timeoutMs: 60_000,
    maxBytes: 1000,
    signal: new AbortController().signal,
    ...changes,
  });
  const transport = createHttpTransport({ clock: SYSTEM_CLOCK, isKeptAlive: false });

  it('knows that nothing was sent where nobody listens', async () => {
    let url = '';
    await withServer(
      () => undefined,
      given => {
        url = given;
        return Promise.resolve();
      },
    );
    await assert.rejects(transport.send(request(url)), { kind: 'unreachable', wasSent: false });
    await assert.rejects(transport.send(request('http://does-not-exist.invalid/')), {
      kind: 'unreachable',
      wasSent: false,
    });
  });

  it('knows that a request went out whose answer is lost', async () => {
    await withServer(
      incoming => incoming.socket.destroy(),
      async url => {
        await assert.rejects(transport.send(request(url, { method: 'POST', body: 'a=b' })), {
          kind: 'lost',
          wasSent: true,
        });
      },
    );
  });

  it('knows it too when the answer breaks off half way', async () => {
    await withServer(
      (incoming, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => incoming.socket.destroy());
      },
      async url => {
        await assert.rejects(transport.send(request(url)), { kind: 'lost', wasSent: true });
      },
    );
  });

  it('takes no longer answer than allowed', async () => {
    await withServer(
      (_, response) => response.end('x'.repeat(100_000)),
      async url => {
        await assert.rejects(transport.send(request(url)), { kind: 'tooLarge' });
      },
    );
  });

  it('gives up a server that never answers, and ends at once when cancelled', async () => {
    await withServer(
      () => undefined,
      async url => {
        await assert.rejects(transport.send(request(url, { timeoutMs: 100 })), HttpError);
        const controller = new AbortController();
        const sending = transport.send(request(url, { signal: controller.signal }));
        setImmediate(() => controller.abort());
        await assert.rejects(sending, { kind: 'cancelled' });
      },
    );
  });

  it('follows no redirect', async () => {
    let asked = 0;
    await withServer(
      (_, response) => {
        asked++;
        response.writeHead(302, { location: '/elsewhere' }).end();
      },
      async url => {
        assert.equal((await transport.send(request(url))).status, 302);
        assert.equal(asked, 1);
      },
    );
  });

  it('makes a GET again when a kept connection turns out to be closed', async () => {
    const kept = createHttpTransport({ clock: SYSTEM_CLOCK, isKeptAlive: true });
    let asked = 0;
    const sockets = new Set<object>();
    await withServer(
      (incoming, response) => {
        if (++asked === 2) {
          incoming.socket.destroy();
          return;
        }
        sockets.add(incoming.socket);
        response.end('ok');
      },
      async url => {
        assert.equal((await kept.send(request(url))).body, 'ok');
        assert.equal((await kept.send(request(url))).body, 'ok');
        assert.equal(asked, 3);
        assert.equal(sockets.size, 2);
      },
    );
    kept.dispose();
  });
});
