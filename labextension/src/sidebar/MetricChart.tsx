import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useState } from 'react';

import { chartedRuns, metricKeys } from '../chart/choice';
import type { ICurve } from '../chart/figure';
import { isFolded } from '../chart/figure';
import type { Looks } from '../chart/looks';
import type { ITrailState } from '../tokens';
import { Plot } from '../common/Plot';
import { Section } from '../common/Section';
import { SeriesTable } from '../common/SeriesTable';
import { useServices } from '../common/context';
import { useSettled } from '../common/settled';
import { useTrail, useTrailState } from './context';

/** One metric of the charted runs over time, as curves or as the table behind them. */
export function MetricChart(): React.JSX.Element {
  const { trans, looks } = useServices();
  const model = useTrail();
  const state = useTrailState();
  const [isTable, setTable] = useState(false);
  const { runs, selected, series } = state;
  const now = useMemo(
    () => ({ metric: state.metric, curves: curvesOf({ runs, selected, series }, looks) }),
    [state.metric, runs, selected, series, looks]
  );
  const { metric, curves } = useSettled(now, idsOf(now.curves));
  if (metric === null) {
    return (
      <Section title={trans.__('Chart')}>
        <p className="nbtrail-Note">{trans.__('No metrics yet.')}</p>
      </Section>
    );
  }
  const actions = (
    <button
      className="nbtrail-Link"
      aria-pressed={isTable}
      data-testid="nbtrail-chart-toggle"
      onClick={() => setTable(!isTable)}
    >
      {isTable ? trans.__('Show as chart') : trans.__('Show as table')}
    </button>
  );
  return (
    <Section title={trans.__('Chart')} actions={actions}>
      <HTMLSelect
        className="nbtrail-Select"
        aria-label={trans.__('Metric to chart')}
        data-testid="nbtrail-chart-metric"
        value={metric}
        onChange={event => model.chartMetric(event.target.value)}
        options={metricKeys(chartedRuns(state))}
      />
      {isTable ? <SeriesTable curves={curves} /> : <Plot curves={curves} metric={metric} />}
      <p className="nbtrail-Hint">{countInWords(curves, trans)}</p>
    </Section>
  );
}

function idsOf(curves: readonly ICurve[]): string {
  return curves.map(({ series }) => series.run_id).join();
}

type Charted = Pick<ITrailState, 'runs' | 'selected' | 'series'>;

function curvesOf(state: Charted, looks: Looks): ICurve[] {
  const names = new Map(chartedRuns(state).map(({ info }) => [info.run_id, info.run_name]));
  return state.series.map(series => ({
    series,
    name: names.get(series.run_id) || series.run_id.slice(0, 8),
    look: looks.of(series.run_id)
  }));
}

function countInWords(curves: readonly ICurve[], trans: TranslationBundle): string {
  const count = (of: (curve: ICurve) => number) => curves.reduce((sum, one) => sum + of(one), 0);
  const total = count(({ series }) => series.total);
  const stored = trans._n('%2 point', '%2 points', total, total.toLocaleString());
  const drawn = count(({ series }) => series.value.length).toLocaleString();
  return curves.some(isFolded)
    ? trans.__('%1, drawn as %2 with a band from lowest to highest', stored, drawn)
    : stored;
}
