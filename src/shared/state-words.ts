import { assertNever } from './assert-never';
import { capitalize } from './capitalize';
import { CATALOGUE, isEventType, type Family } from './catalogue';
import { describeType, type RecordedType } from './events';
import type { PollKind, PollStatus, ServiceStatus, StorageStatus } from './service';
import type { Cause, SessionState, StopReason, SubscriptionState } from './session-state';
import type { StateStringKey, StateStrings } from './state-strings';
import { fill, fillPlural } from './webview-strings';

/** How states are said: the translated words, the locale for plurals, dates and numbers, and the time now. */
export interface Saying {
  strings: StateStrings;
  locale: string;
  /** Milliseconds since 1970. */
  nowMs: number;
}

/** A length of time in its largest fitting unit: `42 s`, `3 min`, `2 h`, `5 d`. Negative lengths are 0 s. */
export function sayDuration(ms: number, strings: StateStrings): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds <= 90) return fill(strings.seconds, seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes <= 90) return fill(strings.minutes, minutes);
  const hours = Math.round(minutes / 60);
  return hours <= 47 ? fill(strings.hours, hours) : fill(strings.days, Math.round(hours / 24));
}

/** The time of day, with the date where it is not today. */
export function sayInstant(iso: string, { locale, nowMs }: Saying): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const time = date.toLocaleTimeString(locale, { timeStyle: 'short' });
  const isToday = date.toDateString() === new Date(nowMs).toDateString();
  return isToday ? time : `${date.toLocaleDateString(locale, { day: 'numeric', month: 'short' })} ${time}`;
}

/** The session's state as a heading; no count, no secret. */
export function saySession(session: SessionState, { strings, nowMs }: Saying): string {
  switch (session.kind) {
    case 'idle':
      return strings[`session${capitalize(session.reason)}`];
    case 'connecting':
      return session.attempt > 1
        ? fill(strings.sessionConnectingAgain, session.attempt)
        : strings.sessionConnecting;
    case 'live':
      return strings.live;
    case 'waiting':
      return fill(strings.sessionWaiting, sayDuration(Date.parse(session.retryAt) - nowMs, strings));
    default:
      return strings[`session${capitalize(session.kind)}`];
  }
}

/** Why the session waits, as a sentence. */
export function sayCause(cause: Cause, strings: StateStrings): string {
  switch (cause.kind) {
    case 'closed': {
      const key = `close${cause.code}`;
      if (Object.hasOwn(strings, key)) return strings[key as StateStringKey];
      return cause.reason === ''
        ? fill(strings.causeClosed, cause.code)
        : fill(strings.causeClosedReason, cause.code, cause.reason);
    }
    case 'unreachable':
    case 'protocol':
      return fill(strings[`cause${capitalize(cause.kind)}`], cause.message);
    default:
      return strings[`cause${capitalize(cause.kind)}`];
  }
}

/** Why trying again cannot help, as a sentence. */
export function sayStopReason(reason: StopReason, strings: StateStrings): string {
  return reason.kind === 'badSetting'
    ? fill(strings.stopBadSetting, reason.setting, reason.message)
    : strings[`stop${capitalize(reason.kind)}`];
}

/** A subscription's state in a word or two. */
export function saySubscription(state: SubscriptionState, strings: StateStrings): string {
  switch (state.kind) {
    case 'missingScope':
      return fill(strings.subscriptionMissingScope, state.scope);
    case 'refused':
      return fill(strings.subscriptionRefusedWhy, state.message);
    case 'revoked':
      return fill(strings.subscriptionRevokedWhy, sayRevocation(state.status, strings));
    default:
      return strings[`subscription${capitalize(state.kind)}`];
  }
}

/** The reason behind a subscription's state as sentences, empty where there is none to give. */
export function saySubscriptionReason(state: SubscriptionState, saying: Saying): string[] {
  const { strings } = saying;
  switch (state.kind) {
    case 'missingScope':
      return [fill(strings.missingScopeWhy, state.scope)];
    case 'ownerOnly':
      return [strings.ownerOnlyWhy];
    case 'slotsHeld':
      return [
        strings.slotsHeldWhy,
        ...state.holders.map(holder =>
          holder.connectedAt === null
            ? fill(strings.slotHolderUnconnected, sayInstant(holder.createdAt, saying))
            : fill(
                strings.slotHolder,
                sayInstant(holder.createdAt, saying),
                sayInstant(holder.connectedAt, saying),
              ),
        ),
      ];
    case 'refused':
      return [
        state.status === 0
          ? state.message
          : `${fill(strings.subscriptionRefusedWhy, state.message)} (${state.status})`,
      ];
    case 'revoked':
      return [fill(strings.subscriptionRevokedWhy, sayRevocation(state.status, strings))];
    case 'off':
    case 'pending':
    case 'subscribing':
    case 'live':
      return [];
    default:
      return assertNever(state);
  }
}

