import React, { useEffect, useRef } from 'react';

import type { Axis, ICurve, IInk } from '../chart/figure';
import { axisOf, layout, pointsDrawn, traces } from '../chart/figure';
import { useServices, useThemeCount } from './context';

const loadPlotly = () => import('plotly.js-basic-dist-min');

interface IPlotProps {
  curves: readonly ICurve[];
  metric: string;
}

/** Curves drawn by plotly, in the colours of the theme and the width of the panel. */
export function Plot({ curves, metric }: IPlotProps): React.JSX.Element {
  const { trans } = useServices();
  const node = useRef<HTMLDivElement>(null);
  const theme = useThemeCount();
  const titles: Record<Axis, string> = {
    step: trans.__('step'),
    elapsed: trans.__('seconds'),
    run: ''
  };
  const title = titles[axisOf(curves.map(curve => curve.series))];
  useEffect(() => {
    let isCurrent = true;
    void loadPlotly().then(async plotly => {
      if (isCurrent && node.current) {
        await draw(plotly, node.current, curves, title, metric);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [curves, metric, title, theme]);
  useFittedWidth(node);
  const count = pointsDrawn(curves);
  return (
    <div
      ref={node}
      className="nbtrail-Plot"
      role="img"
      aria-label={trans.__('%1 of %2 runs, %3 points', metric, curves.length, count)}
      data-testid="nbtrail-chart"
    />
  );
}

type Plotly = Awaited<ReturnType<typeof loadPlotly>>;

async function draw(
  plotly: Plotly,
  node: HTMLDivElement,
  curves: readonly ICurve[],
  title: string,
  metric: string
): Promise<void> {
  const config = { displayModeBar: false, responsive: false };
  await plotly.react(node, traces(curves), layout(curves, title, inkOf(node), metric), config);
  node.dataset.points = String(pointsDrawn(curves));
}

/** Keep the drawing as wide as its place: plotly itself sees only the window change. */
function useFittedWidth(node: React.RefObject<HTMLDivElement>): void {
  useEffect(() => {
    const element = node.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => void fit(element));
    observer.observe(element);
    return () => {
      observer.disconnect();
      void loadPlotly().then(plotly => plotly.purge(element));
    };
  }, [node]);
}

async function fit(element: HTMLDivElement): Promise<void> {
  const plotly = await loadPlotly();
  if (element.classList.contains('js-plotly-plot') && element.clientWidth > 0) {
    plotly.Plots.resize(element);
  }
}

function inkOf(element: HTMLElement): IInk {
  const style = getComputedStyle(element);
  const variable = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: variable('--jp-ui-font-color1'),
    grid: variable('--jp-border-color2'),
    background: variable('--jp-layout-color1'),
    font: variable('--jp-ui-font-family')
  };
}
