/** Whether version `a` is newer than `b`, by their numbers from left to right; what follows a hyphen does not count. */
export function isNewerVersion(a: string, b: string): boolean {
  const left = readNumbers(a);
  const right = readNumbers(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function readNumbers(version: string): number[] {
  return (version.split(/[-+]/)[0] ?? '').split('.').map(part => Number.parseInt(part, 10) || 0);
}
