import { useApp, useWords } from '../app-context';
import { LoadFailure } from '../parts/load-failure';

/** What stands below the last row: why there are no more yet, and how to get them. */
export function FeedEnd() {
  const { feed } = useApp();
  const { strings } = useWords();
  const more = feed.loader.more.value;
  if (more.kind === 'idle') return null;
  return (
    <div class="feed-end">
      {more.kind === 'failed' ? (
        <LoadFailure message={more.message} onRetry={() => feed.retry()} />
      ) : (
        strings.loading
      )}
    </div>
  );
}
