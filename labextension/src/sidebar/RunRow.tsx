import { Time } from '@jupyterlab/coreutils';
import React from 'react';

import { keyParams, keyParamsFirst } from '../common/rows';
import { formatDuration, relativeTime } from '../common/format';
import type { IRun } from '../tokens';
import { FewOf } from '../common/FewOf';
import { MetricButton } from '../common/MetricButton';
import { ParamChip } from '../common/ParamChip';
import { StatusLabel } from '../common/StatusLabel';
import { Swatch } from '../common/Swatch';
import { useTrail, useTrailState } from './context';

interface IRunRowProps {
  run: IRun;
  isSelected: boolean;
  isCharted: boolean;
}

/** One run: what became of it, when, with which params, and what it measured. */
export function RunRow({ run, isSelected, isCharted }: IRunRowProps): React.JSX.Element {
  const model = useTrail();
  const { run_id, run_name, status, error } = run.info;
  return (
    <li className="nbtrail-Run" data-testid="nbtrail-run" data-run-id={run_id} data-status={status}>
      <label className="nbtrail-Run-head" title={`${run_name}\n${run_id}`}>
        <input type="checkbox" checked={isSelected} onChange={() => model.toggleRun(run_id)} />
        {isCharted && <Swatch runId={run_id} />}
        <span className="nbtrail-Run-name">{run_name || run_id.slice(0, 8)}</span>
      </label>
      <RunFacts run={run} />
      {error !== null && (
        <p className="nbtrail-Run-error" title={error}>
          {error}
        </p>
      )}
      <FewOf
        few={keyParams(run.params).length}
        items={keyParamsFirst(run.params).map(param => (
          <ParamChip key={param.key} param={param} />
        ))}
      />
      <FewOf
        few={run.metrics.length}
        items={run.metrics.map(metric => (
          <MetricButton key={metric.key} run={run} metric={metric} />
        ))}
      />
    </li>
  );
}

function RunFacts({ run }: { run: IRun }): React.JSX.Element {
  const { experiments, experimentId } = useTrailState();
  const { status, start_time, end_time, experiment_id } = run.info;
  const started = new Date(start_time);
  const experiment = experiments.find(one => one.experiment_id === experiment_id);
  return (
    <div className="nbtrail-Run-facts">
      <StatusLabel status={status} />
      <time dateTime={started.toISOString()} title={Time.format(started)}>
        {relativeTime(start_time)}
      </time>
      {end_time !== null && <span>{formatDuration(end_time - start_time)}</span>}
      {experimentId === null && experiment && (
        <span title={experiment.name}>{experiment.name}</span>
      )}
    </div>
  );
}
