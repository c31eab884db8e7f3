import React, { useCallback } from 'react';

import type { Axis, ICurve } from '../chart/figure';
import { axisOf, layout, pointsDrawn, traces } from '../chart/figure';
import { type Plotly, usePlotly } from '../chart/plotly';
import { inkOf, themed } from '../chart/themed';
import { useServices } from './context';

interface IPlotProps {
  curves: readonly ICurve[];
  metric: string;
}

/** Curves drawn by plotly, in the colours of the theme and the width of the panel. */
export function Plot({ curves, metric }: IPlotProps): React.JSX.Element {
  const { trans } = useServices();
  const titles: Record<Axis, string> = {
    step: trans.__('step'),
    elapsed: trans.__('seconds'),
    run: ''
  };
  const title = titles[axisOf(curves.map(curve => curve.series))];
  const draw = useCallback(
    async (plotly: Plotly, element: HTMLDivElement) => {
      const config = { displayModeBar: false, responsive: false };
      const own = themed(layout(curves, title, metric), inkOf(element));
      await plotly.react(element, traces(curves), own, config);
      element.dataset.points = String(pointsDrawn(curves));
    },
    [curves, title, metric]
  );
  const node = usePlotly(draw);
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
