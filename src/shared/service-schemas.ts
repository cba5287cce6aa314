import * as z from 'zod/mini';
import { EVENT_TYPES, FEED_FAMILIES } from './catalogue';
import { STATISTICS_RANGES } from './events';
import { ServiceError, type EventSubService, type WindowLink, type WindowPushes } from './service';
import { SERVERS } from './settings';

/** The most rows that one page may be asked for. */
export const MAX_PAGE_ROWS = 500;
/** The most events that can be simulated at once. */
const MAX_SIMULATED = 10_000;

const shortText = z.string().check(z.maxLength(200));
const secret = z.string().check(z.maxLength(10_000));
const instant = z.string().check(z.minLength(1), z.maxLength(64));
const eventId = z.int().check(z.nonnegative());
const milliseconds = z.number().check(z.nonnegative());
const eventType = z.enum(EVENT_TYPES);

const filter = z.object({
  families: z.optional(z.array(z.enum(FEED_FAMILIES)).check(z.maxLength(FEED_FAMILIES.length))),
  viewerId: z.optional(shortText),
  text: z.optional(z.string().check(z.maxLength(1000))),
  from: z.optional(instant),
  to: z.optional(instant),
});
const cursor = z.nullable(z.object({ occurredAt: instant, id: eventId }));
const limit = z.int().check(z.minimum(1), z.maximum(MAX_PAGE_ROWS));
const url = z.string().check(z.maxLength(2000));

const settings = z.object({
  server: z.enum(SERVERS),
  customServer: z.nullable(
    z.object({
      websocketUrl: url,
      subscriptionsUrl: url,
      helixUrl: z.optional(url),
      authUrl: z.optional(url),
    }),
  ),
  clientId: shortText,
  channel: shortText,
  connectOnStartup: z.boolean(),
  events: z.array(eventType),
  keepaliveTimeoutSeconds: z.number(),
  pollingFollowersSeconds: z.number(),
  pollingRolesMinutes: z.number(),
  pollingReconcileHours: z.number(),
  retentionDays: z.number(),
  notifications: z.array(eventType),
  streamerMode: z.boolean(),
});

const tokenSet = z.object({
  clientId: shortText,
  accessToken: secret,
  refreshToken: z.nullable(secret),
  userId: shortText,
  login: shortText,
  scopes: z.array(shortText).check(z.maxLength(200)),
  expiresAt: z.nullable(instant),
  refreshSpentAt: z.optional(instant),
});

/** The shape of a stored set of tokens, also for what SecretStorage gives back. */
const credentialsSchema = z.object({
  issuer: z.string().check(z.minLength(1), z.maxLength(2000)),
  generation: z.int().check(z.nonnegative()),
  tokens: z.nullable(tokenSet),
});

const greeting = z.object({
  protocol: z.int(),
  extensionVersion: shortText,
  token: shortText,
  credentials: z.nullable(credentialsSchema),
  focusedAtMs: milliseconds,
});

/** The arguments of each call of the contract. */
const serviceArguments = {
  getStatus: z.tuple([]),
  getSnapshot: z.tuple([filter, limit]),
  connect: z.tuple([]),
  disconnect: z.tuple([]),
  refresh: z.tuple([]),
  subscribe: z.tuple([eventType]),
  unsubscribe: z.tuple([eventType]),
  retry: z.tuple([z.nullable(eventType)]),
  signIn: z.tuple([]),
  signInWithToken: z.tuple([shortText, secret]),
  signOut: z.tuple([]),
  markRead: z.tuple([eventId]),
  queryEvents: z.tuple([filter, cursor, limit, z.nullable(shortText)]),
  cancelSearch: z.tuple([shortText]),
  getEvent: z.tuple([eventId]),
  getViewer: z.tuple([shortText]),
  getStatistics: z.tuple([z.enum(STATISTICS_RANGES)]),
  exportEvents: z.tuple([
    z.object({
      format: z.enum(['csv', 'jsonl']),
      filter,
      path: z.string().check(z.minLength(1), z.maxLength(32_000)),
    }),
  ]),
  simulate: z.tuple([
    z.object({
      type: eventType,
      viewer: shortText,
      count: z.int().check(z.minimum(1), z.maximum(MAX_SIMULATED)),
    }),
  ]),
  cancelJob: z.tuple([shortText]),
} satisfies Record<keyof EventSubService, z.core.$ZodType>;

const linkArguments = {
  hello: z.tuple([greeting]),
  yieldLead: z.tuple([shortText]),
  setSettings: z.tuple([settings]),
  focused: z.tuple([milliseconds]),
  ping: z.tuple([]),
} satisfies Record<keyof WindowLink, z.core.$ZodType>;

const kind = z.looseObject({ kind: z.string() });
/** What views rely on; the rest comes from a window that has shown its token, of the same protocol. */
const status = z.looseObject({
  revision: z.int(),
  epoch: z.int(),
  role: z.enum(['leader', 'follower', 'starting']),
  server: z.looseObject({ kind: z.enum(SERVERS), label: z.string() }),
  account: kind,
  channel: z.nullable(z.looseObject({ id: z.string(), login: z.string() })),
  session: kind,
  subscriptions: z.array(z.looseObject({ type: z.string(), state: kind })),
  polls: z.array(z.looseObject({ kind: z.string(), state: kind })),
  counters: z.record(z.string(), z.number()),
  storage: kind,
  setAside: z.number(),
  unread: z.number(),
  today: z.record(z.string(), z.number()),
  problems: z.array(z.looseObject({ id: z.string(), message: z.string(), args: z.array(z.string()) })),
  settingProblems: z.array(z.looseObject({ setting: z.string() })),
});

const pushArguments = {
  statusChanged: z.tuple([status]),
  eventsRecorded: z.tuple([
    z.looseObject({
      epoch: z.int(),
      after: z.int(),
      sequence: z.int(),
      events: z.array(z.looseObject({ id: eventId, type: z.string(), occurredAt: z.string() })),
      gifts: z.array(z.object({ id: eventId, giftEventId: eventId })),
      unread: z.number(),
      isUnsaved: z.boolean(),
    }),
  ]),
  jobChanged: z.tuple([z.looseObject({ id: z.string(), kind: z.string(), state: kind })]),
  storeCredentials: z.tuple([credentialsSchema]),
  loadCredentials: z.tuple([z.string().check(z.maxLength(2000))]),
  focusedLast: z.tuple([z.boolean()]),
} satisfies Record<keyof WindowPushes, z.core.$ZodType>;

type Schemas = Readonly<Record<string, z.core.$ZodType>>;

/** Checks a call of the contract or between windows; throws a `ServiceError` of kind `badRequest`. */
export function checkServiceCall(method: string, args: unknown[]): void {
  check({ ...serviceArguments, ...linkArguments }, method, args);
}

/** Checks what the leading window tells one that follows; throws a `ServiceError` of kind `badRequest`. */
export function checkWindowPush(method: string, args: unknown[]): void {
  check(pushArguments, method, args);
}

function check(schemas: Schemas, method: string, args: unknown[]): void {
  const schema = Object.hasOwn(schemas, method) ? schemas[method] : undefined;
  if (!schema) throw new ServiceError('badRequest', `"${method}" cannot be called.`);
  const result = z.safeParse(schema, args);
  if (result.success) return;
  const issue = result.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw new ServiceError('badRequest', `"${method}" was called with arguments that make no sense${where}.`);
}