/** Why Twitch revokes a subscription (Twitch, "Handling WebSocket Events", revocation messages). */
const REVOCATIONS = new Map<string, StateStringKey>([
  ['authorization_revoked', 'revokedAuthorization'],
  ['user_removed', 'revokedUserRemoved'],
  ['version_removed', 'revokedVersionRemoved'],
  ['moderator_removed', 'revokedModeratorRemoved'],
  ['chat_user_banned', 'revokedChatBan'],
]);

function sayRevocation(status: string, strings: StateStrings): string {
  const key = REVOCATIONS.get(status);
  return key ? strings[key] : status;
}

/** A poll's name. */
export function sayPollKind(kind: PollKind, strings: StateStrings): string {
  return strings[`poll${capitalize(kind)}`];
}

/** A poll's pace and next run: `every 3 h · next 14:20`. Counts are left out where `hidesCounts`. */
export function sayPoll(poll: PollStatus, saying: Saying, hidesCounts: boolean): string {
  const { strings, nowMs } = saying;
  switch (poll.state.kind) {
    case 'off':
      return fill(strings[`pollOff${capitalize(poll.state.why)}`], poll.state.scope ?? '');
    case 'running':
      if (hidesCounts || poll.state.done === 0) return strings.pollRunning;
      return poll.state.total === null
        ? fill(strings.pollRunningCount, poll.state.done.toLocaleString(saying.locale))
        : fill(
            strings.pollRunningOf,
            poll.state.done.toLocaleString(saying.locale),
            poll.state.total.toLocaleString(saying.locale),
          );
    case 'scheduled': {
      const every = fill(strings.pollEvery, sayDuration(poll.intervalMs, strings));
      const next =
        poll.pace === 'fallback'
          ? fill(strings.pollNextIn, sayDuration(Date.parse(poll.state.nextAt) - nowMs, strings))
          : fill(strings.pollNextAt, sayInstant(poll.state.nextAt, saying));
      return `${every} · ${next}`;
    }
    default:
      return assertNever(poll.state);
  }
}

/** What a poll's last run gave, as a sentence. */
export function sayPollResult(last: PollStatus['last'], saying: Saying, hidesCounts: boolean): string {
  const { strings, locale } = saying;
  if (last === null) return strings.pollLastNever;
  const at = sayInstant(last.at, saying);
  if (last.kind === 'failed') return fill(strings.pollLastFailed, at, last.message);
  if (last.isBaseline) return fill(strings.pollLastBaseline, at);
  if (last.recovered === 0) return fill(strings.pollLastOk, at);
  const count = hidesCounts ? '…' : last.recovered.toLocaleString(locale);
  return fillPlural(strings, 'pollLastRecovered', last.recovered, locale, at, count);
}

/** What is wrong with keeping events, as a sentence; null while all is well. */
export function sayStorage(storage: StorageStatus, { strings, locale }: Saying): string | null {
  switch (storage.kind) {
    case 'ok':
      return null;
    case 'opening':
      return strings.storageOpening;
    case 'notSaving':
      return fillPlural(
        strings,
        'storageNotSaving',
        storage.unsaved,
        locale,
        storage.unsaved.toLocaleString(locale),
        storage.reason,
      );
    case 'failed':
      return storage.newerVersion ? strings.storageNewer : fill(strings.storageFailed, storage.reason);
    default:
      return assertNever(storage);
  }
}

/** A recorded type's description in the person's language; a type that we do not know is its own description. */
export function sayType(type: RecordedType, strings: StateStrings): string {
  const description = describeType(type);
  if (!isEventType(type) && type !== 'unfollow') return description;
  // The keys are the descriptions: `VIP Added` is `typeVipAdded`.
  return strings[`type${description.replace('VIP', 'Vip').replace(' ', '')}` as StateStringKey];
}

/** A family's heading. */
export function sayFamily(family: Family, strings: StateStrings): string {
  return strings[`family${capitalize(family)}`];
}

/** `6 of 8 live`: how many subscriptions are alive, of all in the catalogue. */
export function sayAlive(status: ServiceStatus, strings: StateStrings): string {
  const alive = status.subscriptions.filter(subscription => subscription.state.kind === 'live').length;
  return fill(strings.aliveCount, alive, Object.keys(CATALOGUE).length);
}
