/** What the trials of a sweep came to, as a plotly figure. Knows no DOM. */
import type { Data, Layout } from 'plotly.js-basic-dist-min';

import { asText } from '../../chart/text';
import { bestSoFar, type ISweepTags, type ITrial } from './trials';

interface IWords {
  trial: string;
  best: string;
  pruned: string;
}

/** So many trials have a tick each; plotly chooses for more. */
const FEW = 12;

/** A point a trial, a cross one that was pruned, and the best so far as a line. */
export function historyFigure(
  trials: readonly ITrial[],
  sweep: ISweepTags,
  color: string,
  words: IWords
): { data: Data[]; layout: Partial<Layout> } {
  const best = bestSoFar(trials, sweep);
  const line = {
    type: 'scatter',
    mode: 'lines',
    name: words.best,
    x: best.map(({ number }) => number),
    y: best.map(one => one.best),
    line: { color, width: 2, shape: 'hv' },
    hovertemplate: `${asText(words.best)} %{y}<extra></extra>`
  };
  const { metric } = sweep;
  const finished = dots(trials, 'finished', asText(metric));
  const pruned = dots(trials, 'pruned', asText(words.pruned));
  const marker = { color, size: 8, opacity: 0.6 };
  const traces = [line, { ...finished, marker }, { ...pruned, marker: { ...marker, symbol: 'x' } }];
  return {
    data: traces.filter(({ x }) => x.length > 0) as Data[],
    layout: {
      hovermode: 'closest',
      showlegend: false,
      xaxis: { title: { text: asText(words.trial) }, dtick: trials.length > FEW ? undefined : 1 },
      yaxis: { title: { text: asText(metric) } }
    }
  };
}

function dots(trials: readonly ITrial[], wanted: ITrial['state'], name: string) {
  const shown = trials.filter(({ state, value }) => state === wanted && value !== null);
  return {
    type: 'scatter',
    mode: 'markers',
    name,
    x: shown.map(({ number }) => number),
    y: shown.map(({ value }) => value),
    customdata: shown.map(({ runId }) => runId),
    hovertemplate: '%{x}: %{y}<extra></extra>'
  };
}
