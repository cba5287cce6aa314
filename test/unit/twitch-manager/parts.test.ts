import * as assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { backoffMs } from '../../../src/twitch/backoff';
import { CLOSE_CODES, describeCloseCode } from '../../../src/twitch/close-codes';
import { parseFrame } from '../../../src/twitch/frame-parser';
import { envelopeSchema, notificationSchema } from '../../../src/twitch/frames.external';
import { checkReconnectUrl } from '../../../src/twitch/reconnect-url';
import { ServerClock } from '../../../src/twitch/server-clock';
import { heard } from '../../../src/twitch/session-steps';

describe('the backoff', () => {
  it('lies between nothing and a bound that doubles up to the cap', () => {
    const options = { baseMs: 1000, capMs: 60_000 };
    const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map(failures => backoffMs(failures, 0.999999, options));
    assert.deepEqual(bounds, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 0.999999999, noNaN: true }),
        (n, random) => {
          const delay = backoffMs(n, random, options);
          return delay >= 0 && delay <= 60_000;
        },
      ),
    );
    assert.equal(backoffMs(5, 0, options), 0);
  });
});

describe('what is noted of a frame', () => {
  const main = {
    generation: 1,
    sessionId: 'a',
    connectedAtMs: 0,
    keepaliveMs: 10_000,
    lastFrameWallMs: 1000,
    lastFrameMonoMs: 50,
    newestSentAtMs: 900,
    answeredAtMonoMs: null,
  };

  it('is nothing new within a millisecond, unless it was sent later', () => {
    assert.equal(heard(main, 900, { wallMs: 1000, monoMs: 50.9, random: 0 }), main);
    assert.equal(heard(main, 800, { wallMs: 1000, monoMs: 50.9, random: 0 }), main);
    assert.equal(heard(main, 901, { wallMs: 1000, monoMs: 50.9, random: 0 }).newestSentAtMs, 901);
    assert.deepEqual(heard(main, 800, { wallMs: 1001, monoMs: 51, random: 0 }), {
      ...main,
      lastFrameWallMs: 1001,
      lastFrameMonoMs: 51,
    });
    assert.equal(
      heard({ ...main, newestSentAtMs: Number.NaN }, 5, { wallMs: 0, monoMs: 50, random: 0 }).newestSentAtMs,
      5,
    );
  });
});

describe('the table of close codes', () => {
  it("has all of Twitch's, each once", () => {
    const codes = CLOSE_CODES.map(({ code }) => code);
    assert.deepEqual(codes, [1006, 4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007]);
    assert.equal(describeCloseCode(4003).action, 'fixFirst');
    assert.equal(describeCloseCode(4999).action, 'backoff');
  });
});

