import { capitalize } from '../../src/shared/capitalize';
import type { Statistics } from '../../src/shared/events';
import { useWords } from '../app-context';

/** What the chart shows, in the order of its legend. */
export const SERIES = ['follows', 'unfollows', 'subscriptionsBegun', 'subscriptionsEnded'] as const;

/** The chart's numbers for those who cannot see it. */
export function ChartTable({ statistics }: { statistics: Statistics }) {
  const { strings, formats, isStreaming } = useWords();
  if (isStreaming) return null;
  return (
    <div class="unseen">
      <table>
        <caption>{strings.chartTitle}</caption>
        <thead>
          <tr>
            <th scope="col">{strings.chartStep}</th>
            {SERIES.map(key => (
              <th key={key} scope="col">
                {strings[`chart${capitalize(key)}`]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {statistics.buckets.map(bucket => (
            <tr key={bucket.start}>
              <th scope="row">{formats.step(Date.parse(bucket.start), statistics.bucketUnit)}</th>
              {SERIES.map(key => (
                <td key={key}>{formats.number(bucket[key])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
