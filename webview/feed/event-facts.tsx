import { useState } from 'preact/hooks';
import { capitalize } from '../../src/shared/capitalize';
import type { EventDetails, FeedEvent, ViewerDetails, ViewerHistoryEntry } from '../../src/shared/events';
import { sayType } from '../../src/shared/state-words';
import { fill } from '../../src/shared/webview-strings';
import { useApp, useWords } from '../app-context';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { isLeaving, sayPerson, sayTier, shorten, type Wording } from '../state/sentences';

/** JSON beyond this is cut on screen; a copy has all of it. */
const JSON_LIMIT = 20_000;
const NAME_LENGTH = 40;
const HISTORY_AT_ONCE = 8;

interface FactsProps {
  event: FeedEvent;
  /** Null while they are on their way, or gone. */
  details: EventDetails | null;
  isSimulated: boolean;
}

/** An event's time, source, id, person and JSON; in streamer mode only what may be on stream. */
export function EventFacts({ event, details, isSimulated }: FactsProps) {
  const { strings, formats, isStreaming } = useWords();
  const hidesPerson = isStreaming && isLeaving(event.type);
  const source = event.source === 'poll' ? strings.detailsSourcePoll : strings.detailsSourceLive;
  const facts: [string, string][] = [
    [strings.detailsTime, formats.full(Date.parse(event.occurredAt))],
    ...(event.receivedAt.slice(0, 16) === event.occurredAt.slice(0, 16)
      ? []
      : [[strings.detailsReceived, formats.full(Date.parse(event.receivedAt))] satisfies [string, string]]),
    [strings.detailsSource, isSimulated ? `${source}, ${strings.markSimulated}` : source],
  ];
  if (details && !isStreaming) facts.push([strings.detailsId, details.messageId]);
  return (
    <div class="facts">
      <p class="facts-type">{sayType(event.type, strings)}</p>
      <dl class="facts-list">
        {facts.map(([term, value]) => (
          <>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      {details?.viewer && !hidesPerson && <Person viewer={details.viewer} />}
      {isStreaming ? (
        <p class="quiet">
          <Icon name="eye-closed" /> {strings.hiddenOnStream}
        </p>
      ) : (
        details && <Json data={details.data} />
      )}
    </div>
  );
}

function Person({ viewer }: { viewer: ViewerDetails }) {
  const words = useWords();
  const { strings, formats, isStreaming } = words;
  const [shown, setShown] = useState(HISTORY_AT_ONCE);
  const history = isStreaming ? viewer.history.filter(entry => !LEFT.includes(entry.what)) : viewer.history;
  return (
    <div class="person-facts">
      <p class="person-now">{sayStanding(viewer, words).join(' · ')}</p>
      {history.length > 0 && (
        <>
          <h3>
            {fill(strings.detailsHistory, shorten(sayPerson(viewer.viewer) || strings.someone, NAME_LENGTH))}
          </h3>
          <ul class="person-history">
            {history.slice(0, shown).map(entry => (
              <li>
                <span>{sayHistory(entry, words)}</span>
                <time dateTime={entry.at}>
                  {formats.shortDay(Date.parse(entry.at), Date.now())} {formats.time(Date.parse(entry.at))}
                </time>
              </li>
            ))}
          </ul>
          {history.length > shown && !isStreaming && (
            <Button look="link" onClick={() => setShown(history.length)}>
              {fill(strings.namesMore, formats.number(history.length - shown))}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

const LEFT: readonly ViewerHistoryEntry['what'][] = [
  'unfollow',
  'subscriptionEnded',
  'moderatorRevoked',
  'vipRevoked',
];

/** What a person is to the channel now. */
function sayStanding(viewer: ViewerDetails, { strings, formats, isStreaming }: Wording): string[] {
  const day = (iso: string): string => formats.shortDay(Date.parse(iso), Date.now());
  const said: string[] = [];
  if (viewer.isFollowing && viewer.followedAt)
    said.push(fill(strings.viewerFollowingSince, day(viewer.followedAt)));
  if (!viewer.isFollowing && !isStreaming) said.push(strings.viewerNotFollowing);
  if (viewer.subscription) {
    const tier = sayTier(viewer.subscription.tier, strings);
    const gifter = sayPerson(viewer.subscription.gifter);
    if (!viewer.subscription.isGift) said.push(fill(strings.viewerSubscribed, tier));
    else if (gifter) said.push(fill(strings.viewerSubscribedGiftBy, tier, shorten(gifter, NAME_LENGTH)));
    else said.push(fill(strings.viewerSubscribedGift, tier));
  }
  for (const role of viewer.roles) said.push(role === 'vip' ? strings.roleVip : strings.roleModerator);
  said.push(fill(strings.viewerFirstSeen, day(viewer.firstSeenAt)));
  return said;
}

function sayHistory(entry: ViewerHistoryEntry, { strings }: Wording): string {
  const what = strings[`history${capitalize(entry.what)}`];
  const tier = sayTier(entry.tier, strings);
  const source = { baseline: strings.historyBaseline, poll: strings.markRecovered, eventsub: '' }[
    entry.source
  ];
  return [what, tier, source].filter(part => part !== '').join(' · ');
}

function Json({ data }: { data: unknown }) {
  const { calls, run } = useApp();
  const { strings } = useWords();
  const [isCopied, setIsCopied] = useState(false);
  const text = JSON.stringify(data, null, 2);
  const copy = async (): Promise<void> => {
    await calls.copy(text);
    setIsCopied(true);
  };
  return (
    <div class="json">
      <div class="json-head">
        <h3>{strings.detailsJson}</h3>
        <Button look="link" onClick={() => run(copy)}>
          <Icon name={isCopied ? 'check' : 'copy'} /> {isCopied ? strings.detailsCopied : strings.detailsCopy}
        </Button>
      </div>
      <pre tabIndex={0} aria-label={strings.detailsJson}>
        {text.length > JSON_LIMIT ? `${text.slice(0, JSON_LIMIT)}…` : text}
      </pre>
    </div>
  );
}
