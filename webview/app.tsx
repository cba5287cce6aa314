import './app.css';
import './parts/icon.css';
import './feed/feed.css';
import { render } from 'preact';
import { AppContext, useApp } from './app-context';
import { EventSubDashboard } from './eventsub-dashboard';
import { Feed } from './feed/feed';
import { Button } from './parts/button';
import { Icon } from './parts/icon';
import { createAppState } from './state/app-state';

/** The whole app; nothing is drawn before the words and the first answer are there. */
function App() {
  const app = useApp();
  if (!app.wording.value) return null;
  return (
    <>
      {app.surface === 'dashboard' ? <EventSubDashboard /> : <Feed isAlone />}
      <Failure />
      <div class="unseen" role="status" aria-live="polite">
        {app.announcer.text}
      </div>
    </>
  );
}

/** Why something that the person asked for did not happen. */
function Failure() {
  const { failure, wording } = useApp();
  if (failure.value === null || !wording.value) return null;
  return (
    <div class="failure" role="alert">
      <Icon name="error" tone="error" />
      <span>{failure.value}</span>
      <Button look="icon" label={wording.value.strings.dismiss} onClick={() => (failure.value = null)}>
        <Icon name="close" />
      </Button>
    </div>
  );
}

performance.mark('eventsub start');
const surface = document.body.dataset['surface'] === 'dashboard' ? 'dashboard' : 'feed';
const app = createAppState(surface);
document.addEventListener('keydown', event => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  app.requestSearch();
});
const root = document.createElement('div');
root.id = 'app';
document.body.append(root);
render(
  <AppContext.Provider value={app}>
    <App />
  </AppContext.Provider>,
  root,
);
