/** Metric histories as a plotly figure; knows no DOM. */
import type { Data, Layout } from 'plotly.js-basic-dist-min';

import { drawable } from '../common/format';
import type { ISeries } from '../tokens';
import type { ILook } from './looks';
import { FONT_SIZE } from './themed';

/** One curve of the chart: a run's history with the name and look of the run. */
export interface ICurve {
  series: ISeries;
  name: string;
  look: ILook;
}

/** What runs along the x axis: steps; seconds where steps tell nothing; runs, a value each. */
export type Axis = 'step' | 'elapsed' | 'run';

/** Fewer points than this are marked one by one, so that a short history can be seen. */
const MARKED = 60;
const FAINT = '2e';

export function axisOf(all: readonly ISeries[]): Axis {
  if (all.every(series => series.step.length <= 1)) {
    return 'run';
  }
  const isStill = (series: ISeries) => series.step.every(step => step === series.step[0]);
  return all.every(isStill) ? 'elapsed' : 'step';
}

/** The traces: first a band for each curve whose points stand for several, then the curves. */
export function traces(curves: readonly ICurve[]): Data[] {
  const axis = axisOf(curves.map(curve => curve.series));
  return [
    ...curves.filter(isFolded).flatMap(curve => band(curve, axis)),
    ...curves.map(curve => line(curve, axis))
  ];
}

/** How many points the curves (not their bands) draw. */
export function pointsDrawn(curves: readonly ICurve[]): number {
  return curves.flatMap(({ series }) => series.value).filter(value => drawable(value) !== null)
    .length;
}

export function isFolded({ series }: ICurve): boolean {
  return series.total > series.value.length;
}

export function layout(
  curves: readonly ICurve[],
  axisTitle: string,
  revision: string
): Partial<Layout> {
  const title = { text: axisTitle, standoff: 6, font: { size: FONT_SIZE } };
  const names = {
    type: 'category' as const,
    tickvals: curves.map(({ series }) => series.run_id),
    ticktext: curves.map(({ name }) => name)
  };
  const isByRun = axisOf(curves.map(curve => curve.series)) === 'run';
  return {
    uirevision: revision,
    hovermode: 'x unified',
    xaxis: isByRun ? names : { title },
    yaxis: { hoverformat: '.4~g' }
  };
}

function line({ series, name, look }: ICurve, axis: Axis): Data {
  const isMarked = series.value.length <= MARKED;
  return {
    type: 'scatter',
    mode: axis === 'run' ? 'markers' : isMarked ? 'lines+markers' : 'lines',
    name,
    x: abscissae(series, axis),
    y: series.value.map(drawable),
    line: { color: look.color, dash: look.dash, width: 1.75 },
    marker: { color: look.color, size: axis === 'run' ? 9 : 4 }
  };
}

function band({ series, look }: ICurve, axis: Axis): Data[] {
  const edge = {
    type: 'scatter' as const,
    mode: 'lines' as const,
    x: abscissae(series, axis),
    line: { width: 0 },
    hoverinfo: 'skip' as const
  };
  const fillcolor = look.color + FAINT;
  return [
    { ...edge, y: series.low.map(drawable) },
    { ...edge, y: series.high.map(drawable), fill: 'tonexty', fillcolor }
  ];
}

function abscissae({ run_id, step, timestamp }: ISeries, axis: Axis): (number | string)[] {
  switch (axis) {
    case 'step':
      return step;
    case 'elapsed':
      return timestamp.map(time => (time - timestamp[0]) / 1000);
    case 'run':
      return step.map(() => run_id);
  }
}
