import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { fill } from '../../src/shared/webview-strings';
import { useApp, useWords } from '../app-context';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';

/** Long enough that a fast typist asks once, short enough to feel like "as you type". */
const TYPING_PAUSE_MS = 120;

/** Search over everything stored. In the side bar it is out of the way until it is asked for. */
export function FeedSearch({ isAlwaysShown }: { isAlwaysShown: boolean }) {
  const { feed, searchRequests, status } = useApp();
  const { strings, formats, isStreaming } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(feed.query.value.text);
  const [isShown, setIsShown] = useState(isAlwaysShown);
  const wasRequested = useRef(0);

  useEffect(() => {
    const text = draft.trim();
    const ask = (): void => feed.setQuery({ chip: feed.query.peek().chip, text });
    if (text === '') {
      ask();
      return;
    }
    const timer = window.setTimeout(ask, TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [draft, feed]);

  useSignalEffect(() => {
    if (searchRequests.value === wasRequested.current) return;
    wasRequested.current = searchRequests.value;
    setIsShown(true);
    window.requestAnimationFrame(() => field.current?.select());
  });

  const storage = useComputed(() => status.value?.storage).value;
  if (!isShown) return null;
  const placeholder =
    storage?.kind === 'ok' && !isStreaming && storage.eventCount > 0
      ? fill(strings.searchPlaceholderCount, formats.number(storage.eventCount))
      : strings.searchPlaceholder;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    if (feed.loader.search.peek().kind === 'running') feed.loader.cancelSearch();
    else if (draft !== '') setDraft('');
    else if (!isAlwaysShown) setIsShown(false);
  };
  return (
    <div class="search">
      <Icon name="search" tone="quiet" />
      <input
        ref={field}
        type="text"
        role="searchbox"
        class="search-field"
        maxLength={200}
        value={draft}
        placeholder={placeholder}
        aria-label={strings.searchPlaceholder}
        spellcheck={false}
        autocomplete="off"
        onInput={event => setDraft(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {draft !== '' && (
        <Button
          look="icon"
          label={strings.searchClear}
          onClick={() => (setDraft(''), field.current?.focus())}
        >
          <Icon name="close" />
        </Button>
      )}
    </div>
  );
}

/** How far back the search has come, and how to stop it or go on. */
export function SearchProgress() {
  const { feed } = useApp();
  const { strings, formats } = useWords();
  const search = feed.loader.search.value;
  if (search.kind !== 'running' && search.kind !== 'cancelled') return null;
  const backTo = search.backTo === null ? null : formats.shortDay(Date.parse(search.backTo), Date.now());
  const isRunning = search.kind === 'running';
  const said = isRunning
    ? backTo === null
      ? strings.searchStarting
      : fill(strings.searchRunning, backTo)
    : backTo === null
      ? ''
      : fill(strings.searchStopped, backTo);
  return (
    <div class="search-progress" role="status">
      <span>{said}</span>
      <Button
        look="link"
        onClick={() => (isRunning ? feed.loader.cancelSearch() : void feed.loader.loadMore(true))}
      >
        {isRunning ? strings.searchStop : strings.searchMore}
      </Button>
    </div>
  );
}
