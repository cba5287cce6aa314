import type { ServiceStatus } from '../shared/service';

/** A signed-in account as the Accounts menu knows it; without any token. */
export interface AccountSession {
  id: string;
  userId: string;
  login: string;
  scopes: string[];
}

/** The account of the present server: Twitch's or a custom one's. The simulator's is nobody's account. */
export function sessionsOf(status: ServiceStatus | null): AccountSession[] {
  if (!status || status.server.kind === 'simulator') return [];
  const { account } = status;
  if (account.kind !== 'signedIn' && account.kind !== 'unverified') return [];
  const { userId, login, scopes } = account;
  return [{ id: `${status.server.kind}:${userId}`, userId, login, scopes: [...scopes].sort() }];
}

/** What came, went and changed between two lists. */
export function compareSessions(
  before: readonly AccountSession[],
  after: readonly AccountSession[],
): { added: AccountSession[]; removed: AccountSession[]; changed: AccountSession[] } {
  const old = new Map(before.map(session => [session.id, session]));
  const now = new Set(after.map(session => session.id));
  return {
    added: after.filter(session => !old.has(session.id)),
    removed: before.filter(session => !now.has(session.id)),
    changed: after.filter(session => {
      const previous = old.get(session.id);
      return previous !== undefined && JSON.stringify(previous) !== JSON.stringify(session);
    }),
  };
}

/** The sessions that have every scope asked for; none asked for fits all. */
export function fitScopes(
  sessions: readonly AccountSession[],
  scopes: readonly string[] | undefined,
): AccountSession[] {
  return sessions.filter(session => (scopes ?? []).every(scope => session.scopes.includes(scope)));
}
