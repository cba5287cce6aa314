import assert from 'node:assert/strict';
import { EVENT_TYPES, scopesFor } from '../../../src/shared/catalogue';
import type { Simulator } from '../../../src/simulator/simulator';
import { FakeClock } from './fake-clock';
import { bearer, closeAll, helix, listen, post, request, start, type Reply } from './twitch-client';

const CLIENT = 'abcdefghij0123456789';
const SCOPES = scopesFor(EVENT_TYPES).join(' ');

function ask(simulator: Simulator, form: Record<string, string> = {}): Promise<Reply> {
  return post(`${simulator.endpoints.authUrl}/device`, { client_id: CLIENT, scopes: SCOPES, ...form });
}

function redeem(
  simulator: Simulator,
  deviceCode: unknown,
  form: Record<string, string> = {},
): Promise<Reply> {
  return post(`${simulator.endpoints.authUrl}/token`, {
    client_id: CLIENT,
    scopes: SCOPES,
    device_code: String(deviceCode),
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    ...form,
  });
}

function refresh(simulator: Simulator, token: unknown, clientId = CLIENT): Promise<Reply> {
  const form = { client_id: clientId, grant_type: 'refresh_token', refresh_token: String(token) };
  return post(`${simulator.endpoints.authUrl}/token`, form);
}

function validate(simulator: Simulator, header: string): Promise<Reply> {
  return request(`${simulator.endpoints.authUrl}/validate`, { headers: { Authorization: header } });
}

async function signIn(simulator: Simulator): Promise<Record<string, unknown>> {
  const { body: device } = await ask(simulator);
  assert.ok(simulator.decideDevice(String(device['user_code']), 'approve'));
  const { status, body } = await redeem(simulator, device['device_code']);
  assert.equal(status, 200);
  return body;
}

