import type { PollStatus } from '../../src/shared/service';
import {
  sayDuration,
  sayInstant,
  sayPoll,
  sayPollKind,
  sayPollResult,
  type Saying,
} from '../../src/shared/state-words';
import { fill, fillPlural, type WebviewStrings } from '../../src/shared/webview-strings';
import { useSaying, useWords } from '../app-context';
import { Icon } from '../parts/icon';
import { sayAge } from '../state/times';

/** The polls: what the last run gave, when the next one is, and why they run as often as they do. */
export function PollingCard({ polls }: { polls: readonly PollStatus[] }) {
  const { strings, fallbackPolls } = useWords();
  const pace = polls[0]?.pace;
  const often = fill(
    strings.pollPaceWhenDown,
    sayDuration(fallbackPolls.followersMs, strings),
    sayDuration(fallbackPolls.othersMs, strings),
  );
  return (
    <section class="card">
      <h2>{strings.dashboardPolling}</h2>
      <ul class="plain-list">
        {polls.map(poll => (
          <PollRow key={poll.kind} poll={poll} />
        ))}
      </ul>
      {pace && <p class="quiet card-note">{pace === 'fallback' ? strings.pollPaceFallback : often}</p>}
    </section>
  );
}

function PollRow({ poll }: { poll: PollStatus }) {
  const saying = useSaying();
  const { strings, isStreaming } = useWords();
  const isFailed = poll.last?.kind === 'failed';
  const title = `${sayPoll(poll, saying, isStreaming)}\n${sayPollResult(poll.last, saying, isStreaming)}`;
  return (
    <li class="plain-row" title={title}>
      <div class="plain-line">
        <Icon name={isFailed ? 'warning' : 'history'} tone={isFailed ? 'warning' : 'quiet'} />
        <span class="plain-name">{sayPollKind(poll.kind, strings)}</span>
        <span class="plain-value">{sayPollShort(poll, { ...saying, strings }, isStreaming)}</span>
      </div>
      {poll.last?.kind === 'failed' && (
        <p class="plain-reason">{sayPollResult(poll.last, saying, isStreaming)}</p>
      )}
    </li>
  );
}

/** `11:20 · 0 missed · next 14:20` */
function sayPollShort(
  poll: PollStatus,
  saying: Saying & { strings: WebviewStrings },
  hidesCounts: boolean,
): string {
  const { strings, locale, nowMs } = saying;
  if (poll.state.kind !== 'scheduled') return sayPoll(poll, saying, hidesCounts);
  const said: string[] = [];
  const { last } = poll;
  if (last) said.push(sayInstant(last.at, saying));
  if (last?.kind === 'failed') said.push(strings.pollShortFailed);
  else if (last?.isBaseline) said.push(strings.pollShortBaseline);
  else if (last && last.recovered === 0) said.push(fill(strings.pollShortMissed, 0));
  else if (last && !hidesCounts) {
    said.push(
      fillPlural(
        strings,
        'pollShortRecovered',
        last.recovered,
        locale,
        last.recovered.toLocaleString(locale),
      ),
    );
  }
  const nextMs = Date.parse(poll.state.nextAt);
  said.push(
    poll.pace === 'fallback'
      ? fill(strings.pollNextIn, sayAge(nextMs - nowMs, strings))
      : fill(strings.pollNextAt, sayInstant(poll.state.nextAt, saying)),
  );
  return said.join(' · ');
}
