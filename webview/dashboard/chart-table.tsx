import type { Statistics } from '../../src/shared/events';
import { useWords } from '../app-context';

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
            <th scope="col">{strings.chartFollows}</th>
            <th scope="col">{strings.chartUnfollows}</th>
            <th scope="col">{strings.chartSubscriptionsBegun}</th>
            <th scope="col">{strings.chartSubscriptionsEnded}</th>
          </tr>
        </thead>
        <tbody>
          {statistics.buckets.map(bucket => (
            <tr key={bucket.start}>
              <th scope="row">{formats.step(Date.parse(bucket.start), statistics.bucketUnit)}</th>
              <td>{formats.number(bucket.follows)}</td>
              <td>{formats.number(bucket.unfollows)}</td>
              <td>{formats.number(bucket.subscriptionsBegun)}</td>
              <td>{formats.number(bucket.subscriptionsEnded)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
