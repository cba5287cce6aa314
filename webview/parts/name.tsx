import type { SentencePart } from '../state/sentences';

/** A sentence; names are isolated, so that a right-to-left mark in one cannot turn the rest around. */
export function Sentence({ parts }: { parts: readonly SentencePart[] }) {
  return (
    <>
      {parts.map(part =>
        part.kind === 'person' ? (
          <bdi class="person" dir="auto">
            {part.text}
          </bdi>
        ) : (
          part.text
        ),
      )}
    </>
  );
}

/** People's names in one line after another, each isolated. */
export function Names({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name, index) => (
        <>
          {index > 0 && ', '}
          <bdi dir="auto">{name}</bdi>
        </>
      ))}
    </>
  );
}
