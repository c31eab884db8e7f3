import React, { useEffect, useState } from 'react';

import { ErrorState } from '../../common/ErrorState';
import { useLive, useServices } from '../../common/context';
import { useRun, useRunPage } from '../context';
import { Histories } from '../histories';
import { OF_MACHINE } from '../keys';
import { matching } from '../text';
import { MetricCard } from './MetricCard';

/** As many buckets as a chart of this size can show. */
const POINTS = 500;
/** From here on it is worth to look for one. */
const MANY = 7;

interface IChartsProps {
  /** The metrics of the run, or those of the machine that it ran on. */
  of: 'run' | 'machine';
}

/** A chart for each metric: drawn when it comes into sight, and growing with it. */
export function Charts({ of }: IChartsProps): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId, model, place } = useRunPage();
  const [words, setWords] = useState('');
  const [histories] = useState(() => new Histories(api.run, runId, POINTS));
  useEffect(() => model.attend(histories), [model, histories]);
  const { error } = useLive(histories);
  const isOfMachine = of === 'machine';
  const all = useRun().metrics.filter(({ key }) => key.startsWith(OF_MACHINE) === isOfMachine);
  const curvesFirst = [...all].sort((a, b) => Number(b.count > 1) - Number(a.count > 1));
  const found = matching(curvesFirst, ({ key }) => key, words);
  if (error !== null) {
    return <ErrorState message={error} retry={() => histories.invalidate()} />;
  }
  if (all.length === 0) {
    return (
      <p className="nbtrail-Note">
        {isOfMachine
          ? trans.__(
              'The machine was not watched: call “nbtrail.enable_system_metrics_logging()” before the run.'
            )
          : trans.__('No metrics were recorded.')}
      </p>
    );
  }
  return (
    <>
      {all.length >= MANY && (
        <input
          type="search"
          className="nbtrail-Filter"
          placeholder={trans.__('Filter %1 metrics', all.length)}
          aria-label={trans.__('Filter the metrics')}
          value={words}
          onChange={event => setWords(event.target.value)}
        />
      )}
      {found.length === 0 && <p className="nbtrail-Note">{trans.__('Nothing matches.')}</p>}
      <div className="nbtrail-Parts">
        {found.map(metric => (
          <MetricCard
            key={metric.key}
            metric={metric}
            histories={histories}
            isWanted={metric.key === place.item}
          />
        ))}
      </div>
    </>
  );
}
