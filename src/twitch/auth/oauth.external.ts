import * as z from 'zod/mini';

/** A number that we can do without: whatever else stands in its place is as if it were absent. */
const optionalNumber = z.catch(z.optional(z.number()), undefined);

/** Twitch, "Device code grant flow": the answer of `/device`. */
export const deviceCodeSchema = z.object({
  device_code: z.string().check(z.minLength(1)),
  expires_in: optionalNumber,
  interval: optionalNumber,
  user_code: z.string().check(z.minLength(1)),
  verification_uri: z.string(),
});

/** The answer of `/token`, for a device code and for a refresh: too dear to be lost over what stands beside the tokens. */
export const tokenSchema = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_in: optionalNumber,
  refresh_token: z.optional(z.nullable(z.string())),
  scope: z.catch(z.optional(z.nullable(z.union([z.array(z.string()), z.string()]))), null),
});

/** The answer of `/validate`; an app token has no user. */
export const validationSchema = z.object({
  client_id: z.string(),
  login: z.optional(z.nullable(z.string())),
  scopes: z.optional(z.nullable(z.array(z.string()))),
  user_id: z.optional(z.nullable(z.string())),
  expires_in: optionalNumber,
});

/** How Twitch says no: `{status, message}`, and in older places `{error}`. */
export const refusalSchema = z.object({
  message: z.optional(z.string()),
  error: z.optional(z.string()),
});

export type DeviceCodeAnswer = z.infer<typeof deviceCodeSchema>;
export type TokenAnswer = z.infer<typeof tokenSchema>;
