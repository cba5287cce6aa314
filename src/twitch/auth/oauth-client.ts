import type * as z from 'zod/mini';
import { HttpError, type HttpResponse, type Send } from '../http-send';
import type { ValidatedToken } from '../twitch-ports';
import {
  deviceCodeSchema,
  refusalSchema,
  tokenSchema,
  validationSchema,
  type DeviceCodeAnswer,
  type TokenAnswer,
} from './oauth.external';

/** The server could not be asked, or its answer made no sense; `isOffline`: it was never reached. */
export interface NoAnswer {
  kind: 'noAnswer';
  message: string;
  isOffline: boolean;
}

/** The server understood and said no. */
export interface Refusal {
  kind: 'refused';
  status: number;
  message: string;
}

export type Validation =
  { kind: 'valid'; token: ValidatedToken } | { kind: 'invalid'; message: string } | NoAnswer;

export type Renewal =
  | { kind: 'renewed'; tokens: TokenAnswer }
  /** The server says that the refresh token is not valid (any more). */
  | { kind: 'invalid'; message: string }
  /** The server will not renew at all, e.g. because the client is not a public one. */
  | Refusal
  /** It is certain that the refresh token was not spent; `message` says what was in the way. */
  | { kind: 'notSpent'; message: string }
  /** Nobody can know whether the refresh token was spent. */
  | { kind: 'unclear'; message: string };

/** The OAuth calls of one server (TWITCH.md 2). Never rejects; nothing that it answers or says holds a token. */
export interface OAuthClient {
  requestDeviceCode(
    clientId: string,
    scopes: readonly string[],
    signal: AbortSignal,
  ): Promise<{ kind: 'issued'; code: DeviceCodeAnswer } | Refusal | NoAnswer>;
  requestDeviceToken(
    grant: { clientId: string; scopes: readonly string[]; deviceCode: string },
    signal: AbortSignal,
  ): Promise<{ kind: 'issued'; tokens: TokenAnswer } | Refusal | NoAnswer>;
  /** Spends the refresh token. Call it once for each. */
  renew(clientId: string, refreshToken: string): Promise<Renewal>;
  validate(accessToken: string, signal: AbortSignal): Promise<Validation>;
  /** Best effort; answers whether the server took it. */
  revoke(clientId: string, accessToken: string, signal: AbortSignal): Promise<boolean>;
}