describe('the check of a reconnect_url', () => {
  const TWITCH = 'wss://eventsub.wss.twitch.tv/ws';
  const LOCAL = 'ws://127.0.0.1:8080/ws';
  const good: [string, string][] = [
    ['wss://eventsub.wss.twitch.tv?challenge=x', TWITCH],
    ['wss://cell-a.eventsub.wss.twitch.tv/ws?challenge=x&id=y', TWITCH],
    ['wss://twitch.tv/ws'.replace('twitch', 'a.twitch'), TWITCH],
    ['wss://eventsub.wss.twitch.tv:8443/ws', TWITCH],
    ['ws://127.0.0.1:9999/other?reconnect_id=abc', LOCAL],
    ['ws://localhost:1/ws', LOCAL],
    ['ws://[::1]:1/ws', LOCAL],
    ['wss://127.0.0.1:1/ws', LOCAL],
    ['wss://b.example.co.uk/ws', 'wss://a.example.co.uk/ws'],
  ];
  for (const [url, configured] of good) {
    it(`lets ${url} pass and leaves it as it is`, () => {
      assert.deepEqual(checkReconnectUrl(url, configured), { ok: true, url });
    });
  }
  const bad: [unknown, string][] = [
    ['ws://eventsub.wss.twitch.tv/ws', TWITCH],
    ['https://eventsub.wss.twitch.tv/ws', TWITCH],
    ['wss://twitch.tv.evil.example/ws', TWITCH],
    ['wss://eviltwitch.tv/ws', TWITCH],
    ['wss://evil.example/?eventsub.wss.twitch.tv', TWITCH],
    ['wss://user:secret@eventsub.wss.twitch.tv/ws', TWITCH],
    ['wss://eventsub.wss.twitch.tv@evil.example/ws', TWITCH],
    [
      'wss://eventsub.wss.twitch.tv\\@evil.example/ws'.replace('wss://eventsub', 'wss://evil.example\\'),
      TWITCH,
    ],
    ['wss://eventsub.wss.twitch.tv/ws#x', TWITCH],
    ['ws://127.0.0.1/ws', TWITCH],
    ['wss://localhost/ws', TWITCH],
    ['ws://127.0.0.1.evil.example/ws', LOCAL],
    ['wss://evil.example/ws', LOCAL],
    ['ws://192.168.0.7/ws', LOCAL],
    ['wss://10.0.0.2/ws', 'wss://10.0.0.1/ws'],
    ['wss://evil.co.uk/ws', 'wss://example.co.uk/ws'],
    ['not a url', TWITCH],
    ['', TWITCH],
    [null, TWITCH],
    [undefined, TWITCH],
    [7, TWITCH],
    [{ toString: () => TWITCH }, TWITCH],
  ];
  for (const [url, configured] of bad) {
    it(`refuses ${JSON.stringify(url)} for ${configured}, and does not repeat it`, () => {
      const check = checkReconnectUrl(url, configured);
      assert.ok(!check.ok);
      assert.ok(!/:\/\/|secret|evil/.test(check.reason));
    });
  }
});

describe('the clock of the server', () => {
  it('calls late what was sent more than ten minutes before the newest message and the time since', () => {
    const clock = new ServerClock();
    const start = Date.parse('2001-01-01T00:00:00Z');
    clock.restart(start, 0);
    assert.equal(clock.observe(start - 600_000, 0), false);
    assert.equal(clock.observe(start - 600_001, 0), true);
    assert.equal(clock.observe(start, 600_001), true);
    assert.equal(clock.observe(start + 700_000, 600_001), false);
    assert.equal(clock.observe(start + 100_001, 600_001), false);
    assert.equal(clock.observe(start + 99_999, 600_001), true);
    assert.equal(clock.observe(NaN, 600_001), false);
  });

  it('begins anew with each session', () => {
    const clock = new ServerClock();
    clock.restart(Date.parse('2099-01-01T00:00:00Z'), 0);
    clock.restart(Date.parse('2026-01-01T00:00:00Z'), 10);
    assert.equal(clock.observe(Date.parse('2026-01-01T00:00:00Z'), 20), false);
  });
});

