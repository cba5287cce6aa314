import type { Viewer } from '../shared/events';
import type { AccountStatus, PollStatus, TokenSet } from '../shared/service';
import type { SessionState } from '../shared/session-state';
import type { Settings } from '../shared/settings';
import type { HelixClient } from '../twitch/helix-client';
import type { ServerEndpoints } from '../twitch/twitch-ports';

/** In whose name, and for which channel. */
export interface Person {
  userId: string;
  clientId: string;
  channel: { id: string; login: string };
}

/** What is known of who is to be connected. */
export type Identity =
  | { kind: 'known'; person: Person; key: string }
  /** Nobody can be connected; the session shows why. */
  | { kind: 'none'; session: SessionState; pollsOff: Extract<PollStatus['state'], { kind: 'off' }>['why'] }
  /** The channel could not be looked up; to be tried again. */
  | { kind: 'later'; message: string };

/** The name under which subscriptions are made where a server cannot say who it talks to. */
export const NAMELESS_USER = '1';
const NAMELESS_CLIENT = 'eventsub-live';

export interface IdentifyParts {
  settings: Settings;
  endpoints: ServerEndpoints;
  account: AccountStatus;
  tokens: TokenSet | null;
  helix: HelixClient | null;
  now: () => Date;
  signal: AbortSignal;
}

/** Finds out who is signed in and whose channel is meant. Never rejects but for bugs. */
export async function identify(parts: IdentifyParts): Promise<Identity> {
  const { settings, endpoints, account, tokens } = parts;
  const since = parts.now().toISOString();
  if (endpoints.authUrl === null && !tokens) {
    const id = settings.channel === '' ? NAMELESS_USER : settings.channel;
    return known({ userId: id, clientId: settings.clientId || NAMELESS_CLIENT, channel: { id, login: id } });
  }
  if (account.kind === 'expired') {
    return {
      kind: 'none',
      session: { kind: 'stopped', reason: { kind: 'tokenInvalid' }, since },
      pollsOff: 'signedOut',
    };
  }
  if (account.kind === 'signedOut' || !tokens) {
    return { kind: 'none', session: { kind: 'idle', reason: 'signedOut' }, pollsOff: 'signedOut' };
  }
  const { userId, login, clientId } = tokens;
  const wanted = settings.channel.toLowerCase();
  if (wanted === '' || wanted === userId || wanted === login.toLowerCase()) {
    return known({ userId, clientId, channel: { id: userId, login } });
  }
  if (!parts.helix)
    return known({ userId, clientId, channel: { id: settings.channel, login: settings.channel } });
  try {
    const found = await findChannel(parts.helix, settings.channel, parts.signal);
    if (found) return known({ userId, clientId, channel: { id: found.id, login: found.login } });
  } catch (error: unknown) {
    return { kind: 'later', message: error instanceof Error ? error.message : String(error) };
  }
  const message = `There is no channel "${settings.channel}".`;
  return {
    kind: 'none',
    session: { kind: 'stopped', reason: { kind: 'badSetting', setting: 'eventsub.channel', message }, since },
    pollsOff: 'notChosen',
  };
}

/** A login may be made of digits only: then it is an id first, because that is what we write into settings. */
async function findChannel(helix: HelixClient, channel: string, signal: AbortSignal): Promise<Viewer | null> {
  const byId = /^\d+$/.test(channel) ? await helix.findUser({ id: channel }, signal) : null;
  return byId ?? (await helix.findUser({ login: channel.toLowerCase().replace(/^@/, '') }, signal));
}

function known(person: Person): Identity {
  return { kind: 'known', person, key: JSON.stringify([person.userId, person.clientId, person.channel.id]) };
}
