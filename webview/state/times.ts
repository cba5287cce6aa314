import { fill, type WebviewStrings } from '../../src/shared/webview-strings';
import { localDay } from './feed-items';

/** The `Intl` formats of one locale; making them is slow, so they are made once and when first used. */
export interface Formats {
  locale: string;
  number: (value: number) => string;
  /** `21:14` */
  time: (atMs: number) => string;
  /** `Sun 21:14` */
  weekdayTime: (atMs: number) => string;
  /** `Sunday, 23 November`, with the year where it is not this year's. */
  longDay: (atMs: number, nowMs: number) => string;
  /** Everything, for details and tooltips. */
  full: (atMs: number) => string;
  /** `23 Nov`, with the year where it is not this year's. */
  shortDay: (atMs: number, nowMs: number) => string;
  /** A step of the chart. */
  step: (atMs: number, unit: 'hour' | 'day' | 'week' | 'month') => string;
}

/** A lazily made value. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** The formats of a locale; a tag that `Intl` does not know falls back to the browser's own. */
export function createFormats(wanted: string): Formats {
  const locale = isKnownLocale(wanted) ? wanted : 'en';
  const dates = (options: Intl.DateTimeFormatOptions): (() => Intl.DateTimeFormat) =>
    once(() => new Intl.DateTimeFormat(locale, options));
  const number = once(() => new Intl.NumberFormat(locale));
  const time = dates({ timeStyle: 'short' });
  const weekday = dates({ weekday: 'short' });
  const longDay = dates({ weekday: 'long', day: 'numeric', month: 'long' });
  const longDayYear = dates({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const shortDay = dates({ day: 'numeric', month: 'short' });
  const shortDayYear = dates({ day: 'numeric', month: 'short', year: 'numeric' });
  const full = dates({ dateStyle: 'full', timeStyle: 'medium' });
  const hour = dates({
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const month = dates({ month: 'long', year: 'numeric' });
  const isSameYear = (a: number, b: number): boolean =>
    new Date(a).getFullYear() === new Date(b).getFullYear();
  return {
    locale,
    number: value => number().format(value),
    time: atMs => time().format(atMs),
    weekdayTime: atMs => `${weekday().format(atMs)} ${time().format(atMs)}`,
    longDay: (atMs, nowMs) => (isSameYear(atMs, nowMs) ? longDay() : longDayYear()).format(atMs),
    shortDay: (atMs, nowMs) => (isSameYear(atMs, nowMs) ? shortDay() : shortDayYear()).format(atMs),
    full: atMs => full().format(atMs),
    step: (atMs, unit) => {
      if (unit === 'hour') return hour().format(atMs);
      return (unit === 'month' ? month() : shortDayYear()).format(atMs);
    },
  };
}

function isKnownLocale(locale: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([locale]).length > 0;
  } catch (error: unknown) {
    // A tag that is not one at all throws; anything else would be a bug.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in whole units, rounded down: what has not passed yet is not claimed. */
export function sayAge(ageMs: number, strings: WebviewStrings): string {
  if (ageMs < MINUTE) return fill(strings.seconds, Math.max(0, Math.floor(ageMs / SECOND)));
  if (ageMs < HOUR) return fill(strings.minutes, Math.floor(ageMs / MINUTE));
  return ageMs < DAY
    ? fill(strings.hours, Math.floor(ageMs / HOUR))
    : fill(strings.days, Math.floor(ageMs / DAY));
}

/** An age in two units, for the connection: `2 h 14 min`. */
export function sayLongAge(ageMs: number, strings: WebviewStrings): string {
  const first = sayAge(ageMs, strings);
  if (ageMs < HOUR) return first;
  const rest = ageMs < DAY ? ageMs % HOUR : ageMs % DAY;
  return `${first} ${sayAge(Math.max(rest, MINUTE), strings)}`;
}

/**
 * When a line of the feed happened: how long ago for today and the last hour, the weekday and time for the last week, else the
 * time alone, because the day stands above it. A clock that runs behind the server's shows 0 s, never a minus.
 */
export function sayRowTime(
  atMs: number,
  nowMs: number,
  context: { strings: WebviewStrings; formats: Formats },
): string {
  const age = nowMs - atMs;
  if (age < HOUR || (age < DAY && localDay(atMs) === localDay(nowMs))) return sayAge(age, context.strings);
  return age < 7 * DAY ? context.formats.weekdayTime(atMs) : context.formats.time(atMs);
}

/** A day's heading: today, yesterday, or its date. */
export function sayDay(
  day: string,
  nowMs: number,
  context: { strings: WebviewStrings; formats: Formats },
): string {
  if (day === localDay(nowMs)) return context.strings.today;
  const now = new Date(nowMs);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day === localDay(yesterday.getTime())) return context.strings.yesterday;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return context.formats.longDay(new Date(year, month - 1, date).getTime(), nowMs);
}
