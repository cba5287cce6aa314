/** Why a Helix call failed, as far as a caller acts on it. */
export type HelixErrorKind =
  /** Nobody is signed in, or the sign-in has ended. */
  | 'signedOut'
  /** The server refuses a token that could not be renewed. */
  | 'unauthorized'
  | 'missingScope'
  | 'forbidden'
  | 'notFound'
  | 'badRequest'
  /** Still limited after waiting for the bucket. */
  | 'rateLimited'
  /** 5xx, again and again. */
  | 'server'
  /** The server could not be reached, or the connection broke, again and again. */
  | 'network'
  /** The answer is not Helix: a redirect, too long, not JSON, or of another shape. */
  | 'malformed'
  | 'cancelled';

/** An expected failure of a Helix call. The message may be shown and holds no secret. */
export class HelixError extends Error {
  constructor(
    readonly kind: HelixErrorKind,
    message: string,
    /** The HTTP status; 0 if none came. */
    readonly status = 0,
    /** The scope that the server named, for `missingScope`. */
    readonly scope: string | null = null,
  ) {
    super(message);
    this.name = 'HelixError';
  }
}
