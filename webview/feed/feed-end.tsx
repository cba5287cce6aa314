import { useApp, useWords } from '../app-context';
import { Button } from '../parts/button';

/** What stands below the last row: why there are no more yet, and how to get them. */
export function FeedEnd() {
  const { feed } = useApp();
  const { strings } = useWords();
  const more = feed.loader.more.value;
  if (more.kind === 'failed') {
    return (
      <div class="feed-end" role="status">
        <span>
          {strings.errorTitle}: {more.message}
        </span>
        <Button look="link" onClick={() => feed.retry()}>
          {strings.retry}
        </Button>
      </div>
    );
  }
  return more.kind === 'loading' ? <div class="feed-end">{strings.loading}</div> : null;
}
