import React, { useEffect, useState } from 'react';

import { Hovers } from '../chart/hovers';
import { useLive, useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import type { Cell } from '../api/charts';
import { ChartCard } from './ChartCard';
import { ChartControls } from './ChartControls';
import { ChartsModel } from './charts';
import { useAttended, useComparePage, useComparison, useDrawnRuns } from './context';
import { chartedMetrics } from './model';

/** A chart for each metric, with the same axis and the same runs in all. */
export function ChartsView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { model } = useComparePage();
  const charts = useAttended(() => new ChartsModel(model.api, () => model.state));
  const [hovers] = useState(() => new Hovers());
  const { error } = useLive(charts);
  const { choice, keys, table } = useComparison();
  const { x, range, grouped, group_by, hidden } = choice;
  useEffect(() => charts.invalidate(), [charts, x, range, grouped, group_by, hidden]);
  const isThere = (key: string) =>
    choice.metrics !== null || isAnywhere(table.columns[`metrics.${key}.count`]);
  const metrics = chartedMetrics(choice, keys).filter(isThere);
  if (table.total === 0) {
    return null;
  }
  if (error !== null) {
    return <ErrorState message={error} retry={() => charts.invalidate()} />;
  }
  return (
    <>
      <ChartControls />
      <Omitted />
      {metrics.length === 0 && (
        <p className="nbtrail-Note">
          {choice.metrics === null
            ? trans.__('These runs have no metrics so far.')
            : trans.__('Choose a metric to chart.')}
        </p>
      )}
      <div className="nbtrail-Charts">
        {metrics.map(key => (
          <ChartCard key={key} metric={key} charts={charts} hovers={hovers} />
        ))}
      </div>
    </>
  );
}

/** Whether any run has it; until the server has said so, it may be. */
function isAnywhere(counts: readonly Cell[] | undefined): boolean {
  return counts === undefined || counts.some(count => count !== null);
}

/** Which of the listed runs are not drawn. */
function Omitted(): React.JSX.Element | null {
  const { trans } = useServices();
  const { table } = useComparison();
  const drawn = useDrawnRuns().length;
  if (drawn === table.total) {
    return null;
  }
  return (
    <p className="nbtrail-Hint">
      {trans.__('%1 of %2 runs are drawn; the table says which.', drawn, table.total)}
    </p>
  );
}