describe('The OAuth server of the simulator', () => {
  afterEach(closeAll);

  it('starts a device flow with the documented fields', async () => {
    const simulator = await start();
    const { status, body } = await ask(simulator);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), [
      'device_code',
      'expires_in',
      'interval',
      'user_code',
      'verification_uri',
    ]);
    assert.equal(body['expires_in'], 1800);
    assert.equal(body['interval'], 5);
    assert.match(String(body['user_code']), /^[A-Z]{8}$/);
    assert.ok(
      String(body['verification_uri']).endsWith(`?public=true&device-code=${String(body['user_code'])}`),
    );
  });

  it('answers 400 with status and message to a client, scopes or form that are wrong', async () => {
    const simulator = await start({ clientIds: [CLIENT] });
    const url = `${simulator.endpoints.authUrl}/device`;
    const replies = [
      await post(url, { scopes: SCOPES }),
      await post(url, { client_id: 'unknown', scopes: SCOPES }),
      // The singular is a known mistake.
      await post(url, { client_id: CLIENT, scope: SCOPES }),
      await ask(simulator, { scopes: 'everything!' }),
      await request(url, { method: 'POST', body: JSON.stringify({ client_id: CLIENT, scopes: SCOPES }) }),
    ];
    for (const { status, body } of replies) {
      assert.equal(status, 400);
      assert.deepEqual(Object.keys(body), ['status', 'message']);
    }
  });

  it('says authorization_pending, then gives tokens once, then calls the code invalid', async () => {
    const simulator = await start();
    const { body: device } = await ask(simulator);
    const code = device['device_code'];
    const pending = await redeem(simulator, code);
    assert.deepEqual(pending.body, { status: 400, message: 'authorization_pending' });
    assert.ok(simulator.decideDevice(String(device['user_code']), 'approve'));
    const { status, body } = await redeem(simulator, code);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), [
      'access_token',
      'expires_in',
      'refresh_token',
      'scope',
      'token_type',
    ]);
    assert.deepEqual(body['scope'], SCOPES.split(' '));
    assert.equal(body['token_type'], 'bearer');
    const again = await redeem(simulator, code);
    assert.deepEqual(again.body, { status: 400, message: 'invalid device code' });
  });

  it('calls an expired, a denied, a foreign and an unknown device code invalid', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const { body: expired } = await ask(simulator);
    clock.advance(1_800_000);
    const { body: denied } = await ask(simulator);
    simulator.decideDevice(String(denied['user_code']), 'deny');
    const { body: foreign } = await ask(simulator);
    const replies = [
      await redeem(simulator, expired['device_code']),
      await redeem(simulator, denied['device_code']),
      await redeem(simulator, foreign['device_code'], { client_id: 'another' }),
      await redeem(simulator, 'unknown'),
    ];
    for (const { body } of replies) assert.deepEqual(body, { status: 400, message: 'invalid device code' });
  });

  it('decides device codes on request, whatever the page says', async () => {
    const simulator = await start();
    simulator.faults.inject({ kind: 'device', outcome: 'approved' });
    const { body: device } = await ask(simulator);
    assert.equal((await redeem(simulator, device['device_code'])).status, 200);
    for (const outcome of ['denied', 'expired'] as const) {
      simulator.faults.clear();
      simulator.faults.inject({ kind: 'device', outcome });
      const { body } = await ask(simulator);
      const reply = await redeem(simulator, body['device_code']);
      assert.equal(reply.body['message'], 'invalid device code');
    }
  });

  it('has a page on which a person approves or denies, and shows nothing as markup', async () => {
    const simulator = await start();
    const { body: device } = await ask(simulator);
    const uri = String(device['verification_uri']);
    const page = await request(uri);
    assert.equal(page.status, 200);
    assert.ok(String(page.body['text']).includes(String(device['user_code'])));
    const form = { user_code: String(device['user_code']), decision: 'approve' };
    assert.equal((await post(uri, { ...form, user_id: simulator.channel.id })).status, 200);
    assert.equal((await redeem(simulator, device['device_code'])).status, 200);
    assert.equal((await request(uri)).status, 404);
    simulator.makeOffline({ kind: 'addModerator', user: '<img src=x>' });
    const { body: next } = await ask(simulator);
    const shown = await request(String(next['verification_uri']));
    assert.ok(!String(shown.body['text']).includes('<img'));
    await post(String(next['verification_uri']), { user_code: String(next['user_code']), decision: 'deny' });
    assert.equal((await redeem(simulator, next['device_code'])).body['message'], 'invalid device code');
  });

  it('gives a new pair for a refresh token, and leaves the old access token valid', async () => {
    const simulator = await start();
    const first = await signIn(simulator);
    const { status, body } = await refresh(simulator, first['refresh_token']);
    assert.equal(status, 200);
    assert.notEqual(body['refresh_token'], first['refresh_token']);
    assert.notEqual(body['access_token'], first['access_token']);
    for (const { access_token: token } of [first, body]) {
      assert.equal((await validate(simulator, `OAuth ${String(token)}`)).status, 200);
    }
  });

  it('revokes every token and subscription when a spent refresh token comes again', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener } = await listen(simulator, tokens, 'channel.follow');
    const { body: fresh } = await refresh(simulator, tokens.refreshToken, tokens.clientId);
    const again = await refresh(simulator, tokens.refreshToken, tokens.clientId);
    assert.deepEqual(again.body, { status: 400, message: 'Invalid refresh token' });
    const { payload } = await listener.next('revocation');
    assert.equal(payload.subscription!.status, 'authorization_revoked');
    for (const token of [tokens.accessToken, fresh['access_token']]) {
      assert.equal((await validate(simulator, `OAuth ${String(token)}`)).status, 401);
    }
    assert.equal((await refresh(simulator, fresh['refresh_token'], tokens.clientId)).status, 400);
  });

  it('lets access tokens expire after expires_in and refresh tokens after 30 days', async () => {
    const clock = new FakeClock();
    const simulator = await start({ clock, timings: { pingEveryMs: 0 } });
    const tokens = await signIn(simulator);
    clock.advance(Number(tokens['expires_in']) * 1000);
    const header = `OAuth ${String(tokens['access_token'])}`;
    assert.equal((await validate(simulator, header)).status, 401);
    const { status, body } = await refresh(simulator, tokens['refresh_token']);
    assert.equal(status, 200);
    clock.advance(30 * 24 * 3_600_000);
    assert.equal((await refresh(simulator, body['refresh_token'])).status, 400);
  });

  it('keeps a refresh token spent when its answer was lost', async () => {
    const simulator = await start();
    const tokens = await signIn(simulator);
    simulator.faults.inject({ kind: 'http', route: 'token', answer: { kind: 'lostAnswer' }, count: 1 });
    await assert.rejects(refresh(simulator, tokens['refresh_token']));
    assert.equal((await refresh(simulator, tokens['refresh_token'])).status, 400);
    assert.equal((await validate(simulator, `OAuth ${String(tokens['access_token'])}`)).status, 401);
  });

  it('validates with OAuth and Bearer, and tells user, scopes and what is left', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    for (const scheme of ['OAuth', 'Bearer']) {
      const { status, body } = await validate(simulator, `${scheme} ${tokens.accessToken}`);
      assert.equal(status, 200);
      const { expires_in: left, ...rest } = body;
      assert.ok(Number(left) > 14_000);
      assert.deepEqual(rest, {
        client_id: tokens.clientId,
        login: tokens.login,
        scopes: tokens.scopes,
        user_id: tokens.userId,
      });
    }
    const wrong = await validate(simulator, 'OAuth wrong');
    assert.equal(wrong.status, 401);
    assert.deepEqual(wrong.body, { status: 401, message: 'invalid access token' });
  });

  it('revokes a token with 200 and an empty body, and answers 400 and 404', async () => {
    const simulator = await start({ clientIds: [CLIENT] });
    const url = `${simulator.endpoints.authUrl}/revoke`;
    const tokens = await signIn(simulator);
    const token = String(tokens['access_token']);
    const unknownClient = await post(url, { client_id: 'unknown', token });
    assert.deepEqual(unknownClient.body, { status: 404, message: 'client does not exist' });
    const done = await post(url, { client_id: CLIENT, token });
    assert.equal(done.status, 200);
    assert.equal(done.body['text'], '');
    const again = await post(url, { client_id: CLIENT, token });
    assert.deepEqual(again.body, { status: 400, message: 'Invalid token' });
    assert.equal((await validate(simulator, `OAuth ${token}`)).status, 401);
  });

  it('withdraws a scope from running tokens and revokes what needed it', async () => {
    const simulator = await start();
    const tokens = simulator.issueToken();
    const { listener } = await listen(simulator, tokens, 'channel.follow', 'channel.vip.add');
    simulator.faults.inject({ kind: 'withdrawScope', scope: 'channel:read:vips' });
    const { payload } = await listener.next('revocation');
    assert.equal(payload.subscription!.type, 'channel.vip.add');
    const { body } = await validate(simulator, `OAuth ${tokens.accessToken}`);
    assert.ok(!(body['scopes'] as string[]).includes('channel:read:vips'));
    assert.equal(
      (await helix(simulator, tokens, `/channels/vips?broadcaster_id=${tokens.userId}`)).status,
      401,
    );
  });

  it('makes tokens invalid on request, and ends everything when the person disconnects the app', async () => {
    const simulator = await start();
    const first = simulator.issueToken();
    simulator.faults.inject({ kind: 'invalidateTokens', which: 'access' });
    assert.equal((await validate(simulator, `OAuth ${first.accessToken}`)).status, 401);
    assert.equal((await refresh(simulator, first.refreshToken, first.clientId)).status, 200);
    const second = simulator.issueToken();
    const { listener } = await listen(simulator, second, 'channel.follow');
    simulator.faults.inject({ kind: 'disconnectApp' });
    assert.equal((await listener.next('revocation')).payload.subscription!.status, 'authorization_revoked');
    const { status } = await request(`${simulator.endpoints.helixUrl}/users`, { headers: bearer(second) });
    assert.equal(status, 401);
  });
});
