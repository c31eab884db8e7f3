/** Drawings by plotly: it is loaded with the first of them, and each is as large as its place. */
import { type RefObject, useEffect, useRef } from 'react';

import { useServices, useThemeCount } from '../common/context';

export type Plotly = typeof import('plotly.js-basic-dist-min');

/** Do something with plotly, as soon as it is there. */
async function withPlotly(work: (plotly: Plotly) => Promise<void> | void): Promise<void> {
  await work(await import('plotly.js-basic-dist-min'));
}

/** Do something with what has been drawn: without plotly, nothing was. */
export async function withDrawn(work: (plotly: Plotly) => void): Promise<void> {
  await withPlotly(work).catch(() => undefined);
}

/**
 * Draw into an element, anew with each theme and each other `draw`.
 *
 * @returns where the element belongs
 */
export function usePlotly(
  draw: (plotly: Plotly, element: HTMLDivElement) => Promise<void>
): RefObject<HTMLDivElement> {
  const node = useRef<HTMLDivElement>(null);
  const theme = useThemeCount();
  const { trans } = useServices();
  useEffect(() => {
    let isCurrent = true;
    withPlotly(async plotly => {
      if (isCurrent && node.current) {
        await draw(plotly, node.current);
      }
    }).catch((error: unknown) => {
      reportError(error);
      node.current?.replaceChildren(trans.__('This could not be drawn: load the page again.'));
    });
    return () => {
      isCurrent = false;
    };
  }, [draw, theme, trans]);
  useFitted(node);
  return node;
}

/** Keep the drawing as large as its place: plotly itself sees only the window change. */
function useFitted(node: RefObject<HTMLDivElement>): void {
  useEffect(() => {
    const element = node.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => void withDrawn(plotly => fit(plotly, element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      void withDrawn(plotly => plotly.purge(element));
    };
  }, [node]);
}

function fit(plotly: Plotly, element: HTMLDivElement): void {
  if (element.classList.contains('js-plotly-plot') && element.clientWidth > 0) {
    plotly.Plots.resize(element);
  }
}
