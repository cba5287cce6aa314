import { FEED_FAMILIES, type FeedFamily } from '../shared/catalogue';
import { feedFamilyOf, type RecordedType } from '../shared/events';

/** `feed.family`: the family's place in the list from 1 on, or 0 for types outside the catalogue. */
export function familyCode(type: RecordedType): number {
  const family = feedFamilyOf(type);
  return family === null ? 0 : FEED_FAMILIES.indexOf(family) + 1;
}

/** The codes under which the wanted families are stored; all of them if none is named. */
export function familyCodes(families: readonly FeedFamily[] | undefined): number[] {
  if (families === undefined) return [0, ...FEED_FAMILIES.map((_, index) => index + 1)];
  return FEED_FAMILIES.flatMap((family, index) => (families.includes(family) ? [index + 1] : []));
}
