import React, { useEffect, useMemo, useRef, useState } from 'react';

import type { ICurve } from '../../chart/figure';
import { Plot } from '../../common/Plot';
import { SeriesTable } from '../../common/SeriesTable';
import { exactNumber, formatNumber } from '../../common/format';
import { useLive, useServices } from '../../common/context';
import type { IMetric } from '../../tokens';
import { useSight } from '../../common/sight';
import { useRun } from '../context';
import type { Histories } from '../histories';
import { OF_MACHINE } from '../keys';

interface IMetricCardProps {
  metric: IMetric;
  histories: Histories;
  /** Somebody asked for this one: it comes into sight. */
  isWanted: boolean;
}

/** One metric: its course, or its value where there is only one. */
export function MetricCard(props: IMetricCardProps): React.JSX.Element {
  const { metric, isWanted } = props;
  const node = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isWanted) {
      node.current?.scrollIntoView({ block: 'center' });
    }
  }, [isWanted]);
  return (
    <section ref={node} className="nbtrail-Part" aria-label={metric.key} data-key={metric.key}>
      {metric.count > 1 ? <Course {...props} node={node} /> : <OneValue metric={metric} />}
    </section>
  );
}

function OneValue({ metric: { key, value, step } }: { metric: IMetric }): React.JSX.Element {
  const { trans } = useServices();
  return (
    <>
      <header>
        <h2 title={key}>{nameOf(key)}</h2>
        <span className="nbtrail-Faint">{trans.__('one value, at step %1', step)}</span>
      </header>
      <p className="nbtrail-Part-value" title={exactNumber(value)}>
        {formatNumber(value)}
      </p>
    </>
  );
}

interface ICourseProps extends IMetricCardProps {
  node: React.RefObject<HTMLElement>;
}

/** A curve, or the table behind it; nothing is asked for or drawn out of sight. */
function Course({ metric, histories, node }: ICourseProps): React.JSX.Element {
  const { trans } = useServices();
  const isInSight = useSight(node);
  const [isTable, setTable] = useState(false);
  const { key, value, count } = metric;
  const curves = useCurves(histories, key);
  useEffect(() => {
    if (isInSight) {
      return histories.follow(metric);
    }
  }, [histories, isInSight, metric]);
  const points = trans._n('%2 point', '%2 points', count, count.toLocaleString());
  const Shown = isTable ? SeriesTable : Plot;
  return (
    <>
      <header>
        <h2 title={key}>{nameOf(key)}</h2>
        <span className="nbtrail-Faint">{`${formatNumber(value)} · ${points}`}</span>
        <button className="nbtrail-Link" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? trans.__('Show as chart') : trans.__('Show as table')}
        </button>
      </header>
      <div className="nbtrail-Part-body">
        {isInSight && curves !== null && <Shown curves={curves} metric={key} />}
      </div>
    </>
  );
}

/** Among the metrics of the machine, what they are metrics of need not be said again. */
function nameOf(key: string): string {
  return key.startsWith(OF_MACHINE) ? key.slice(OF_MACHINE.length) : key;
}

/** What a chart draws of the metric; null until its history is there. */
function useCurves(histories: Histories, key: string): ICurve[] | null {
  const { looks } = useServices();
  const { info } = useRun();
  const series = useLive(histories).series.get(key);
  return useMemo(() => {
    if (series === undefined) {
      return null;
    }
    return [{ series, name: info.run_name, look: looks.of(info.run_id) }];
  }, [series, info.run_name, info.run_id, looks]);
}
