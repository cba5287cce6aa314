import * as z from 'zod/mini';

/** Wire shapes of Helix' "EventSub Subscriptions" endpoints; only what we read, unknown fields let through. */
export const subscriptionSchema = z.object({
  id: z.string().check(z.minLength(1)),
  status: z.string(),
  type: z.string(),
  version: z.optional(z.string()),
  cost: z.optional(z.number()),
  condition: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  created_at: z.optional(z.string()),
  transport: z.optional(
    z.nullable(
      z.object({
        method: z.optional(z.string()),
        session_id: z.nullish(z.string()),
        connected_at: z.nullish(z.string()),
        disconnected_at: z.nullish(z.string()),
      }),
    ),
  ),
});

export const createdSchema = z.object({ data: z.array(subscriptionSchema).check(z.minLength(1)) });

export const listSchema = z.object({
  data: z.array(z.unknown()),
  pagination: z.nullish(z.object({ cursor: z.nullish(z.string()) })),
});

export const errorSchema = z.object({ message: z.string() });
