/** Whether something was in sight once: what is costly is drawn then, and not before. */
import { useEffect, useState } from 'react';
import type { RefObject } from 'react';

/** In pixels around the part of the page that is in sight. */
const MARGIN = '200px';

/** Whether the element is in sight now. */
export function useSight(node: RefObject<HTMLElement>): boolean {
  const [isInSight, setInSight] = useState(false);
  useEffect(() => {
    const element = node.current;
    if (element === null) {
      return;
    }
    const observer = new IntersectionObserver(
      entries => setInSight(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: MARGIN }
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [node]);
  return isInSight;
}

/** Whether it was in sight at any time. */
export function useSeen(node: RefObject<HTMLElement>): boolean {
  const isInSight = useSight(node);
  const [wasSeen, setSeen] = useState(false);
  if (isInSight && !wasSeen) {
    setSeen(true);
  }
  return wasSeen;
}
