/** How much of a name fits a sentence under sixty characters. */
const LONGEST_NAME = 30;

/**
 * Untrusted text made safe for a place that reads `[label](link)` or `$(icon)`: one line, no control or
 * direction marks, no markup, and not longer than `limit`.
 */
export function makePlain(text: string, limit = LONGEST_NAME): string {
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu, ' ')
    .replace(/\[/g, '(')
    .replace(/\]/g, ')')
    .replace(/\$\(/g, '$ (')
    .trim();
  if (line.length <= limit) return line;
  const characters = Array.from(
    new Intl.Segmenter().segment(line.slice(0, limit * 20)),
    part => part.segment,
  );
  return characters.length > limit
    ? `${characters.slice(0, limit - 1).join('')}…`
    : line.slice(0, limit * 20);
}
