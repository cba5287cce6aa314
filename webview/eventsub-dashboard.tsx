import './eventsub-dashboard.css';
import { useApp, useSaying, useWords } from './app-context';
import { ConnectionCard } from './dashboard/connection-card';
import { HistoryCard } from './dashboard/history-card';
import { NumberCards } from './dashboard/number-cards';
import { PollingCard } from './dashboard/polling-card';
import { SubscriptionsCard } from './dashboard/subscriptions-card';
import { useStatistics } from './dashboard/use-statistics';
import { Feed } from './feed/feed';
import { NoticeStrip } from './parts/notice-strip';
import { findNotices, type Notice } from './state/notices';

/** The whole picture: connection, numbers, history, subscriptions and polling, with the feed beside them. */
export function EventSubDashboard() {
  const { status } = useApp();
  const statistics = useStatistics();
  if (!status.value) return <Feed isAlone={false} />;
  return (
    <div class="dashboard">
      <main class="overview">
        <ConnectionCard status={status.value} />
        <Notices />
        <NumberCards statistics={statistics.loaded} />
        <HistoryCard statistics={statistics} />
        <div class="pair">
          <SubscriptionsCard status={status.value} />
          <PollingCard polls={status.value.polls} />
        </div>
      </main>
      <aside class="card beside">
        <Feed isAlone={false} />
      </aside>
    </div>
  );
}

function Notices() {
  const { status } = useApp();
  const saying = useSaying();
  const { strings } = useWords();
  if (!status.value) return null;
  // The card above says these with its own buttons.
  const isSaid = ({ id, severity }: Notice): boolean =>
    severity === 'info' && (id === 'account' || id === 'session');
  const notices = findNotices(status.value, { ...saying, strings }).filter(notice => !isSaid(notice));
  return (
    <>
      {notices.map(notice => (
        <NoticeStrip key={notice.id} notice={notice} />
      ))}
    </>
  );
}
