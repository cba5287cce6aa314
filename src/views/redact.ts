const HIDDEN = '[redacted]';

/** Keys whose values are never written, in Twitch's spelling and in ours. */
const SECRET_KEYS = new Set([
  'accesstoken',
  'refreshtoken',
  'token',
  'tokens',
  'usertoken',
  'devicecode',
  'usercode',
  'clientsecret',
  'authorization',
  'cookie',
  'password',
  'secret',
  'sessionid',
  'session',
  'reconnecturl',
  'verificationuri',
  'credentials',
]);

/** What gives a secret away wherever it stands in a text. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|OAuth)\s+[^\s"',;]+/gi, `$1 ${HIDDEN}`],
  [/\boauth:[^\s"',;]+/gi, `oauth:${HIDDEN}`],
  // The query of an address: reconnect URLs and activation pages carry ids and codes there.
  [/\b((?:wss?|https?):\/\/[^\s"'<>?#]+)[?#][^\s"'<>]*/gi, `$1?${HIDDEN}`],
  [
    /\b(access[_-]?token|refresh[_-]?token|device[_-]?code|user[_-]?code|session[_-]?id|client[_-]?secret)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    `$1$2${HIDDEN}`,
  ],
  // Tokens (30 or 50 letters and digits) and session ids; UUIDs, which name messages, have dashes and stay.
  [/(?<![\w-])(?=[\w-]{0,80}\d)(?=[\w-]{0,80}[A-Za-z])[A-Za-z0-9_]{24,}(?![\w-])/g, HIDDEN],
];

const DEEPEST = 6;
const LONGEST_TEXT = 4000;

/** A text without tokens, codes, session ids or the queries of addresses. */
export function redactText(text: string): string {
  let result =
    text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : text;
  for (const [pattern, replacement] of PATTERNS) result = result.replace(pattern, replacement);
  return result;
}

/** A copy of a log's detail, as JSON can hold it, without secrets: by key and by pattern. Never throws. */
export function redact(value: unknown): unknown {
  return redactAt(value, 0, new Set());
}

function redactAt(value: unknown, depth: number, above: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') {
    return `(${typeof value})`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST || above.has(value)) return '(…)';
  const seen = new Set(above).add(value);
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: redactAt(value.cause, depth + 1, seen) };
    return {
      name: value.name,
      message: redactText(value.message),
      stack: redactText(value.stack ?? ''),
      ...cause,
    };
  }
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (Array.isArray(value)) return value.slice(0, 50).map(entry => redactAt(entry, depth + 1, seen));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([key, entry]) => [
        key,
        isSecretKey(key) && isLeaf(entry) ? HIDDEN : redactAt(entry, depth + 1, seen),
      ]),
  );
}

function isSecretKey(key: string): boolean {
  return SECRET_KEYS.has(key.toLowerCase().replaceAll(/[_-]/g, ''));
}

/** An object under such a key (a session's state) is looked into; only plain values are hidden whole. */
function isLeaf(value: unknown): boolean {
  return (typeof value !== 'object' && value !== undefined) || Array.isArray(value);
}

/** One line of the log: the message and its details, without secrets. */
export function formatLogLine(message: string, details: readonly unknown[]): string {
  const parts = details.map(detail => {
    const clean = redact(detail);
    return typeof clean === 'string' ? clean : JSON.stringify([clean]).slice(1, -1);
  });
  return [redactText(message), ...parts].join(' ');
}