const TIMEOUT_MS = 10_000;
const REVOKE_TIMEOUT_MS = 3000;
const MAX_BYTES = 64 * 1024;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Makes the client of one OAuth root. `send` must not use connections again: a refresh must not be sent twice. */
export function createOAuthClient(authUrl: string, send: Send): OAuthClient {
  const root = authUrl.replace(/\/+$/, '');
  const post = (path: string, form: Record<string, string>, signal: AbortSignal, timeoutMs = TIMEOUT_MS) =>
    send({
      method: 'POST',
      url: `${root}/${path}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: new URLSearchParams(form).toString(),
      timeoutMs,
      maxBytes: MAX_BYTES,
      signal,
    });

  return {
    requestDeviceCode: async (clientId, scopes, signal) => {
      const response = await settle(
        post('device', { client_id: clientId, scopes: scopes.join(' ') }, signal),
      );
      if (response instanceof HttpError) return noAnswer(response);
      if (isRefusal(response.status)) return refusal(response);
      const code = response.status === 200 ? parse(deviceCodeSchema, response.body) : null;
      return code ? { kind: 'issued', code } : senseless(response);
    },

    requestDeviceToken: async (grant, signal) => {
      const form = {
        client_id: grant.clientId,
        scopes: grant.scopes.join(' '),
        device_code: grant.deviceCode,
        grant_type: DEVICE_GRANT,
      };
      const response = await settle(post('token', form, signal));
      if (response instanceof HttpError) return noAnswer(response);
      if (isRefusal(response.status)) return refusal(response);
      const tokens = response.status === 200 ? parse(tokenSchema, response.body) : null;
      return tokens ? { kind: 'issued', tokens } : senseless(response);
    },

    renew: async (clientId, refreshToken) => {
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId };
      // No signal: cancelling after the request went out would lose the only copy of the new refresh token.
      return judgeRenewal(await settle(post('token', form, new AbortController().signal)));
    },

    validate: async (accessToken, signal) => {
      const response = await settle(
        send({
          method: 'GET',
          url: `${root}/validate`,
          headers: { Authorization: `OAuth ${accessToken}`, Accept: 'application/json' },
          timeoutMs: TIMEOUT_MS,
          maxBytes: MAX_BYTES,
          signal,
        }),
      );
      if (response instanceof HttpError) return noAnswer(response);
      if (response.status === 401) return { kind: 'invalid', message: refusal(response).message };
      const answer = response.status === 200 ? parse(validationSchema, response.body) : null;
      if (!answer) return senseless(response);
      if (!answer.user_id) {
        return { kind: 'invalid', message: 'It belongs to an app, not to a person.' };
      }
      const expiresIn = answer.expires_in ?? 0;
      return {
        kind: 'valid',
        token: {
          clientId: answer.client_id,
          login: answer.login ?? answer.user_id,
          scopes: answer.scopes ?? [],
          userId: answer.user_id,
          expiresIn: expiresIn > 0 ? expiresIn : null,
        },
      };
    },

    revoke: async (clientId, accessToken, signal) => {
      const form = { client_id: clientId, token: accessToken };
      const response = await settle(post('revoke', form, signal, REVOKE_TIMEOUT_MS));
      return !(response instanceof HttpError) && response.status === 200;
    },
  };
}

/** The scopes of a token answer, which come as a list or as one text. */
export function grantedScopes(tokens: TokenAnswer): string[] {
  if (typeof tokens.scope === 'string') return tokens.scope.split(' ').filter(scope => scope !== '');
  return tokens.scope ?? [];
}

function judgeRenewal(response: HttpResponse | HttpError): Renewal {
  if (response instanceof HttpError) {
    return { kind: response.wasSent ? 'unclear' : 'notSpent', message: response.message };
  }
  const { status } = response;
  if (status === 200) {
    const tokens = parse(tokenSchema, response.body);
    if (tokens) return { kind: 'renewed', tokens };
    return { kind: 'unclear', message: 'The answer could not be understood.' };
  }
  // Both mean "not now": nothing was done with the token.
  if (status === 503 || status === 429)
    return { kind: 'notSpent', message: `The server answered ${status}.` };
  if (!isRefusal(status)) return { kind: 'unclear', message: `The server answered ${status}.` };
  const refused = refusal(response);
  const isInvalid = status === 401 || (status === 400 && /invalid refresh token/i.test(refused.message));
  return isInvalid ? { kind: 'invalid', message: refused.message } : refused;
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

async function settle(request: Promise<HttpResponse>): Promise<HttpResponse | HttpError> {
  try {
    return await request;
  } catch (error: unknown) {
    if (error instanceof HttpError) return error;
    return new HttpError('lost', error instanceof Error ? error.name : 'The request failed.', true);
  }
}

function noAnswer(error: HttpError): NoAnswer {
  return { kind: 'noAnswer', message: error.message, isOffline: true };
}

function senseless(response: HttpResponse): NoAnswer {
  const what = response.status === 200 ? 'something that is not OAuth' : String(response.status);
  return { kind: 'noAnswer', message: `The server answered ${what}.`, isOffline: false };
}

function refusal(response: HttpResponse): Refusal {
  const said = parse(refusalSchema, response.body);
  const message = said?.message ?? said?.error ?? `The server answered ${response.status}.`;
  return { kind: 'refused', status: response.status, message: message.slice(0, 200) };
}

function parse<T>(schema: z.ZodMiniType<T>, body: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
