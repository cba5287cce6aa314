import { useApp, useWords } from '../app-context';
import type { AppState } from '../state/app-state';
import type { Notice, NoticeAction } from '../state/notices';
import { Button } from './button';
import { Icon } from './icon';

const ICONS = {
  error: { name: 'error', tone: 'error' },
  warning: { name: 'warning', tone: 'warning' },
  info: { name: 'info', tone: 'quiet' },
} as const;

/** A notice with its ways out. */
export function NoticeStrip({ notice }: { notice: Notice }) {
  const icon = ICONS[notice.severity];
  return (
    <div class={`notice notice-${notice.severity}`} role={notice.severity === 'error' ? 'alert' : 'status'}>
      <Icon name={icon.name} tone={icon.tone} />
      <span class="notice-text">{notice.text}</span>
      <NoticeActions actions={notice.actions} look="link" />
    </div>
  );
}

/** The buttons of a notice; the first one may be the accent. */
export function NoticeActions(props: { actions: readonly NoticeAction[]; look: 'link' | 'buttons' }) {
  const app = useApp();
  const { strings } = useWords();
  return (
    <span class="notice-actions">
      {props.actions.map((action, index) => (
        <Button
          key={action}
          look={props.look === 'link' ? 'link' : index === 0 ? 'primary' : 'secondary'}
          onClick={() => perform(app, action)}
        >
          {strings[action]}
        </Button>
      ))}
    </span>
  );
}

function perform({ run, calls }: AppState, action: NoticeAction): void {
  switch (action) {
    case 'signIn':
    case 'signInAgain':
      run(() => calls.signIn());
      return;
    case 'connect':
      run(() => calls.connect());
      return;
    case 'retry':
      run(() => calls.retry(null));
      return;
    case 'trySimulator':
      run(() => calls.runCommand('tryTheSimulator'));
      return;
    case 'showLog':
      run(() => calls.runCommand('eventsub.showLog'));
      return;
    case 'revealDatabase':
      run(() => calls.runCommand('eventsub.revealDatabase'));
      return;
    case 'openSettings':
    case 'reloadWindow':
      run(() => calls.runCommand(action));
      return;
  }
}
