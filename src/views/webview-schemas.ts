import * as z from 'zod/mini';
import { EVENT_TYPES, FEED_FAMILIES } from '../shared/catalogue';
import { STATISTICS_RANGES } from '../shared/events';
import type { ArgumentCheck } from '../shared/rpc';
import { ServiceError } from '../shared/service';
import { WEBVIEW_COMMANDS, type WebviewCalls } from '../shared/webview-protocol';

const shortText = z.string().check(z.maxLength(300));
const eventId = z.int().check(z.nonnegative());
const limit = z.int().check(z.minimum(1), z.maximum(500));
const eventType = z.enum(EVENT_TYPES);

const filter = z.strictObject({
  families: z.optional(z.array(z.enum(FEED_FAMILIES)).check(z.maxLength(FEED_FAMILIES.length))),
  viewerId: z.optional(shortText),
  text: z.optional(shortText),
  from: z.optional(shortText),
  to: z.optional(shortText),
});
const cursor = z.strictObject({ occurredAt: shortText, id: z.int() });

/** The arguments of every call that a webview can make. */
const ARGUMENTS = {
  ready: z.tuple([z.enum(['feed', 'dashboard'])]),
  getSnapshot: z.tuple([filter, limit]),
  queryEvents: z.tuple([filter, z.nullable(cursor), limit, z.nullable(shortText)]),
  cancelSearch: z.tuple([shortText]),
  getEvent: z.tuple([eventId]),
  getViewer: z.tuple([shortText]),
  getStatistics: z.tuple([z.enum(STATISTICS_RANGES)]),
  connect: z.tuple([]),
  disconnect: z.tuple([]),
  refresh: z.tuple([]),
  subscribe: z.tuple([eventType]),
  unsubscribe: z.tuple([eventType]),
  retry: z.tuple([z.nullable(eventType)]),
  signIn: z.tuple([]),
  markRead: z.tuple([eventId]),
  copy: z.tuple([z.string().check(z.maxLength(1024 * 1024))]),
  runCommand: z.tuple([z.enum(WEBVIEW_COMMANDS)]),
} as const satisfies Record<keyof WebviewCalls, z.ZodMiniType>;

/** Refuses a webview's call whose arguments are not what the contract says. */
export const checkWebviewCall: ArgumentCheck = (method, args) => {
  if (!Object.hasOwn(ARGUMENTS, method)) throw new ServiceError('badRequest', 'There is no such call.');
  const result = z.safeParse(ARGUMENTS[method as keyof WebviewCalls], args);
  if (result.success) return;
  const issue = result.error.issues[0];
  const place = issue?.path.map(String).join('.') ?? '';
  throw new ServiceError('badRequest', `${method}: argument ${place} is not what it should be.`);
};
