import type { WebviewCommand } from '../../src/shared/webview-protocol';
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

/** The actions that are a command of the editor's. */
const COMMANDS = {
  trySimulator: 'tryTheSimulator',
  showLog: 'eventsub.showLog',
  revealDatabase: 'eventsub.revealDatabase',
  openSettings: 'openSettings',
  reloadWindow: 'reloadWindow',
} as const satisfies Partial<Record<NoticeAction, WebviewCommand>>;

function perform({ run, calls }: AppState, action: NoticeAction): void {
  run(() => {
    switch (action) {
      case 'signIn':
      case 'signInAgain':
        return calls.signIn();
      case 'connect':
        return calls.connect();
      case 'retry':
        return calls.retry(null);
      default:
        return calls.runCommand(COMMANDS[action]);
    }
  });
}
