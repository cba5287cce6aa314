import { renderActivation, renderNotice } from './activation-page';
import type { DeviceCodes } from './device-codes';
import type { FaultRegister } from './faults';
import { refuse, type Answer, type Endpoint, type SimulatorRequest } from './http-front';
import type { SimulatedUser } from './people';
import type { IssuedTokens, TokenStore } from './token-store';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export interface OauthDeps {
  tokens: TokenStore;
  devices: DeviceCodes;
  faults: FaultRegister;
  now: () => number;
  isKnownClient: (clientId: string) => boolean;
  /** Who can sign in: the streamer first, then the channel's moderators. */
  accounts: () => SimulatedUser[];
  /** The root of the activation page. */
  activationUrl: () => string;
  deviceExpiresSeconds: number;
  deviceIntervalSeconds: number;
}

/** id.twitch.tv for a public client: device code, refresh, validate, revoke (TWITCH.md 2.1 to 2.3). */
export class OauthApi {
  readonly #deps: OauthDeps;

  constructor(deps: OauthDeps) {
    this.#deps = deps;
  }

  endpoints(): Endpoint[] {
    const oauth = { errors: 'oauth' } as const;
    return [
      {
        ...oauth,
        method: 'POST',
        path: '/oauth2/device',
        route: 'device',
        handle: r => this.#startDevice(r),
      },
      { ...oauth, method: 'POST', path: '/oauth2/token', route: 'token', handle: r => this.#issue(r) },
      {
        ...oauth,
        method: 'GET',
        path: '/oauth2/validate',
        route: 'validate',
        handle: r => this.#validate(r),
      },
      { ...oauth, method: 'POST', path: '/oauth2/revoke', route: 'revoke', handle: r => this.#revoke(r) },
      { ...oauth, method: 'GET', path: '/activate', route: null, handle: r => this.#showActivation(r) },
      { ...oauth, method: 'POST', path: '/activate', route: null, handle: r => this.#takeDecision(r) },
    ];
  }

  /** Decides on a waiting code; false: there is none. Without a user it is the streamer who approves. */
  decide(userCode: string, decision: 'approve' | 'deny', userId?: string): boolean {
    const code = this.#deps.devices.findWaiting(userCode);
    const accounts = this.#deps.accounts();
    const user = userId === undefined ? accounts[0] : accounts.find(account => account.id === userId);
    if (!code || !user) return false;
    code.state = decision === 'approve' ? { kind: 'approved', user } : { kind: 'denied' };
    return true;
  }

  #startDevice(request: SimulatorRequest): Answer {
    const form = readForm(request);
    const clientId = form.get('client_id');
    if (!clientId) return refuse(400, 'missing client id');
    if (!this.#deps.isKnownClient(clientId)) return refuse(400, 'invalid client');
    const scopes = form.get('scopes');
    if (scopes === null) return refuse(400, 'missing scopes');
    const list = scopes.split(' ').filter(scope => scope !== '');
    if (!list.every(isScope)) return refuse(400, 'invalid scope');
    const code = this.#deps.devices.create(clientId, list, this.#deps.deviceExpiresSeconds);
    return json({
      device_code: code.deviceCode,
      expires_in: this.#deps.deviceExpiresSeconds,
      interval: this.#deps.deviceIntervalSeconds,
      user_code: code.userCode,
      verification_uri: `${this.#deps.activationUrl()}?public=true&device-code=${code.userCode}`,
    });
  }

  #issue(request: SimulatorRequest): Answer {
    const form = readForm(request);
    const clientId = form.get('client_id');
    if (!clientId) return refuse(400, 'missing client id');
    if (!this.#deps.isKnownClient(clientId)) return refuse(400, 'invalid client');
    switch (form.get('grant_type')) {
      case DEVICE_GRANT:
        return this.#redeemDevice(clientId, form);
      case 'refresh_token': {
        const refreshToken = form.get('refresh_token');
        if (!refreshToken) return refuse(400, 'missing refresh token');
        const tokens = this.#deps.tokens.refresh(clientId, refreshToken);
        return tokens ? toTokenAnswer(tokens) : refuse(400, 'Invalid refresh token');
      }
      case null:
        return refuse(400, 'missing grant type');
      default:
        return refuse(400, 'invalid grant type');
    }
  }

  #redeemDevice(clientId: string, form: URLSearchParams): Answer {
    const deviceCode = form.get('device_code');
    if (!deviceCode) return refuse(400, 'missing device code');
    if (!form.has('scopes')) return refuse(400, 'missing scopes');
    const { devices, faults, accounts } = this.#deps;
    const code = devices.find(deviceCode);
    if (code?.clientId !== clientId) return refuse(400, 'invalid device code');
    const outcome = faults.peek('device')?.outcome;
    const streamer = accounts()[0];
    if (outcome === 'approved' && streamer) code.state = { kind: 'approved', user: streamer };
    if (outcome === 'denied') code.state = { kind: 'denied' };
    if (outcome === 'expired') code.expiresAtMs = 0;
    if (outcome === 'pending') code.state = { kind: 'pending' };
    if (outcome === 'expired' || code.state.kind === 'denied') {
      devices.use(code);
      // Twitch documents no answer of its own for a person who says no.
      return refuse(400, 'invalid device code');
    }
    if (code.state.kind === 'pending') return refuse(400, 'authorization_pending');
    devices.use(code);
    return toTokenAnswer(this.#deps.tokens.issue(clientId, code.state.user, code.scopes));
  }

  #validate(request: SimulatorRequest): Answer {
    const header = request.headers.authorization;
    if (header === undefined) return refuse(401, 'missing authorization token');
    const token = /^(?:OAuth|Bearer) (\S+)$/.exec(header)?.[1];
    const grant = token === undefined ? null : this.#deps.tokens.find(token);
    if (!grant) return refuse(401, 'invalid access token');
    const expires_in = Math.floor((grant.expiresAtMs - this.#deps.now()) / 1000);
    const { clientId: client_id, scopes } = grant;
    if (!grant.user) return json({ client_id, scopes, expires_in });
    return json({ client_id, login: grant.user.login, scopes, user_id: grant.user.id, expires_in });
  }

  #revoke(request: SimulatorRequest): Answer {
    const form = readForm(request);
    const clientId = form.get('client_id');
    const token = form.get('token');
    if (!clientId) return refuse(400, 'missing client id');
    if (!token) return refuse(400, 'missing oauth token');
    if (!this.#deps.isKnownClient(clientId)) return refuse(404, 'client does not exist');
    if (!this.#deps.tokens.revoke(clientId, token)) return refuse(400, 'Invalid token');
    return { kind: 'empty', status: 200 };
  }

  #showActivation(request: SimulatorRequest): Answer {
    const code = this.#deps.devices.findWaiting(request.query.get('device-code') ?? '');
    if (!code) return { kind: 'page', status: 404, html: renderNotice('This code is not valid (any more).') };
    return { kind: 'page', status: 200, html: renderActivation(code, this.#deps.accounts()) };
  }

  #takeDecision(request: SimulatorRequest): Answer {
    const form = readForm(request);
    const decision = form.get('decision') === 'approve' ? 'approve' : 'deny';
    const userId = form.get('user_id');
    const isDecided = this.decide(form.get('user_code') ?? '', decision, userId ?? undefined);
    if (!isDecided)
      return { kind: 'page', status: 404, html: renderNotice('This code is not valid (any more).') };
    const text =
      decision === 'approve' ? 'You are signed in. You can close this page.' : 'Nothing was allowed.';
    return { kind: 'page', status: 200, html: renderNotice(text) };
  }
}

function json(body: unknown): Answer {
  return { kind: 'json', status: 200, body };
}

function toTokenAnswer(tokens: IssuedTokens): Answer {
  return json({
    access_token: tokens.accessToken,
    expires_in: tokens.expiresInSeconds,
    refresh_token: tokens.refreshToken,
    scope: tokens.scopes,
    token_type: 'bearer',
  });
}

function isScope(scope: string): boolean {
  return /^[a-z]+(?::[a-z_]+)+$/.test(scope);
}

/** A form counts only if it says that it is one. */
function readForm(request: SimulatorRequest): URLSearchParams {
  const type = request.headers['content-type'] ?? '';
  return new URLSearchParams(type.startsWith('application/x-www-form-urlencoded') ? request.body : '');
}
