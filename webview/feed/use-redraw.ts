import { useCallback, useState } from 'preact/hooks';

/** A number that grows with each call of the function beside it, which draws the component anew. */
export function useRedraw(): [count: number, redraw: () => void] {
  const [count, setCount] = useState(0);
  const redraw = useCallback(() => setCount(value => value + 1), []);
  return [count, redraw];
}
