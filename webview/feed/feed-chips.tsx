import { capitalize } from '../../src/shared/capitalize';
import { FEED_FAMILIES } from '../../src/shared/catalogue';
import type { FeedChip } from '../../src/shared/service';
import { useApp, useWords } from '../app-context';
import { countChips } from '../state/feed-filter';

const CHIPS: readonly FeedChip[] = ['all', ...FEED_FAMILIES];

/** The families to narrow the feed to, with how many came today. */
export function FeedChips() {
  const { feed, status } = useApp();
  const { strings, formats, isStreaming } = useWords();
  const { chip: chosen, text } = feed.query.value;
  const counts = countChips(status.value?.today ?? {});
  return (
    <div class="chips" role="group" aria-label={strings.filterLabel}>
      {CHIPS.map(chip => (
        <button
          key={chip}
          type="button"
          class="chip"
          aria-pressed={chip === chosen}
          onClick={() => feed.setQuery({ chip, text })}
        >
          {strings[`filter${capitalize(chip)}`]}
          {chip !== 'all' && counts[chip] > 0 && !isStreaming && (
            <span class="chip-count"> {formats.number(counts[chip])}</span>
          )}
        </button>
      ))}
    </div>
  );
}
