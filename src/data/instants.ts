/** Instants as the database writes them: UTC ISO 8601 text with milliseconds. */

let knownSecond = Number.NaN;
let knownPrefix = '';

/** Milliseconds since 1970 as `2026-11-29T01:10:15.123Z`. An instant outside what a date can hold throws. */
export function formatInstant(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== knownSecond) {
    knownPrefix = new Date(second * 1000).toISOString().slice(0, 20);
    knownSecond = second;
  }
  const rest = Math.floor(ms) - second * 1000;
  return `${knownPrefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
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
