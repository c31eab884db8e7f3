import React, { useEffect, useRef, useState } from 'react';

import { exactNumber, formatNumber } from '../../common/format';
import { MetricButton } from '../../common/MetricButton';
import { Section } from '../../common/Section';
import { useLive, useServices } from '../../common/context';
import type { IMetric } from '../../tokens';
import { FilteredRows } from '../common/FilteredRows';
import { useSight } from '../../common/sight';
import { useRun, useRunPage } from '../context';
import { Histories } from '../histories';
import { OF_MACHINE } from '../keys';
import { Sparkline } from './Sparkline';

/** Enough for a line as wide as a word. */
const POINTS = 60;

/** All metrics of the run with their last values, extremes and a small line of their history. */
export function Metrics(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId, model, go } = useRunPage();
  const metrics = useRun().metrics.filter(({ key }) => !key.startsWith(OF_MACHINE));
  const [histories] = useState(() => new Histories(api.run, runId, POINTS));
  useEffect(() => model.attend(histories), [model, histories]);
  if (metrics.length === 0) {
    return (
      <Section title={trans.__('Metrics')}>
        <p className="nbtrail-Note">{trans.__('No metrics were recorded.')}</p>
      </Section>
    );
  }
  const charts = (
    <button className="nbtrail-Link" onClick={() => go('charts')}>
      {trans.__('Show the charts')}
    </button>
  );
  return (
    <Section title={trans.__('Metrics')} actions={charts} testId="nbtrail-run-metrics">
      <FilteredRows
        items={metrics}
        textOf={({ key }) => key}
        head={[
          trans.__('Metric'),
          trans.__('Last'),
          trans.__('Lowest'),
          trans.__('Highest'),
          trans.__('History')
        ]}
        label={trans.__('Metrics')}
      >
        {metric => <MetricRow key={metric.key} metric={metric} histories={histories} />}
      </FilteredRows>
    </Section>
  );
}

interface IMetricRowProps {
  metric: IMetric;
  histories: Histories;
}

function MetricRow({ metric, histories }: IMetricRowProps): React.JSX.Element {
  const run = useRun();
  const node = useRef<HTMLTableRowElement>(null);
  const isInSight = useSight(node);
  const series = useLive(histories).series.get(metric.key);
  const { key, min, max, count } = metric;
  const isCurve = count > 1;
  useEffect(() => {
    if (isInSight && isCurve) {
      return histories.follow(metric);
    }
  }, [histories, isInSight, isCurve, metric]);
  return (
    <tr ref={node} data-key={key}>
      <th scope="row">{key}</th>
      <td>
        <MetricButton run={run} metric={metric} isBare />
      </td>
      <td title={exactNumber(min)}>{isCurve && formatNumber(min)}</td>
      <td title={exactNumber(max)}>{isCurve && formatNumber(max)}</td>
      <td className="nbtrail-Sparkline-cell">
        {series && isCurve && <Sparkline series={series} total={count} />}
      </td>
    </tr>
  );
}
