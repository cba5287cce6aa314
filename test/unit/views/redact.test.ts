import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatLogLine, redact, redactText } from '../../../src/views/redact';

const TOKEN = 'cfabdegwdoklmawdzdo98xt2fo512y';
const REFRESH = 'eyJfaWQmNzMtNGCJ9%6VFV5LNrZFUj8oU231/3Aj';
const SESSION = 'AQoQexAWVYKSTIu4ec_2VAxyuhAB';

describe('The log', () => {
  const secrets: [string, string, string][] = [
    ['a bearer token', `Authorization: Bearer ${TOKEN}`, TOKEN],
    ['an OAuth header', `OAuth ${TOKEN}`, TOKEN],
    ['a chat token', `oauth:${TOKEN}`, TOKEN],
    ['a token in a form', `grant_type=refresh_token&refresh_token=${REFRESH}&client_id=abc`, REFRESH],
    ['a token in JSON', JSON.stringify({ access_token: 'short', expires_in: 1 }), 'short'],
    ['a reconnect address', `wss://eventsub.wss.twitch.tv/ws?id=${SESSION}&x=y`, 'x=y'],
    ['a page with a code', 'https://www.twitch.tv/activate?public=true&device-code=ABCDEFGH', 'ABCDEFGH'],
    ['a session id by itself', `welcome ${SESSION} came`, SESSION],
    ['a token by itself', `got ${TOKEN}.`, TOKEN],
  ];
  for (const [name, text, secret] of secrets) {
    it(`hides ${name}`, () => {
      const clean = redactText(text);
      assert.ok(!clean.includes(secret), clean);
      assert.ok(clean.includes('[redacted]'), clean);
    });
  }

  it('hides values by their key, however it is spelt and however deep it lies', () => {
    const line = formatLogLine('answer', [
      {
        data: [{ accessToken: 'aaa', refresh_token: 'bbb', 'device-code': 'ccc', session: { kind: 'live' } }],
      },
      { headers: { Authorization: 'ddd' }, reconnect_url: 'eee', userCode: 'fff' },
    ]);
    for (const secret of ['aaa', 'bbb', 'ccc', 'ddd', 'eee', 'fff']) assert.ok(!line.includes(secret), line);
    assert.ok(line.includes('live'), 'a state is not a secret');
  });

  it('hides secrets in errors, their stacks and their causes', () => {
    const error = new Error(`401 for ${TOKEN}`, { cause: new Error(`Bearer ${TOKEN}`) });
    assert.ok(!formatLogLine('failed', [error]).includes(TOKEN));
  });

  it('keeps what is needed to understand: message ids, types, addresses, plain words', () => {
    const text =
      'message 84c1e79a-2a4b-4c13-ba0b-4312293e9308 of channel.subscription.gift from wss://eventsub.wss.twitch.tv/ws';
    assert.equal(redactText(text), text);
  });

  it('writes whatever it is given without throwing, and never a token', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    assert.ok(formatLogLine('circle', [circle, 1n, undefined, null, () => 1, new Uint8Array(3)]).length > 0);
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withNullPrototype: true }),
        fc.string(),
        (value, around) => {
          redact(value);
          const line = formatLogLine('x', [{ nested: [`${around} Bearer ${TOKEN} ${around}`] }, value]);
          assert.ok(!line.includes(TOKEN));
        },
      ),
      { numRuns: 300 },
    );
  });
});
