import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Statistics, StatisticsRange } from '../../src/shared/events';
import { toServiceError } from '../../src/shared/rpc';
import { useApp } from '../app-context';
import { localDay } from '../state/feed-items';

/** The dashboard's numbers: the last that were loaded, and which range the person wants. */
export interface StatisticsState {
  loaded: Statistics | null;
  range: StatisticsRange;
  choose: (range: StatisticsRange) => void;
  failure: string | null;
  retry: () => void;
}

/** New events ask for new numbers at most this often. */
const PAUSE_MS = 2_000;

/** Loads the numbers, again when events came and when the day turned; the old ones stay until then. */
export function useStatistics(): StatisticsState {
  const { calls, recordings, clock, status } = useApp();
  const history = status.value?.server.kind;
  const [range, choose] = useState<StatisticsRange>('30days');
  const [loaded, setLoaded] = useState<Statistics | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [version, setVersion] = useState(0);

  const seen = useRef('');
  const shown = useRef(history);
  const timer = useRef<number | null>(null);

  useSignalEffect(() => {
    // Each of these makes the numbers old.
    const wanted = `${recordings.value} ${localDay(clock.nowMs.value)}`;
    if (wanted === seen.current) return;
    seen.current = wanted;
    timer.current ??= window.setTimeout(() => {
      timer.current = null;
      setVersion(count => count + 1);
    }, PAUSE_MS);
  });

  useEffect(() => {
    let isCurrent = true;
    // Another server's numbers are no old ones of this.
    if (shown.current !== history) setLoaded(null);
    shown.current = history;
    calls.getStatistics(range).then(
      statistics => {
        if (!isCurrent) return;
        setLoaded(statistics);
        setFailure(null);
      },
      (error: unknown) => {
        if (isCurrent) setFailure(toServiceError(error).message);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [calls, range, version, history]);

  return { loaded, range, choose, failure, retry: () => setVersion(version + 1) };
}
