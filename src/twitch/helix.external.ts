import * as z from 'zod/mini';

/** Lists end with `pagination: {}`; some servers leave it out. */
const pagination = z.optional(z.nullable(z.object({ cursor: z.optional(z.nullable(z.string())) })));
const total = z.optional(z.nullable(z.number()));
const name = z.optional(z.nullable(z.string()));

const person = { user_id: z.string().check(z.minLength(1)), user_login: name, user_name: name };

/** Twitch, "Get Channel Followers". */
export const followersSchema = z.object({
  data: z.array(z.object({ ...person, followed_at: z.string() })),
  pagination,
  total,
});

/** Twitch, "Get Moderators" and "Get VIPs". */
export const peopleSchema = z.object({
  data: z.nullable(z.array(z.object(person))),
  pagination,
  total,
});

/** Twitch, "Get Broadcaster Subscriptions". `gifter_*` are empty texts, null, absent, or (mock servers) objects. */
export const subscriptionsSchema = z.object({
  data: z.nullable(
    z.array(
      z.object({
        ...person,
        tier: z.string(),
        is_gift: z.optional(z.nullable(z.boolean())),
        gifter_id: z.optional(z.unknown()),
        gifter_login: z.optional(z.unknown()),
        gifter_name: z.optional(z.unknown()),
      }),
    ),
  ),
  pagination,
  total,
});

/** Twitch, "Get Users". */
export const usersSchema = z.object({
  data: z.array(z.object({ id: z.string(), login: z.string(), display_name: z.optional(z.string()) })),
});

/** Twitch's errors: `{error, status, message}`. */
export const helixErrorSchema = z.object({
  error: z.optional(z.string()),
  message: z.optional(z.string()),
});

/** A person in any of the lists. */
export interface PersonRow {
  user_id: string;
  user_login?: string | null | undefined;
  user_name?: string | null | undefined;
}
