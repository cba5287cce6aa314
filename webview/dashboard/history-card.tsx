import { useEffect, useRef, useState } from 'preact/hooks';
import { capitalize } from '../../src/shared/capitalize';
import { STATISTICS_RANGES, type Statistics } from '../../src/shared/events';
import { fill } from '../../src/shared/webview-strings';
import { useWords } from '../app-context';
import { LoadFailure } from '../parts/load-failure';
import type { Chart } from './chart';
import { ChartTable, SERIES } from './chart-table';
import type { StatisticsState } from './use-statistics';

/** Follows and subscriptions over time: a chart to see, a table to hear. */
export function HistoryCard({ statistics }: { statistics: StatisticsState }) {
  const { strings } = useWords();
  const { loaded, range, choose, failure, retry } = statistics;
  const [pointed, setPointed] = useState<number | null>(null);
  return (
    <section class="card history" aria-label={strings.chartTitle}>
      <div class="history-head">
        <h2>{strings.chartTitle}</h2>
        <Legend loaded={loaded} pointed={pointed} />
        <div class="chips" role="group" aria-label={strings.chartTitle}>
          {STATISTICS_RANGES.map(offered => (
            <button
              key={offered}
              type="button"
              class="chip"
              aria-pressed={offered === range}
              onClick={() => choose(offered)}
            >
              {strings[`chartRange${capitalize(offered)}`]}
            </button>
          ))}
        </div>
      </div>
      {failure !== null && <LoadFailure message={failure} onRetry={retry} />}
      {loaded && <Plot loaded={loaded} onPoint={setPointed} />}
      {loaded && <ChartTable statistics={loaded} />}
    </section>
  );
}

/** What each mark means; while the pointer is on a step, how many there were. */
function Legend({ loaded, pointed }: { loaded: Statistics | null; pointed: number | null }) {
  const { strings, formats, isStreaming } = useWords();
  const bucket = pointed === null || isStreaming ? undefined : loaded?.buckets[pointed];
  return (
    <div class="legend" aria-hidden="true">
      {SERIES.map(key => (
        <span key={key} class={`legend-${key}`}>
          {strings[`chart${capitalize(key)}`]}
          {bucket && <b> {formats.number(bucket[key])}</b>}
        </span>
      ))}
      {bucket && loaded && (
        <span class="legend-when">{formats.step(Date.parse(bucket.start), loaded.bucketUnit)}</span>
      )}
    </div>
  );
}

function Plot({ loaded, onPoint }: { loaded: Statistics; onPoint: (index: number | null) => void }) {
  const words = useWords();
  const { strings, formats, isStreaming } = words;
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const latest = useRef({ loaded, words });
  latest.current = { loaded, words };
  const sum = (key: (typeof SERIES)[number]): number =>
    loaded.buckets.reduce((total, bucket) => total + bucket[key], 0);
  const sums = SERIES.map(sum);

  useEffect(() => {
    let isGone = false;
    // The chart's library is loaded only where there is a chart.
    void import('./chart').then(({ createChart }) => {
      if (isGone || !frame.current) return;
      chart.current = createChart(frame.current, onPoint);
      chart.current.draw(latest.current.loaded, latest.current.words);
    });
    return () => {
      isGone = true;
      chart.current?.destroy();
      chart.current = null;
    };
  }, [onPoint]);
  useEffect(() => chart.current?.draw(loaded, words), [loaded, words]);

  const label = isStreaming
    ? strings.chartTitle
    : fill(strings.chartSummary, strings.chartTitle, ...sums.map(formats.number));
  return (
    <div class="plot" role="img" aria-label={label} ref={frame}>
      {sums.every(value => value === 0) && <p class="plot-empty">{strings.chartEmpty}</p>}
    </div>
  );
}
