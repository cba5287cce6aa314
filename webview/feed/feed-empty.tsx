import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fill } from '../../src/shared/webview-strings';
import { useApp, useWords } from '../app-context';
import { Button } from '../parts/button';
import { NoticeActions } from '../parts/notice-strip';
import { shorten } from '../state/sentences';
import { SESSION_WORDS } from './session-words';

/** What stands where the list would be while there is nothing to list: why, and the next thing to do. */
export function FeedEmpty() {
  const { feed, status, reload, run, calls } = useApp();
  const { strings } = useWords();
  const phase = feed.phase.value;
  if (phase.kind === 'loading') return <LateLoading />;
  const isLost = status.value?.storage.kind === 'failed';
  if (phase.kind === 'failed' || isLost) {
    return (
      <Blank title={strings.errorTitle} text={phase.kind === 'failed' ? phase.message : ''}>
        <Button look="primary" onClick={reload}>
          {strings.retry}
        </Button>
        <Button look="secondary" onClick={() => run(() => calls.runCommand('eventsub.showLog'))}>
          {strings.showLog}
        </Button>
      </Blank>
    );
  }
  const { chip, text } = feed.query.value;
  if (text !== '') {
    const { kind } = feed.loader.search.value;
    if (kind === 'running' || kind === 'cancelled') return <Blank text="" />;
    return <Blank text={fill(strings.searchNothing, shorten(text, 40))} />;
  }
  if (feed.pages.value?.next) return <LateLoading />;
  const { value } = status;
  if (value?.account.kind === 'signedOut' && value.server.kind !== 'simulator') {
    return (
      <Blank title={strings.signedOutTitle} text={strings.signedOutText}>
        <NoticeActions actions={['signIn', 'trySimulator']} look="buttons" />
      </Blank>
    );
  }
  if (chip !== 'all') return <Blank text={strings.emptyFiltered} />;
  return (
    <Blank title={strings.emptyTitle} text={value ? strings[SESSION_WORDS[value.session.kind]] : ''}>
      {value?.session.kind === 'idle' && <NoticeActions actions={['connect']} look="buttons" />}
      {value?.session.kind === 'live' && value.server.kind === 'simulator' && (
        <Button look="secondary" onClick={() => run(() => calls.runCommand('eventsub.simulateEvent'))}>
          {strings.emptySimulate}
        </Button>
      )}
    </Blank>
  );
}

function Blank(props: { title?: string; text: string; children?: ComponentChildren }) {
  return (
    <div class="blank">
      {props.title && <h2>{props.title}</h2>}
      {props.text && <p>{props.text}</p>}
      <div class="blank-actions">{props.children}</div>
    </div>
  );
}

/** Loading is worth a word only when it takes long enough to wonder. */
const WONDER_MS = 400;

function LateLoading() {
  const { strings } = useWords();
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setIsLate(true), WONDER_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return <Blank text={isLate ? strings.loading : ''} />;
}
