import type { ServiceStatus } from '../../src/shared/service';
import { sayInstant, saySession } from '../../src/shared/state-words';
import { fill } from '../../src/shared/webview-strings';
import { useApp, useSaying, useWords } from '../app-context';
import { countAlive, SESSION_SIGNS } from '../feed/status-line';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { shorten } from '../state/sentences';
import { sayAge, sayLongAge } from '../state/times';

/** The connection in words, with what can be done about it. */
export function ConnectionCard({ status }: { status: ServiceStatus }) {
  const { run, calls, feed, markAllRead } = useApp();
  const { strings } = useWords();
  const { session, account } = status;
  const [icon, tone] = SESSION_SIGNS[session.kind];
  const canConnect = session.kind === 'idle' || session.kind === 'stopped';
  const lacksAccount = account.kind === 'signedOut' && status.server.kind !== 'simulator';
  const action = lacksAccount ? 'signIn' : canConnect ? 'connect' : 'disconnect';
  const isUnread = status.unread > 0 && feed.phase.value.kind === 'ready';
  return (
    <header class="card connection">
      <div class="connection-words">
        <Heading status={status} icon={<Icon name={icon} tone={tone} />} />
        <ConnectionFacts status={status} />
      </div>
      <div class="connection-actions">
        {isUnread && (
          <Button look="icon" label={strings.markAllRead} onClick={markAllRead}>
            <Icon name="check-all" />
          </Button>
        )}
        <Button look="secondary" onClick={() => run(() => calls.refresh())}>
          <Icon name="refresh" /> {strings.refresh}
        </Button>
        <Button look="primary" onClick={() => run(() => calls[action]())}>
          {strings[action]}
        </Button>
      </div>
    </header>
  );
}

function Heading({ status, icon }: { status: ServiceStatus; icon: preact.ComponentChildren }) {
  const saying = useSaying();
  const { strings } = useWords();
  const words = saySession(status.session, saying);
  const isLive = status.session.kind === 'live' && status.channel;
  return (
    <h1>
      {icon}
      <bdi>{isLive ? fill(strings.sessionOnChannel, words, shorten(isLive.login, 30)) : words}</bdi>
    </h1>
  );
}

function ConnectionFacts({ status }: { status: ServiceStatus }) {
  const saying = useSaying();
  const { strings, isStreaming } = useWords();
  const { session, server } = status;
  const { alive, all } = countAlive(status);
  const facts: string[] = [];
  if (server.kind === 'simulator') facts.push(strings.markSimulated);
  // Another server's address is nobody's business on stream.
  if (server.kind === 'custom' && !isStreaming) facts.push(server.label);
  facts.push(fill(strings.aliveSubscriptions, alive, all));
  if (session.kind === 'live' || session.kind === 'doubting' || session.kind === 'handover') {
    facts.push(
      fill(strings.connectedFor, sayLongAge(saying.nowMs - Date.parse(session.connectedAt), strings)),
    );
    const age = sayAge(saying.nowMs - Date.parse(session.lastMessageAt), strings);
    facts.push(fill(strings.lastMessageAgo, age));
  }
  const next = status.polls
    .flatMap(({ state }) => (state.kind === 'scheduled' ? [state.nextAt] : []))
    .sort()
    .at(0);
  if (next) facts.push(fill(strings.nextPoll, sayInstant(next, saying)));
  // A line ends between two facts, never inside one.
  return <p class="quiet">{facts.map(fact => fact.replaceAll(' ', '\u00a0')).join(' · ')}</p>;
}
