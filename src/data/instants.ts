/** Instants as the database writes them: UTC ISO 8601 text with milliseconds. */

const DAY_SECONDS = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** An event has three instants, so the last few are kept: each in the place that its number gives it. */
const KEPT = 16;
const instants: { ms: number; text: string }[] = [];
const seconds: { second: number; text: string }[] = [];
const days: { day: number; text: string }[] = [];

/** Milliseconds since 1970 as `2026-11-29T01:10:15.123Z`. An instant outside what a date can hold throws. */
export function formatInstant(ms: number): string {
  const kept = instants[ms & (KEPT - 1)];
  if (kept?.ms === ms) return kept.text;
  const text = sayInstant(ms);
  instants[ms & (KEPT - 1)] = { ms, text };
  return text;
}

function sayInstant(ms: number): string {
  const second = Math.floor(ms / 1000);
  const rest = Math.floor(ms) - second * 1000;
  return `${sayToSecond(second)}${rest < 10 ? '.00' : rest < 100 ? '.0' : '.'}${rest}Z`;
}

function sayToSecond(second: number): string {
  const kept = seconds[second & (KEPT - 1)];
  if (kept?.second === second) return kept.text;
  const day = Math.floor(second / DAY_SECONDS);
  const ofDay = second - day * DAY_SECONDS;
  const hours = TWO_DIGITS[Math.floor(ofDay / 3600)] ?? '';
  const minutes = TWO_DIGITS[Math.floor(ofDay / 60) % 60] ?? '';
  const text = `${sayDay(day)}T${hours}:${minutes}:${TWO_DIGITS[ofDay % 60] ?? ''}`;
  seconds[second & (KEPT - 1)] = { second, text };
  return text;
}

function sayDay(day: number): string {
  const kept = days[day & (KEPT - 1)];
  if (kept?.day === day) return kept.text;
  const [text = ''] = new Date(day * DAY_SECONDS * 1000).toISOString().split('T');
  days[day & (KEPT - 1)] = { day, text };
  return text;
}

let parsedPrefix = '';
let parsedMs = Number.NaN;

/**
 * Reads an RFC 3339 UTC timestamp with any number of decimals (Twitch sends nanoseconds) as milliseconds since
 * 1970, cut off and not rounded. NaN if it is none.
 */
export function parseInstant(text: string): number {
  const length = text.length;
  if (length < 20 || text.charCodeAt(length - 1) !== 90) return Date.parse(text);
  const prefix = text.slice(0, 19);
  if (prefix !== parsedPrefix) {
    parsedMs = Date.parse(`${prefix}Z`);
    parsedPrefix = prefix;
  }
  if (length === 20) return parsedMs;
  if (text.charCodeAt(19) !== 46) return Date.parse(text);
  let fraction = 0;
  for (let i = 0; i < 3; i++) {
    const digit = 20 + i < length - 1 ? text.charCodeAt(20 + i) - 48 : 0;
    if (digit < 0 || digit > 9) return Number.NaN;
    fraction = fraction * 10 + digit;
  }
  return parsedMs + fraction;
}

/** The start of the local day that an instant lies in, in milliseconds since 1970. */
export function localMidnight(ms: number): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
