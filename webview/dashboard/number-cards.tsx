import { capitalize } from '../../src/shared/capitalize';
import type { Statistics } from '../../src/shared/events';
import { fill } from '../../src/shared/webview-strings';
import { useWords } from '../app-context';
import { Icon } from '../parts/icon';

const NUMBERS = ['followers', 'subscribers', 'moderators', 'vips'] as const;

/** The four numbers now, and what came and went today. */
export function NumberCards({ statistics }: { statistics: Statistics | null }) {
  const { strings, isStreaming } = useWords();
  return (
    <div class="numbers">
      {NUMBERS.map(kind => (
        <section key={kind} class="card number">
          <h2>{strings[`number${capitalize(kind)}`]}</h2>
          {isStreaming ? (
            <p class="number-hidden" title={strings.hiddenOnStream}>
              <Icon name="eye-closed" tone="quiet" />
              <span class="unseen">{strings.hiddenOnStream}</span>
            </p>
          ) : (
            <p class="number-line">
              <NumberNow value={statistics?.now[kind] ?? null} />
              {statistics && <Change {...statistics.today[kind]} />}
            </p>
          )}
        </section>
      ))}
    </div>
  );
}

function NumberNow({ value }: { value: number | null }) {
  const { formats } = useWords();
  return <span class="number-now">{value === null ? '–' : formats.number(value)}</span>;
}

function Change({ added, removed }: { added: number; removed: number }) {
  const { strings, formats } = useWords();
  if (added === 0 && removed === 0) return null;
  const up = formats.number(added);
  const down = formats.number(removed);
  return (
    <span class="number-change" title={fill(strings.changeTodayLabel, up, down)}>
      <span aria-hidden="true">
        {added > 0 && `+${up}`} {removed > 0 && <span class="quiet">−{down}</span>}
      </span>
      <span class="unseen">{fill(strings.changeTodayLabel, up, down)}</span>
    </span>
  );
}
