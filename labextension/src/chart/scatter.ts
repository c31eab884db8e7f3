/** Two values of each run as a plotly figure: a point a run. Knows no DOM. */
import type { Data } from 'plotly.js-basic-dist-min';

import type { IFigure } from './lines';
import type { ILook } from './looks';
import { asText } from './text';

/** A run with a value on each axis: a number, or a text where the axis has categories. */
export interface IDot {
  readonly id: string;
  readonly name: string;
  readonly look: ILook;
  readonly x: number | string | null;
  readonly y: number | string | null;
}

export interface IScatterOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly logX: boolean;
  readonly logY: boolean;
}

const SIZE = 9;

export function scatterFigure(dots: readonly IDot[], options: IScatterOptions): IFigure {
  const [x, y] = [axisOf(dots.map(dot => dot.x)), axisOf(dots.map(dot => dot.y))];
  const isShown = ({ x, y }: IDot) =>
    x !== null && y !== null && !(options.logX && !above(x)) && !(options.logY && !above(y));
  const shown = dots.filter(isShown);
  const trace = {
    type: 'scatter',
    mode: 'markers',
    x: shown.map(dot => written(dot.x)),
    y: shown.map(dot => written(dot.y)),
    customdata: shown.map(({ id }) => id),
    hovertext: shown.map(({ name }) => asText(name)),
    hovertemplate: '%{hovertext}<br>%{x}, %{y}<extra></extra>',
    marker: { size: SIZE, color: shown.map(({ look }) => look.color) }
  } as Data;
  return {
    data: [trace],
    layout: {
      hovermode: 'closest',
      xaxis: { title: { text: asText(options.xTitle) }, type: typed(x, options.logX) },
      yaxis: { title: { text: asText(options.yTitle) }, type: typed(y, options.logY) }
    },
    dropped: dots.length - shown.length,
    beyond: 0
  };
}

function axisOf(values: readonly (number | string | null)[]): 'number' | 'category' {
  return values.some(value => typeof value === 'string') ? 'category' : 'number';
}

function typed(kind: 'number' | 'category', log: boolean): 'category' | 'log' | 'linear' {
  return kind === 'category' ? 'category' : log ? 'log' : 'linear';
}

function above(value: number | string): boolean {
  return typeof value === 'string' || value > 0;
}

function written(value: number | string | null): number | string | null {
  return typeof value === 'string' ? asText(value) : value;
}
