import { useEffect, useState } from 'react';

const MOMENT_MS = 200;

/**
 * A value whose `key` has been the same for a moment; until then the one before. What takes long to
 * show does not hold up somebody who types. With the same key, a new value is there at once.
 */
export function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState(key);
  const [before, setBefore] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(key), MOMENT_MS);
    return () => clearTimeout(timer);
  }, [key]);
  const isSettled = settled === key;
  if (isSettled && before !== value) {
    setBefore(value);
  }
  return isSettled ? value : before;
}
