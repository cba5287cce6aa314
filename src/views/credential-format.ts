import * as z from 'zod/mini';
import type { Credentials } from '../shared/service';

const tokenSet = z.object({
  clientId: z.string(),
  accessToken: z.string(),
  refreshToken: z.nullable(z.string()),
  userId: z.string(),
  login: z.string(),
  scopes: z.array(z.string()),
  expiresAt: z.nullable(z.string()),
});

const credentials = z.object({
  issuer: z.string(),
  generation: z.int(),
  tokens: z.nullable(tokenSet),
});

/** The name under which an issuer's credentials lie in the secret storage. */
export function secretKeyOf(issuer: string): string {
  return `eventsub.credentials.${issuer}`;
}

/** What was stored for an issuer; null if it is damaged or belongs to another, since tokens never change hands. */
export function parseCredentials(text: string, issuer: string): Credentials | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const result = z.safeParse(credentials, raw);
  return result.success && result.data.issuer === issuer ? result.data : null;
}
