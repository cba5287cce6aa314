/** `follows` → `Follows`: the words' keys are made of the contract's own names. */
export function capitalize<T extends string>(text: T): Capitalize<T> {
  return (text.slice(0, 1).toUpperCase() + text.slice(1)) as Capitalize<T>;
}
