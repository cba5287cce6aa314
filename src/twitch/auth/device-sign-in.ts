import { ServiceError, type JobStatus, type Logger } from '../../shared/service';
import { checkServerUrl } from '../../shared/settings';
import { createAlarm, pause } from '../alarm';
import type { Clock } from '../clock';
import type { NoAnswer, OAuthClient, Refusal } from './oauth-client';
import type { TokenAnswer } from './oauth.external';

/** Twitch's codes live half an hour; used and expired ones get the same answer, so we keep the time ourselves. */
const LONGEST_WAIT_MS = 30 * 60_000;
const DEFAULT_INTERVAL_SECONDS = 5;
/** For so long the server may be silent in between before the sign-in is given up. */
const SILENCE_LIMIT_MS = 60_000;

export interface DeviceSignInOptions {
  oauth: OAuthClient;
  clock: Clock;
  logger: Logger;
  issuer: string;
  clientId: string;
  scopes: readonly string[];
  report: (state: JobStatus['state']) => void;
  signal: AbortSignal;
}

/**
 * Gets tokens by the device code grant (TWITCH.md 2.1): shows a code, then asks until the person has decided.
 * Rejects with a `ServiceError`: `cancelled`, `denied`, `expired`, `offline`, `badRequest` or `notAvailable`.
 */
export async function runDeviceSignIn(options: DeviceSignInOptions): Promise<TokenAnswer> {
  const { oauth, clock, issuer, clientId, scopes, report, signal } = options;
  report({ kind: 'running', done: 0, total: null, message: 'Asking for a code' });
  const answer = await oauth.requestDeviceCode(clientId, scopes, signal);
  throwIfAborted(signal);
  if (answer.kind !== 'issued') throw explainNoCode(answer);

  const { code } = answer;
  checkVerificationUri(code.verification_uri, issuer);
  const lifetimeMs = Math.min(LONGEST_WAIT_MS, (code.expires_in ?? Infinity) * 1000);
  // One controller for the person's cancel and for the deadline, so that a request under way ends with either.
  const over = new AbortController();
  const onCancel = (): void => over.abort();
  signal.addEventListener('abort', onCancel, { once: true });
  const deadline = createAlarm(clock);
  deadline.set(lifetimeMs, onCancel);
  report({
    kind: 'awaitingUser',
    userCode: code.user_code,
    verificationUri: code.verification_uri,
    expiresAt: new Date(clock.now() + lifetimeMs).toISOString(),
  });
  try {
    const grant = { clientId, scopes, deviceCode: code.device_code };
    return await awaitDecision(options, grant, code.interval ?? DEFAULT_INTERVAL_SECONDS, over.signal);
  } finally {
    deadline.dispose();
    signal.removeEventListener('abort', onCancel);
  }
}

async function awaitDecision(
  options: DeviceSignInOptions,
  grant: { clientId: string; scopes: readonly string[]; deviceCode: string },
  intervalSeconds: number,
  over: AbortSignal,
): Promise<TokenAnswer> {
  const { oauth, clock, logger, signal } = options;
  let intervalMs = Math.min(Math.max(intervalSeconds, 0.1), 60) * 1000;
  let silentSince: number | null = null;
  for (;;) {
    if (!(await pause(clock, intervalMs, over))) throw explainEnd(signal);
    const answer = await oauth.requestDeviceToken(grant, over);
    if (answer.kind === 'issued') return answer.tokens;
    if (over.aborted) throw explainEnd(signal);
    if (answer.kind === 'noAnswer') {
      silentSince ??= clock.monotonic();
      logger.debug(`No answer while waiting for the sign-in: ${answer.message}`);
      if (clock.monotonic() - silentSince >= SILENCE_LIMIT_MS) {
        throw new ServiceError('offline', `Sign-in was given up: ${answer.message}`);
      }
      continue;
    }
    silentSince = null;
    if (/slow_down/i.test(answer.message)) intervalMs += 5000;
    else if (!/authorization_pending/i.test(answer.message)) throw explainRefusal(answer);
  }
}

/**
 * Throws `notAvailable` unless an address that the server wants opened may be: encrypted (plain only to this
 * machine), and at Twitch one of Twitch's own.
 */
function checkVerificationUri(uri: string, issuer: string): void {
  const isUsable = checkServerUrl(uri, ['https:', 'http:']) === null;
  const host = isUsable ? new URL(uri).hostname : '';
  const isOwn = issuer !== 'twitch' || host === 'twitch.tv' || host.endsWith('.twitch.tv');
  if (isUsable && isOwn) return;
  throw new ServiceError(
    'notAvailable',
    'The server sent an address for signing in that cannot be trusted. It was not opened.',
  );
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ServiceError('cancelled', 'Sign-in was cancelled.');
}

function explainEnd(signal: AbortSignal): ServiceError {
  if (signal.aborted) return new ServiceError('cancelled', 'Sign-in was cancelled.');
  return new ServiceError('expired', 'The code was not used in time. Sign in again to get a new one.');
}

function explainNoCode(answer: Refusal | NoAnswer): ServiceError {
  if (answer.kind === 'noAnswer') {
    return new ServiceError('offline', `The sign-in could not begin: ${answer.message}`);
  }
  if (/invalid client|client does not exist/i.test(answer.message)) {
    return new ServiceError(
      'badRequest',
      'The server does not know this client id. Check eventsub.clientId against the developer console.',
    );
  }
  return new ServiceError('badRequest', `The server refused to give a code: ${answer.message}`);
}

function explainRefusal(answer: Refusal): ServiceError {
  if (/access_denied|denied/i.test(answer.message)) {
    return new ServiceError('denied', 'The sign-in was denied on the activation page.');
  }
  if (/invalid device code|expired/i.test(answer.message)) {
    return new ServiceError(
      'expired',
      'The code is not valid any more: it ran out, was used or was refused. Sign in again to get a new one.',
    );
  }
  return new ServiceError('badRequest', `The server refused the sign-in: ${answer.message}`);
}
