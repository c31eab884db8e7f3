import React from 'react';

import { exactNumber, formatNumber } from './format';
import type { IMetric, IRun } from '../tokens';
import { CommandIDs } from '../tokens';
import { useServices } from './context';

interface IMetricButtonProps {
  run: IRun;
  metric: IMetric;
  /** Leave the key out where it is written elsewhere, as in a table. */
  isBare?: boolean;
}

/** A metric's last value; a click leads to the cell that logged it. */
export function MetricButton({ run, metric, isBare }: IMetricButtonProps): React.JSX.Element {
  const { commands, trans } = useServices();
  const { key, value, cell_id } = metric;
  const { run_id, run_name, notebook } = run.info;
  const label = trans.__('%1 = %2 in %3: go to its cell', key, exactNumber(value), run_name);
  return (
    <button
      className="nbtrail-Metric"
      data-testid="nbtrail-metric"
      data-key={key}
      data-run-id={run_id}
      aria-label={label}
      title={label}
      onClick={() => void commands.execute(CommandIDs.revealCell, { notebook, cellId: cell_id })}
    >
      {!isBare && <span className="nbtrail-Key">{key}</span>} {formatNumber(value)}
    </button>
  );
}
