/** What an endpoint was asked in the last minutes, as plotly figures. Knows no DOM. */
import type { Data, Layout } from 'plotly.js-basic-dist-min';

import type { IPoint, IStats } from '../api/endpoints';

export interface IFigureOf {
  data: Data[];
  layout: Partial<Layout>;
}

/** What the lines are called. */
export interface IWords {
  requests: string;
  errors: string;
  refused: string;
}

const COLORS = { first: '#0072b2', second: '#e69f00', third: '#d55e00' };

/** The points with those seconds between in which nothing was asked: there a rate is 0, not a line. */
export function filled({ points, period }: Pick<IStats, 'points' | 'period'>): IPoint[] {
  const step = period * 1000;
  const silent = { requests: 0, errors: 0, refused: 0, p50: null, p95: null, p99: null };
  return points.flatMap((point, i) => {
    const gap = i === 0 ? 0 : point.t - points[i - 1].t;
    if (gap < 2 * step) {
      return [point];
    }
    // The edges of the silence are enough: what is between them is a line at 0.
    const edges = [points[i - 1].t + step, point.t - step];
    return [...edges.map(t => ({ t, ...silent })), point];
  });
}

export function requestsFigure(stats: IStats, words: IWords): IFigureOf {
  const points = filled(stats);
  const rate = (key: 'requests' | 'errors' | 'refused', color: string) =>
    line(points, words[key], color, point => point[key] / stats.period);
  return {
    data: [
      rate('requests', COLORS.first),
      rate('refused', COLORS.second),
      rate('errors', COLORS.third)
    ],
    layout: layoutOf('1/s')
  };
}

export function latencyFigure(stats: IStats): IFigureOf {
  const points = filled(stats);
  return {
    data: [
      line(points, 'p50', COLORS.first, ({ p50 }) => p50),
      line(points, 'p95', COLORS.second, ({ p95 }) => p95),
      line(points, 'p99', COLORS.third, ({ p99 }) => p99)
    ],
    layout: layoutOf('ms')
  };
}

function line(
  points: readonly IPoint[],
  name: string,
  color: string,
  value: (point: IPoint) => number | null
): Data {
  return {
    type: 'scatter',
    mode: points.length > 60 ? 'lines' : 'lines+markers',
    name,
    x: points.map(({ t }) => new Date(t)),
    y: points.map(value),
    line: { color, width: 1.75 },
    marker: { color, size: 4 }
  };
}

function layoutOf(unit: string): Partial<Layout> {
  return {
    hovermode: 'x unified',
    showlegend: true,
    legend: { orientation: 'h', y: 1.15 },
    xaxis: { type: 'date' },
    yaxis: { title: { text: unit }, rangemode: 'tozero' }
  };
}
