import * as z from 'zod/mini';

/**
 * Wire shapes of EventSub's WebSocket messages (Twitch, "WebSocket message reference"). Only what we read is
 * described; unknown fields are let through, as the live service sends some that the documents omit.
 */
const metadataSchema = z.object({
  message_id: z.string().check(z.minLength(1)),
  message_type: z.string(),
  message_timestamp: z.string(),
});

/** Any message, of a known type or not. */
export const envelopeSchema = z.object({ metadata: metadataSchema, payload: z.optional(z.unknown()) });

export const welcomePayloadSchema = z.object({
  session: z.object({
    id: z.string().check(z.minLength(1)),
    // A number, or whatever a server that is not Twitch makes of it: a welcome is one all the same.
    keepalive_timeout_seconds: z.optional(z.unknown()),
  }),
});

/** The address is checked by `checkReconnectUrl`; here it may be anything. */
export const reconnectPayloadSchema = z.object({ session: z.object({ reconnect_url: z.unknown() }) });

const notificationPayloadSchema = z.object({
  subscription: z.object({ id: z.string(), type: z.string(), version: z.string() }),
});

export const revocationPayloadSchema = z.object({
  subscription: z.object({ id: z.string(), type: z.string(), status: z.string() }),
});

/** A notification as a whole. The parser's fast path accepts exactly what this does. */
export const notificationSchema = z.object({
  metadata: metadataSchema,
  payload: notificationPayloadSchema,
});
