import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { EventFilter } from '../../src/shared/events';
import { toServiceError } from '../../src/shared/rpc';
import type { EventsRecorded, FeedChip, ServiceStatus, Snapshot } from '../../src/shared/service';
import { fill } from '../../src/shared/webview-strings';
import type { HostPushes, Surface, WebviewSettings } from '../../src/shared/webview-protocol';
import { connectHost, type Host, type HostCalls } from '../host';
import type { ServerKind } from '../../src/shared/settings';
import { createAnnouncer, type Announcer } from './announcer';
import { createClock, type Clock } from './clock';
import { FIRST_PAGE } from './feed-metrics';
import { toFilter } from './feed-filter';
import { FeedStore } from './feed-store';
import { joinParts, sayEvent, type Wording } from './sentences';
import { heldBy, reduceSync, type SyncInput, type SyncState } from './sync-state';
import { createFormats } from './times';

/** Everything that the app shows and does, for one surface. */
export interface AppState {
  readonly surface: Surface;
  readonly calls: HostCalls;
  readonly host: Host;
  readonly clock: Clock;
  readonly feed: FeedStore;
  readonly announcer: Announcer;
  readonly status: ReadonlySignal<ServiceStatus | null>;
  /** Null until the host has sent the words. */
  readonly wording: ReadonlySignal<Wording | null>;
  /** Grows with each batch, so that the dashboard knows when its numbers are old. */
  readonly recordings: ReadonlySignal<number>;
  /** The message of a call that failed, until it is dismissed. */
  readonly failure: Signal<string | null>;
  /** Grows when the search field is to have the cursor. */
  readonly searchRequests: ReadonlySignal<number>;
  /** Puts the cursor into the search field. */
  requestSearch: () => void;
  /** The event whose row is to be shown, opened. */
  readonly revealed: Signal<number | null>;
  /** Asks for the first snapshot again. */
  reload: () => void;
  /** Carries out a command and shows why it failed, if it did. */
  run: (call: () => Promise<unknown>) => void;
  markAllRead: () => void;
}

const RETRY_FIRST_MS = 500;
const RETRY_LIMIT_MS = 10_000;

const CHIPS: readonly FeedChip[] = ['all', 'follows', 'subs', 'gifts', 'mods', 'vips'];

/** The chip that was chosen before the view was reloaded. */
function readChip(memory: unknown): FeedChip {
  if (typeof memory !== 'object' || memory === null || !('chip' in memory)) return 'all';
  return CHIPS.find(chip => chip === memory.chip) ?? 'all';
}

