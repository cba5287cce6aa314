import { useEffect, useState } from 'preact/hooks';
import type { EventDetails, FeedEvent } from '../../src/shared/events';
import { toServiceError } from '../../src/shared/rpc';
import { fill, fillPlural } from '../../src/shared/webview-strings';
import { useWords } from '../app-context';
import type { HostCalls } from '../host';
import { Button } from '../parts/button';
import { LoadFailure } from '../parts/load-failure';
import { Names } from '../parts/name';
import { isLeaving, sayPerson, shorten } from '../state/sentences';
import { EventFacts } from './event-facts';
import type { ShownItem } from './feed-row';

interface OpenProps {
  item: ShownItem;
  calls: HostCalls;
  isSimulated: boolean;
}

/** What a line opens to: a burst's names, a gift's recipients, an event's facts. */
export function RowOpen({ item, calls, isSimulated }: OpenProps) {
  return (
    <div class="row-open">
      {item.kind === 'burst' ? (
        <BurstNames events={item.events} />
      ) : (
        <EventOpen event={item.event} calls={calls} isSimulated={isSimulated} />
      )}
    </div>
  );
}

/** As many names as a person reads at a glance; the rest on request. */
const NAMES_AT_ONCE = 100;
/** Longer names are cut; a name is at most 25 characters at Twitch. */
const NAME_LENGTH = 40;

function BurstNames({ events }: { events: readonly FeedEvent[] }) {
  const { strings, isStreaming } = useWords();
  const [shown, setShown] = useState(NAMES_AT_ONCE);
  if (isStreaming && events.some(event => isLeaving(event.type))) {
    return <p class="row-names">{strings.hiddenOnStream}</p>;
  }
  const names = events.map(event => shorten(sayPerson(event.viewer) || strings.someone, NAME_LENGTH));
  return (
    <p class="row-names">
      <Names names={names.slice(0, shown)} />
      <MoreNames hidden={names.length - shown} onClick={() => setShown(shown + 5 * NAMES_AT_ONCE)} />
    </p>
  );
}

function MoreNames({ hidden, onClick }: { hidden: number; onClick: () => void }) {
  const { strings, formats, isStreaming } = useWords();
  if (hidden <= 0) return null;
  return (
    <>
      {' '}
      <Button look="link" onClick={onClick}>
        {isStreaming ? strings.namesRest : fill(strings.namesMore, formats.number(hidden))}
      </Button>
    </>
  );
}

type Loaded =
  | { kind: 'loading' }
  | { kind: 'ready'; details: EventDetails }
  | { kind: 'gone' }
  | { kind: 'failed'; message: string };

function EventOpen({
  event,
  calls,
  isSimulated,
}: {
  event: FeedEvent;
  calls: HostCalls;
  isSimulated: boolean;
}) {
  const { strings } = useWords();
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const isGift = event.type === 'channel.subscription.gift';
  const [showsFacts, setShowsFacts] = useState(!isGift);
  useEffect(() => {
    let isCurrent = true;
    calls.getEvent(event.id).then(
      details => {
        if (isCurrent) setLoaded(details ? { kind: 'ready', details } : { kind: 'gone' });
      },
      (error: unknown) => {
        if (isCurrent) setLoaded({ kind: 'failed', message: toServiceError(error).message });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [calls, event.id, attempt]);

  if (loaded.kind === 'failed') {
    return <LoadFailure message={loaded.message} onRetry={() => setAttempt(attempt + 1)} />;
  }
  const details = loaded.kind === 'ready' ? loaded.details : null;
  return (
    <>
      {isGift && (
        <p class="row-names">
          {details ? <Recipients recipients={details.recipients} /> : strings.loading}
          {!showsFacts && (
            <>
              {' '}
              <Button look="link" onClick={() => setShowsFacts(true)}>
                {strings.detailsMore}
              </Button>
            </>
          )}
        </p>
      )}
      {showsFacts && <EventFacts event={event} details={details} isSimulated={isSimulated} />}
    </>
  );
}

function Recipients({ recipients }: { recipients: EventDetails['recipients'] }) {
  const { strings, formats } = useWords();
  const [shown, setShown] = useState(NAMES_AT_ONCE);
  const known = recipients.flatMap(viewer =>
    viewer ? [shorten(sayPerson(viewer) || strings.someone, NAME_LENGTH)] : [],
  );
  const unknown = recipients.length - known.length;
  return (
    <>
      <Names names={known.slice(0, shown)} />
      <MoreNames hidden={known.length - shown} onClick={() => setShown(shown + 5 * NAMES_AT_ONCE)} />
      {unknown > 0 && (
        <span class="quiet">
          {known.length > 0 && ', '}
          {fillPlural(strings, 'stillUnknown', unknown, formats.locale, formats.number(unknown))}
        </span>
      )}
    </>
  );
}
