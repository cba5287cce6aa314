import { ServiceError, type TokenSet } from '../../shared/service';
import { grantedScopes, type OAuthClient, type Validation } from './oauth-client';
import type { TokenAnswer } from './oauth.external';
import { expiryOf } from './token-renewal';

/** What may stand in an `Authorization` header; far more than any real token needs. */
const TOKEN_FORM = /^[\x21-\x7e]{1,4096}$/;

/** A token as a person pastes it, without the `oauth:` of chat programs. Throws `invalidToken`. */
export function cleanPastedToken(text: string): string {
  const token = text.trim().replace(/^(?:oauth:\s*|(?:oauth|bearer)\s+)/i, '');
  if (token === '') throw new ServiceError('invalidToken', 'The access token is empty.');
  if (!TOKEN_FORM.test(token)) {
    throw new ServiceError('invalidToken', 'This is not an access token: it has characters that none has.');
  }
  return token;
}

/**
 * The set of a pasted token, checked with the server. Rejects with a `ServiceError`: `invalidToken`,
 * `clientMismatch`, `offline` or `cancelled`. An empty client id is taken from the server's answer.
 */
export async function checkPastedToken(
  oauth: OAuthClient,
  clientId: string,
  accessToken: string,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<TokenSet> {
  const validation = await oauth.validate(accessToken, signal);
  const { token } = requireValid(validation, signal);
  if (clientId !== '' && token.clientId !== clientId) {
    throw new ServiceError(
      'clientMismatch',
      'The access token was issued to another client id than the one given. Both must come from the same app.',
    );
  }
  return {
    clientId: token.clientId,
    accessToken,
    refreshToken: null,
    userId: token.userId,
    login: token.login,
    scopes: token.scopes,
    expiresAt: expiryOf(token.expiresIn, nowMs()),
  };
}

/** The set of a device code's answer; whom it belongs to is what the server says of it. */
export async function checkDeviceTokens(
  oauth: OAuthClient,
  clientId: string,
  answer: TokenAnswer,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<TokenSet> {
  const validation = await oauth.validate(answer.access_token, signal);
  const { token } = requireValid(validation, signal);
  if (token.clientId !== clientId) {
    throw new ServiceError('clientMismatch', 'The server gave a token of another client id.');
  }
  return {
    clientId,
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token || null,
    userId: token.userId,
    login: token.login,
    scopes: token.scopes.length > 0 ? token.scopes : grantedScopes(answer),
    expiresAt: expiryOf(token.expiresIn ?? answer.expires_in, nowMs()),
  };
}

function requireValid(validation: Validation, signal: AbortSignal): Extract<Validation, { kind: 'valid' }> {
  if (validation.kind === 'valid') return validation;
  if (signal.aborted) throw new ServiceError('cancelled', 'Sign-in was cancelled.');
  if (validation.kind === 'invalid') {
    throw new ServiceError(
      'invalidToken',
      `The server says that the token is not valid: ${validation.message}`,
    );
  }
  throw new ServiceError('offline', `The token could not be checked: ${validation.message}`);
}
