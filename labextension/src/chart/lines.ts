/** Lines over an axis as a plotly figure, with what it does not show. Knows no DOM. */
import type { Data, Layout } from 'plotly.js-basic-dist-min';

import { notAboveZero, outside, withoutOutliers } from './axes';
import type { ILook } from './looks';
import { smoothed } from './smoothing';
import { asText } from './text';

/** One line: of a run, or the mean of a group with its band. */
export interface ILine {
  readonly id: string;
  readonly name: string;
  readonly look: ILook;
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  /** The band around it; null where there is none. */
  readonly low: readonly (number | null)[] | null;
  readonly high: readonly (number | null)[] | null;
  /** How many runs there are at each place; null for a line of one run. */
  readonly n: readonly number[] | null;
}

export interface ILineOptions {
  readonly smoothing: number;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly clipped: boolean;
  /** Milliseconds since the epoch run along the x axis. */
  readonly isTime: boolean;
  readonly range: readonly number[] | null;
  readonly title: string;
}

export interface IFigure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** Points that a logarithmic axis cannot show. */
  readonly dropped: number;
  /** Points beyond the edges of an axis without outliers. */
  readonly beyond: number;
}

/** With more lines than these, bands hide more than they show, and a common label is too long. */
const FEW = 12;
/** A shorter history has its points marked. */
const MARKED = 60;
/** More names beside the bars of a small chart overlap. */
const FEW_NAMED = 20;
const FAINT = '2e';
const FAINTER = 0.25;

export function figureOf(lines: readonly ILine[], options: ILineOptions): IFigure {
  const few = lines.length <= FEW;
  const values = lines.flatMap(({ y }) => y);
  const dropped =
    (options.logX ? notAboveZero(lines.flatMap(({ x }) => x)) : 0) +
    (options.logY ? notAboveZero(values) : 0);
  const shown = options.clipped ? withoutOutliers(values) : null;
  return {
    data: [
      ...(few ? lines.flatMap(bandOf) : []),
      ...(options.smoothing > 0 ? lines.map(line => rawOf(line)) : []),
      ...lines.map(line => drawn(line, options, few))
    ],
    layout: layoutOf(options, shown, few),
    dropped,
    beyond: shown ? outside(values, shown) : 0
  };
}

/** Whether each line is a single point, which bars show better. */
export function isSingle(lines: readonly ILine[]): boolean {
  return lines.length > 0 && lines.every(({ y }) => y.length <= 1);
}

/**
 * Single values as bars, one a line.
 *
 * @param named how many there may be for each to have its name beside it
 */
export function barsOf(lines: readonly ILine[], named = FEW_NAMED): IFigure {
  const bars = {
    type: 'bar',
    orientation: 'h',
    y: lines.map(({ id }) => id),
    x: lines.map(({ y }) => y[0] ?? null),
    marker: { color: lines.map(({ look }) => look.color) },
    hovertext: lines.map(({ name }) => asText(name)),
    customdata: lines.map(({ id }) => id),
    hovertemplate: '%{hovertext}: %{x}<extra></extra>'
  } as Data;
  const names = {
    tickvals: lines.map(({ id }) => id),
    ticktext: lines.map(({ name }) => asText(name)),
    showticklabels: lines.length <= named
  };
  return {
    data: [bars],
    layout: {
      hovermode: 'closest',
      xaxis: { type: 'linear' },
      yaxis: { type: 'category', autorange: 'reversed', ...names }
    },
    dropped: 0,
    beyond: 0
  };
}

function layoutOf(
  { logX, logY, isTime, range, title }: ILineOptions,
  shown: [number, number] | null,
  few: boolean
): Partial<Layout> {
  const scale = (values: readonly number[], log: boolean) =>
    log ? values.map(value => Math.log10(Math.max(value, Number.MIN_VALUE))) : [...values];
  const canShow = shown && (!logY || shown[0] > 0);
  return {
    hovermode: few ? 'x unified' : 'closest',
    dragmode: 'zoom',
    xaxis: {
      type: isTime ? 'date' : logX ? 'log' : 'linear',
      title: { text: asText(title) },
      ...(range ? { range: scale(range, logX && !isTime) } : { autorange: true })
    },
    yaxis: {
      type: logY ? 'log' : 'linear',
      hoverformat: '.4~g',
      fixedrange: true,
      ...(canShow ? { range: scale(shown, logY) } : { autorange: true })
    }
  };
}

function drawn(line: ILine, { smoothing }: ILineOptions, few: boolean): Data {
  const isMarked = few && line.x.length <= MARKED && smoothing === 0;
  return {
    type: 'scatter',
    mode: isMarked ? 'lines+markers' : 'lines',
    meta: line.id,
    name: asText(line.name),
    x: line.x as number[],
    y: (smoothing > 0 ? smoothed(line.y, smoothing) : line.y) as number[],
    line: { color: line.look.color, dash: line.look.dash, width: few ? 1.75 : 1.25 },
    marker: { color: line.look.color, size: 4 },
    ...(line.n === null
      ? {}
      : { text: line.n.map(n => `n = ${n}`), hovertemplate: '%{y} (%{text})' })
  } as Data;
}

/** The line as it is, faint behind the smoothed one. */
function rawOf({ x, y, look }: ILine): Data {
  return {
    type: 'scatter',
    mode: 'lines',
    x: x as number[],
    y: y as number[],
    opacity: FAINTER,
    line: { color: look.color, width: 1 },
    hoverinfo: 'skip'
  };
}

function bandOf({ x, low, high, look }: ILine): Data[] {
  if (low === null || high === null) {
    return [];
  }
  const edge = {
    type: 'scatter' as const,
    mode: 'lines' as const,
    x: x as number[],
    line: { width: 0 },
    hoverinfo: 'skip' as const
  };
  const fillcolor = look.color + FAINT;
  return [
    { ...edge, y: low as number[] },
    { ...edge, y: high as number[], fill: 'tonexty', fillcolor }
  ];
}
