import fc from 'fast-check';
import { SWEEP_KINDS } from '../../../src/shared/data-service';
import { createHelixClient } from '../../../src/twitch/helix-client';
import { HelixError } from '../../../src/twitch/helix-error';
import { HttpError, type HttpResponse } from '../../../src/twitch/http-send';
import { NetworkRig } from '../../support/network-rig';
import type { FaultReport } from '../data/fault-report';
import { tryProperty } from './fuzz-report';

const row = fc.record(
  {
    user_id: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
    user_login: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(null)),
    user_name: fc.oneof(fc.string({ unit: 'binary' }), fc.integer()),
    followed_at: fc.oneof(fc.string(), fc.constant('2026-01-01T00:00:00Z')),
    tier: fc.oneof(fc.constantFrom('1000', 'Prime', ''), fc.integer()),
    is_gift: fc.oneof(fc.boolean(), fc.constant('yes')),
    gifter_id: fc.string(),
  },
  { requiredKeys: [] },
);
const page = fc.record(
  {
    data: fc.oneof(fc.array(row), fc.anything()),
    pagination: fc.oneof(fc.record({ cursor: fc.anything() }), fc.anything()),
    total: fc.oneof(fc.integer(), fc.double(), fc.string()),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  page.map(value => toText(value)),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'null', '[]', '{"data":[]}', '<html>502</html>', '{"data":[' + '['.repeat(20_000)),
);
const headers = fc.dictionary(
  fc.constantFrom('ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'date', 'retry-after'),
  fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('NaN', '-1', '1e999')),
);
const reply = fc.oneof(
  fc.record({
    status: fc.constantFrom(200, 200, 200, 204, 301, 400, 401, 403, 404, 429, 500, 503),
    headers,
    body,
  }),
  fc.constantFrom('unreachable' as const, 'lost' as const, 'timeout' as const, 'tooLarge' as const),
);

type Reply = typeof reply extends fc.Arbitrary<infer T> ? T : never;

/** Any answers of Helix: the client gives a page or a `HelixError`, in bounded time, and never anything else. */
export async function run(count: number): Promise<FaultReport> {
  const property = fc.asyncProperty(
    fc.constantFrom(...SWEEP_KINDS),
    fc.array(reply, { minLength: 1, maxLength: 6 }),
    async (list, replies) => {
      const rig = new NetworkRig();
      let asked = 0;
      rig.intercept = () => answer(replies[asked++ % replies.length]);
      const helix = createHelixClient({
        endpoints: {
          issuer: 'test',
          websocketUrl: '',
          subscriptionsUrl: '',
          helixUrl: 'http://127.0.0.1:9/helix',
          authUrl: null,
        },
        clientId: () => 'client',
        tokens: {
          getAccessToken: () => Promise.resolve('token'),
          renewAccessToken: () => Promise.resolve('next'),
        },
        logger: rig.logger,
        clock: rig.clock,
        send: rig.send,
      });
      try {
        const { signal } = new AbortController();
        const read = await rig.during(helix.readPage(list, { channelId: '7', signal }));
        for (const { userId } of read.rows) {
          if (typeof userId !== 'string' || userId === '') throw new Error('A person without an id.');
        }
      } catch (error: unknown) {
        if (!(error instanceof HelixError)) throw error;
      } finally {
        helix.dispose();
        rig.dispose();
      }
      if (asked > 20) throw new Error(`It asked ${asked} times.`);
      if (rig.clock.pendingTimers > 0) throw new Error('A timer is left.');
    },
  );
  return tryProperty(property, count);
}

function answer(reply: Reply | undefined): Promise<HttpResponse> {
  if (reply === undefined || typeof reply === 'string') {
    return Promise.reject(new HttpError(reply ?? 'lost', 'It failed.', true));
  }
  return Promise.resolve(reply);
}

function toText(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'bigint' ? String(inner) : inner,
    );
    return text;
  } catch {
    return '{"data":';
  }
}
