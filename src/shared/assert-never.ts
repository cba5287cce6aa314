/** Ends a `switch` over a union: a member that is not handled no longer compiles. Throws if reached. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