/** Joins the host, asks for words and snapshot at once, and follows what is pushed. */
export function createAppState(surface: Surface): AppState {
  const settings = signal<WebviewSettings | null>(null);
  const status = signal<ServiceStatus | null>(null);
  const recordings = signal(0);
  const failure = signal<string | null>(null);
  const searchRequests = signal(0);
  const revealed = signal<number | null>(null);
  const clock = createClock();
  const wording = computed<Wording | null>(() => {
    const { value } = settings;
    if (!value) return null;
    const { strings, locale, streamerMode, fallbackPolls } = value;
    return { strings, formats: createFormats(locale), isStreaming: streamerMode, fallbackPolls };
  });
  const announcer = createAnnouncer((first, count) => {
    const strings = wording.peek()?.strings;
    if (!strings) return '';
    return count === 1 ? fill(strings.announceOne, first) : fill(strings.announceMany, count);
  });

  const pushes = createPushes();
  const host = connectHost(pushes);
  const { calls } = host;
  const feed = new FeedStore(calls, () => settings.peek()?.strings ?? null);
  feed.query.value = { chip: readChip(host.loadMemory()), text: '' };
  feed.query.subscribe(({ chip }) => host.saveMemory({ chip }));

  let sync: SyncState = { kind: 'waiting', held: [] };
  let request = 0;
  let retryMs = RETRY_FIRST_MS;

  function createPushes(): HostPushes {
    return {
      statusChanged: takeStatus,
      eventsRecorded: pushed => step({ kind: 'batch', batch: pushed }),
      settingsChanged: next => {
        settings.value = next;
        document.documentElement.lang = next.locale;
      },
      reveal: eventId => {
        revealed.value = eventId;
      },
      focusSearch: requestSearch,
      visibilityChanged: isVisible => {
        hostSaysVisible = isVisible;
        followVisibility();
        if (isVisible) step({ kind: 'stale' });
      },
    };
  }

  function requestSearch(): void {
    searchRequests.value += 1;
  }

  let hostSaysVisible = true;
  const followVisibility = (): void => clock.setVisible(hostSaysVisible && !document.hidden);
  document.addEventListener('visibilitychange', followVisibility);
  followVisibility();

  function step(input: SyncInput): void {
    const result = reduceSync(sync, input);
    sync = result.state;
    if (result.apply.length > 0) batch(() => result.apply.forEach(takeBatch));
    if (result.needsSnapshot) void fetchSnapshot();
  }

  function takeStatus(next: ServiceStatus): void {
    const known = status.peek();
    if (known && next.epoch === known.epoch && next.revision < known.revision) return;
    if (known && next.epoch < known.epoch) return;
    // Another database: what is shown belongs to it no longer, and only a snapshot knows what does.
    const isOther = known !== null && historyOf(known) !== historyOf(next);
    if (isOther) {
      step({ kind: 'stale' });
      return;
    }
    const wasOpening = known !== null && known.storage.kind === 'opening';
    showStatus(next);
    if (wasOpening && next.storage.kind !== 'opening') step({ kind: 'stale' });
    step({ kind: 'epoch', epoch: next.epoch });
  }

  function showStatus(next: ServiceStatus): void {
    status.value = next;
    if (next.unread === 0) feed.markAllRead();
    if (next.storage.kind === 'ok') feed.clearUnsaved();
  }

  function takeBatch(pushed: EventsRecorded): void {
    recordings.value += 1;
    const shown = feed.takeBatch(pushed);
    const words = wording.peek();
    const [first] = shown;
    if (words && first) announcer.add(joinParts(sayEvent(first, words)), shown.length);
  }

  /** A search keeps its own list; what is new is looked through for it. */
  function snapshotFilter(): EventFilter {
    const { chip, text } = feed.query.peek();
    return toFilter({ chip: text === '' ? chip : 'all', text: '' });
  }

  async function fetchSnapshot(): Promise<void> {
    request += 1;
    const own = request;
    const filter = snapshotFilter();
    try {
      const snapshot = await calls.getSnapshot(filter, FIRST_PAGE);
      if (own !== request) return;
      retryMs = RETRY_FIRST_MS;
      takeSnapshot(snapshot, JSON.stringify(filter) === JSON.stringify(snapshotFilter()));
    } catch (error: unknown) {
      if (own !== request) return;
      if (feed.phase.peek().kind === 'loading') {
        feed.phase.value = { kind: 'failed', message: toServiceError(error).message };
      }
      // Coming into sight asks again by itself.
      if (!clock.isVisible) return;
      // What is shown stays; the host may only be changing leaders.
      window.setTimeout(() => own === request && void fetchSnapshot(), retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_LIMIT_MS);
    }
  }

  function takeSnapshot(snapshot: Snapshot, isSameQuery: boolean): void {
    batch(() => {
      const known = status.peek();
      const isOther = known !== null && historyOf(known) !== historyOf(snapshot.status);
      if (
        !known ||
        known.epoch !== snapshot.status.epoch ||
        known.revision <= snapshot.status.revision ||
        isOther
      ) {
        status.value = snapshot.status;
      }
      if (isSameQuery) feed.takeSnapshot(snapshot.page, snapshot.readUpTo, isOther, heldBy(sync));
      // The answer to the new query may be older than the snapshot, and lack what no push will tell any more.
      else void feed.loader.restart();
      if (snapshot.status.storage.kind === 'ok') feed.clearUnsaved();
      recordings.value += 1;
    });
    step({ kind: 'snapshot', epoch: snapshot.status.epoch, sequence: snapshot.sequence });
  }

  function reload(): void {
    if (feed.phase.peek().kind === 'failed') feed.phase.value = { kind: 'loading' };
    step({ kind: 'stale' });
  }

  function run(call: () => Promise<unknown>): void {
    failure.value = null;
    call().catch((error: unknown) => {
      const { kind, message } = toServiceError(error);
      if (kind !== 'cancelled') failure.value = message;
    });
  }

  const askForWords = async (): Promise<void> => {
    try {
      pushes.settingsChanged(await calls.ready(surface));
    } catch (error: unknown) {
      reportError(toServiceError(error));
      window.setTimeout(() => void askForWords(), RETRY_LIMIT_MS);
    }
  };
  void askForWords();
  void fetchSnapshot();

  return {
    surface,
    calls,
    host,
    clock,
    feed,
    announcer,
    status,
    wording,
    recordings,
    failure,
    searchRequests,
    requestSearch,
    revealed,
    reload,
    run,
    markAllRead: () => {
      const upTo = feed.markAllRead();
      if (upTo !== null) run(() => calls.markRead(upTo));
    },
  };
}

/** Which database a status speaks of. */
function historyOf(status: ServiceStatus): ServerKind {
  return status.server.kind;
}
