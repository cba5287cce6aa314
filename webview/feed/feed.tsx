import { useComputed } from '@preact/signals';
import { useApp, useSaying, useWords } from '../app-context';
import { NoticeStrip } from '../parts/notice-strip';
import { findNotices } from '../state/notices';
import { FeedChips } from './feed-chips';
import { FeedEmpty } from './feed-empty';
import { FeedList } from './feed-list';
import { FeedSearch, SearchProgress } from './feed-search';
import { StatusLine } from './status-line';

/** The feed: alone in the side bar, or beside the dashboard, which says the rest by itself. */
export function Feed({ isAlone }: { isAlone: boolean }) {
  const { feed } = useApp();
  const { strings } = useWords();
  const hasRows = useComputed(() => feed.phase.value.kind === 'ready' && feed.items.value.length > 0);
  const Frame = isAlone ? 'main' : 'section';
  return (
    <Frame class={`feed${isAlone ? ' feed-alone' : ''}`} aria-label={strings.dashboardEvents}>
      {isAlone && <h1 class="unseen">{strings.dashboardEvents}</h1>}
      {isAlone && <StatusLine />}
      {isAlone && <FirstNotice />}
      <FeedSearch isAlwaysShown={!isAlone} />
      <FeedChips />
      <SearchProgress />
      {hasRows.value ? <FeedList /> : <FeedEmpty />}
    </Frame>
  );
}

/** The most pressing notice; the dashboard has them all. Where the empty feed says it already, nothing. */
function FirstNotice() {
  const { status, feed } = useApp();
  const saying = useSaying();
  const { strings } = useWords();
  const { value } = status;
  if (!value) return null;
  const [first] = findNotices(value, { ...saying, strings });
  const isSaidBelow =
    feed.items.value.length === 0 &&
    (first?.id === 'account' || (first?.id === 'session' && first.severity === 'info'));
  return first && !isSaidBelow ? <NoticeStrip notice={first} /> : null;
}
