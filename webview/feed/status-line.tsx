import { fill } from '../../src/shared/webview-strings';
import { saySession } from '../../src/shared/state-words';
import type { ServiceStatus } from '../../src/shared/service';
import type { SessionState } from '../../src/shared/session-state';
import { EVENT_TYPES } from '../../src/shared/catalogue';
import { useApp, useSaying, useWords } from '../app-context';
import { Button } from '../parts/button';
import { Icon, type IconName } from '../parts/icon';
import { sayAge } from '../state/times';

/** Each state's icon and tone: a shape of its own, so that colour says nothing alone. */
export const SESSION_SIGNS = {
  live: ['circle-filled', 'good'],
  doubting: ['circle-outline', 'good'],
  handover: ['circle-outline', 'good'],
  connecting: ['sync', 'quiet'],
  awaitingWelcome: ['sync', 'quiet'],
  waiting: ['warning', 'warning'],
  stopped: ['error', 'error'],
  idle: ['circle-slash', 'quiet'],
} as const satisfies Record<SessionState['kind'], readonly [IconName, string]>;

/** How many subscriptions are alive, of all in the catalogue. */
export function countAlive(status: ServiceStatus): { alive: number; all: number } {
  const alive = status.subscriptions.filter(({ state }) => state.kind === 'live').length;
  return { alive, all: EVENT_TYPES.length };
}

/** One line that says how things are: `Live · 8 of 8 · last message 4 s ago`. */
export function StatusLine() {
  const { status, feed, markAllRead } = useApp();
  const { strings } = useWords();
  const { value } = status;
  if (!value) return <div class="status-line quiet">{strings.sessionStarting}</div>;
  const isUnread =
    value.unread > 0 ||
    (feed.pages.value?.pages[0]?.events ?? []).some(event => event.id > feed.readUpTo.value);
  const [icon, tone] = SESSION_SIGNS[value.session.kind];
  return (
    <div class="status-line">
      <Icon name={icon} tone={tone} />
      <StatusText status={value} />
      {isUnread && (
        <Button look="icon" label={strings.markAllRead} onClick={markAllRead}>
          <Icon name="check-all" />
        </Button>
      )}
    </div>
  );
}

function StatusText({ status }: { status: ServiceStatus }) {
  const saying = useSaying();
  const { strings } = useWords();
  const { session } = status;
  const said = [saySession(session, saying)];
  let age: string | null = null;
  if (session.kind === 'live' || session.kind === 'doubting' || session.kind === 'handover') {
    const { alive, all } = countAlive(status);
    said.push(fill(strings.aliveShort, alive, all));
    age = sayAge(saying.nowMs - Date.parse(session.lastMessageAt), strings);
  }
  if (status.server.kind === 'simulator') said.splice(1, 0, strings.markSimulated);
  if (age === null) return <span class="status-text">{said.join(' · ')}</span>;
  const long = [...said, fill(strings.lastMessageAgo, age)].join(' · ');
  return (
    <span class="status-text" title={long}>
      <span class="status-long">{long}</span>
      <span class="status-short">{[...said, fill(strings.ago, age)].join(' · ')}</span>
    </span>
  );
}
