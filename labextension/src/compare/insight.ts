import { type RefObject, useEffect, useState } from 'react';

/** Drawn a little before it comes into sight. */
const MARGIN = '200px';

/** Whether an element is in sight, or about to be. */
export function useInSight(ref: RefObject<HTMLElement>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(
      entries => setSeen(entries[entries.length - 1].isIntersecting),
      { rootMargin: MARGIN }
    );
    if (ref.current) {
      observer.observe(ref.current);
    }
    return () => observer.disconnect();
  }, [ref]);
  return isSeen;
}
