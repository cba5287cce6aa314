import { assertNever } from '../shared/assert-never';
import type { ServiceStatus } from '../shared/service';
import {
  sayAlive,
  sayCause,
  sayDuration,
  sayInstant,
  sayPoll,
  sayPollKind,
  saySession,
  sayStopReason,
  sayStorage,
  type Saying,
} from '../shared/state-words';
import { fill, fillPlural } from '../shared/webview-strings';
import { isPolling, phaseOf, type ConnectionPhase } from './connection-phase';
import type { HostStrings } from './host-strings';

/** What a host view needs to say things: `Saying` with the host's own words. */
export interface HostSaying extends Saying {
  strings: HostStrings;
  isStreamerMode: boolean;
}

/** A hover text: plain lines, and links that run commands of ours. */
export interface Tooltip {
  lines: string[];
  links: { label: string; command: string }[];
}

/** The status bar's one item, drawn. */
export interface StatusBarModel {
  /** May hold `$(icon)`; nothing in it is untrusted. */
  text: string;
  tone: 'plain' | 'warning' | 'error';
  accessibleLabel: string;
  tooltip: Tooltip;
  /** Whether a countdown is shown, so that it has to be drawn again each second. */
  isTicking: boolean;
}

/** Draws the status bar's item from a status; null: the service has not answered yet. */
export function drawStatusBar(status: ServiceStatus | null, saying: HostSaying): StatusBarModel {
  const phase = phaseOf(status);
  const { icon, words, tone } = drawPhase(status, phase, saying);
  const storage = status?.storage.kind;
  const isUnsaved = storage === 'notSaving' || storage === 'failed';
  const text = isUnsaved
    ? `$(${storage === 'failed' ? 'error' : 'warning'}) ${fill(saying.strings.barNotSaved, words)}`
    : `$(${icon}) ${words}`;
  const tooltip =
    status === null ? { lines: [saying.strings.tipStarting], links: [] } : explain(status, phase, saying);
  return {
    text,
    tone: storage === 'failed' ? 'error' : isUnsaved && tone === 'plain' ? 'warning' : tone,
    accessibleLabel: fill(saying.strings.barAccessible, tooltip.lines.slice(0, 3).join(', ')),
    tooltip,
    isTicking: phase === 'waiting',
  };
}

function drawPhase(
  status: ServiceStatus | null,
  phase: ConnectionPhase,
  { strings, nowMs, isStreamerMode, locale }: HostSaying,
): { icon: string; words: string; tone: StatusBarModel['tone'] } {
  switch (phase) {
    case 'signedOut':
      return { icon: 'broadcast', words: strings.barSignIn, tone: 'plain' };
    case 'disconnected':
      return {
        icon: 'circle-slash',
        words: status && isPolling(status) ? strings.barPolling : strings.barDisconnected,
        tone: 'plain',
      };
    case 'starting':
    case 'connecting':
    case 'moving':
      return { icon: 'sync~spin', words: 'EventSub', tone: 'plain' };
    case 'live': {
      const unread = isStreamerMode ? 0 : (status?.unread ?? 0);
      const words = unread > 0 ? fill(strings.barLiveUnread, unread.toLocaleString(locale)) : strings.live;
      return { icon: 'broadcast', words, tone: 'plain' };
    }
    case 'waiting': {
      const retryAt = status?.session.kind === 'waiting' ? Date.parse(status.session.retryAt) : nowMs;
      const sentence = status && isPolling(status) ? strings.barPollingRetry : strings.barRetry;
      return {
        icon: 'warning',
        words: fill(sentence, sayDuration(retryAt - nowMs, strings)),
        tone: 'warning',
      };
    }
    case 'stopped':
      return { icon: 'error', words: 'EventSub', tone: 'error' };
    default:
      return assertNever(phase);
  }
}

function explain(status: ServiceStatus, phase: ConnectionPhase, saying: HostSaying): Tooltip {
  const { strings, locale, nowMs, isStreamerMode } = saying;
  const { session } = status;
  const lines = [phase === 'signedOut' ? strings.sessionSignedOut : saySession(session, saying)];
  if (session.kind === 'waiting') lines.push(sayCause(session.cause, strings));
  if (session.kind === 'stopped') lines.push(sayStopReason(session.reason, strings));
  if (phase === 'live' || phase === 'moving') {
    lines.push(fill(strings.tipSubscriptions, sayAlive(status, strings)));
    const { connectedAt, lastMessageAt } = session as Extract<typeof session, { connectedAt: string }>;
    const age = sayDuration(nowMs - Date.parse(connectedAt), strings);
    lines.push(fill(strings.tipAge, age, sayInstant(connectedAt, saying)));
    lines.push(fill(strings.tipLastMessage, sayClock(lastMessageAt, locale)));
  }
  const storage = sayStorage(status.storage, saying);
  if (storage !== null && status.storage.kind !== 'opening') lines.push(storage);
  const nextPoll = findNextPoll(status);
  if (nextPoll) {
    lines.push(
      fill(
        strings.tipNextPoll,
        sayPollKind(nextPoll.kind, strings),
        sayPoll(nextPoll, saying, isStreamerMode),
      ),
    );
  }
  if (status.channel) lines.push(fill(strings.tipChannel, status.channel.login));
  // Another server's address is nobody's business on stream.
  if (!isStreamerMode || status.server.kind !== 'custom')
    lines.push(fill(strings.tipServer, status.server.label));
  if (status.unread > 0 && !isStreamerMode) {
    lines.push(fillPlural(strings, 'tipUnread', status.unread, locale, status.unread.toLocaleString(locale)));
  }
  if (status.setAside > 0 && !isStreamerMode) {
    lines.push(
      fillPlural(strings, 'setAside', status.setAside, locale, status.setAside.toLocaleString(locale)),
    );
  }
  if (status.role === 'follower') lines.push(strings.tipFollower);
  return { lines, links: chooseLinks(phase, strings) };
}

function chooseLinks(phase: ConnectionPhase, strings: HostStrings): Tooltip['links'] {
  const dashboard = { label: strings.openDashboard, command: 'eventsub.openDashboard' };
  const log = { label: strings.showLog, command: 'eventsub.showLog' };
  switch (phase) {
    case 'signedOut':
      return [
        { label: strings.signIn, command: 'eventsub.signIn' },
        { label: strings.trySimulator, command: 'eventsub.trySimulator' },
      ];
    case 'disconnected':
      return [{ label: strings.connect, command: 'eventsub.connect' }, dashboard];
    case 'waiting':
      return [{ label: strings.retry, command: 'eventsub.retry' }, dashboard, log];
    case 'stopped':
      return [
        { label: strings.retry, command: 'eventsub.retry' },
        { label: strings.signInAgain, command: 'eventsub.signIn' },
        log,
      ];
    case 'live':
    case 'moving':
    case 'connecting':
    case 'starting':
      return [dashboard, log];
    default:
      return assertNever(phase);
  }
}

function findNextPoll(status: ServiceStatus): ServiceStatus['polls'][number] | null {
  let next: ServiceStatus['polls'][number] | null = null;
  for (const poll of status.polls) {
    if (poll.state.kind !== 'scheduled') continue;
    if (next?.state.kind === 'scheduled' && next.state.nextAt <= poll.state.nextAt) continue;
    next = poll;
  }
  return next;
}

function sayClock(iso: string, locale: string): string {
  return new Date(iso).toLocaleTimeString(locale);
}