describe('frames', () => {
  /** Frames that are nearly right, so that the fuzz reaches every check. */
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('', 'x', 'notification', 'session_welcome', 'revocation'),
  );
  const odd = fc.oneof(text, fc.constant(null), fc.constant([]), fc.integer(), fc.constant({}), fc.boolean());
  const mostly = (normal: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 8, arbitrary: normal }, { weight: 1, arbitrary: odd });
  const frame = mostly(
    fc.record(
      {
        metadata: mostly(
          fc.record(
            {
              message_id: mostly(fc.constant('id')),
              message_type: mostly(
                fc.constantFrom(
                  'notification',
                  'session_keepalive',
                  'session_welcome',
                  'session_reconnect',
                  'revocation',
                  'new',
                ),
              ),
              message_timestamp: mostly(fc.constant('2026-11-29T12:00:00.123456789Z')),
              more: odd,
            },
            { requiredKeys: [] },
          ),
        ),
        payload: mostly(
          fc.record(
            {
              subscription: mostly(
                fc.record(
                  { id: mostly(text), type: mostly(text), version: mostly(text), status: mostly(text) },
                  { requiredKeys: [] },
                ),
              ),
              session: mostly(
                fc.record(
                  { id: mostly(text), keepalive_timeout_seconds: odd, reconnect_url: odd },
                  { requiredKeys: [] },
                ),
              ),
              event: odd,
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    ),
  );

  it('are notifications by the fast path exactly where the schema says so', () => {
    fc.assert(
      fc.property(frame, value => {
        const parsed = parseFrame(JSON.stringify(value));
        const isNotification =
          notificationSchema.safeParse(value).success &&
          envelopeSchema.parse(value).metadata.message_type === 'notification';
        assert.equal(parsed.kind === 'notification', isNotification);
      }),
      { numRuns: 5000 },
    );
  });

  it('never throw, whatever they are', () => {
    fc.assert(fc.property(fc.string(), value => void parseFrame(value)));
    fc.assert(fc.property(fc.json(), value => void parseFrame(value)));
    assert.equal(parseFrame('['.repeat(200_000)).kind, 'bad');
    assert.equal(parseFrame(`${'['.repeat(5000)}${']'.repeat(5000)}`).kind, 'bad');
  });

  it('that are nested too deeply are bad, not a crash', () => {
    const head = '{"metadata":{"message_id":"m","message_type":"notification","message_timestamp":"t"},';
    const subscription = '"subscription":{"id":"s","type":"t","version":"1"}';
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    assert.equal(parseFrame(`${head}"payload":{${subscription},"event":${deep}}}`).kind, 'bad');
    assert.equal(parseFrame(`${head}"payload":{${subscription},"event":[]}}`).kind, 'notification');
  });

  it('keep unknown fields, nanoseconds and the event as they are', () => {
    const event = {
      user_id: '1',
      'a "quoted" key': '}{"event":{',
      nested: { event: { x: 1 } },
      list: [1, null],
    };
    const parsed = parseFrame(
      JSON.stringify({
        extra: 1,
        metadata: {
          message_id: 'm',
          message_type: 'notification',
          message_timestamp: '2026-01-01T00:00:00.123456789Z',
          x: 1,
        },
        payload: { subscription: { id: 's', type: 't', version: 'beta', x: {} }, event, x: null },
      }),
    );
    assert.deepEqual(parsed, {
      kind: 'notification',
      sentAt: '2026-01-01T00:00:00.123456789Z',
      messageId: 'm',
      type: 't',
      version: 'beta',
      subscriptionId: 's',
      eventJson: JSON.stringify(event),
    });
  });

  it('are read where optional fields are missing or there are more', () => {
    const make = (message_type: string, payload?: unknown): string =>
      JSON.stringify({ metadata: { message_id: 'm', message_type, message_timestamp: 't' }, payload });
    assert.deepEqual(parseFrame(make('session_keepalive')), { kind: 'keepalive', sentAt: 't' });
    for (const keepalive_timeout_seconds of [undefined, null, 0, -5]) {
      assert.deepEqual(
        parseFrame(make('session_welcome', { session: { id: 's', keepalive_timeout_seconds } })),
        {
          kind: 'welcome',
          sentAt: 't',
          sessionId: 's',
          keepaliveSeconds: null,
        },
      );
    }
    const session = { id: 's', keepalive_timeout_seconds: 0.5, recovery_url: null };
    assert.deepEqual(parseFrame(make('session_welcome', { session })), {
      kind: 'welcome',
      sentAt: 't',
      sessionId: 's',
      keepaliveSeconds: 0.5,
    });
    assert.equal(parseFrame(make('session_reconnect', {})).kind, 'reconnect');
    assert.deepEqual(parseFrame(make('from_the_future', 7)), {
      kind: 'unknown',
      sentAt: 't',
      messageType: 'from_the_future',
    });
  });
});
