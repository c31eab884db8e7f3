import React, { memo } from 'react';

import { useServices } from '../common/context';
import { FewOf } from '../common/FewOf';
import { fullTime, relativeTime } from '../common/format';
import { MetricButton } from '../common/MetricButton';
import { ParamChip } from '../common/ParamChip';
import { keyParams, keyParamsFirst } from '../common/rows';
import { StatusLabel } from '../common/StatusLabel';
import { Badge } from '../common/Badge';
import { SWEEP } from '../run/keys';
import type { IRun } from '../tokens';
import { columnsFirst } from './columns';
import { useTrailPart } from './context';
import { Duration } from './Duration';
import { RunHead } from './RunHead';
import { useRunMenu } from './useRunMenu';

const VERDICT_TAG = 'nbtrail.verdict';
const REPRODUCTION_TAG = 'nbtrail.reproduction';

interface IRunRowProps {
  run: IRun;
  isSelected: boolean;
  isCharted: boolean;
  /** Grows when the words for its times are others. */
  minutes: number;
}

/** One run: what became of it, when, with which params, and what it measured. */
export const RunRow = memo(function RunRow({ run, isSelected, isCharted }: IRunRowProps) {
  const { run_id, status, error } = run.info;
  const openMenu = useRunMenu(run);
  return (
    <li
      className="nbtrail-Run"
      data-testid="nbtrail-run"
      data-run-id={run_id}
      data-status={status}
      onContextMenu={event => {
        if (!event.shiftKey) {
          event.preventDefault();
          event.stopPropagation();
          openMenu({ x: event.clientX, y: event.clientY });
        }
      }}
    >
      <RunHead run={run} isSelected={isSelected} isCharted={isCharted} />
      <RunFacts run={run} />
      <div className="nbtrail-Run-badges">
        <Badge kind="verdict" word={run.tags[VERDICT_TAG]} />
        <Badge kind="reproduction" word={run.tags[REPRODUCTION_TAG]} />
      </div>
      {error !== null && (
        <p className="nbtrail-Run-error" title={error}>
          {error}
        </p>
      )}
      <RunValues run={run} />
    </li>
  );
});

function RunFacts({ run }: { run: IRun }): React.JSX.Element {
  const { trans } = useServices();
  const { status, start_time, experiment_id, lifecycle_stage } = run.info;
  const started = new Date(start_time).toISOString();
  const experiment = useTrailPart(({ experiments, experimentId }) =>
    experimentId === null
      ? experiments.find(one => one.experiment_id === experiment_id)?.name
      : undefined
  );
  return (
    <div className="nbtrail-Run-facts">
      <StatusLabel status={status} />
      <time dateTime={started} title={fullTime(start_time)}>
        {relativeTime(start_time)}
      </time>
      <Duration run={run} />
      <Progress run={run} />
      {lifecycle_stage === 'deleted' && <span>{trans.__('deleted')}</span>}
      {experiment && <span title={experiment}>{experiment}</span>}
    </div>
  );
}

/** How many of its cells were executed, or trials of a sweep, where a background job knows. */
function Progress({ run }: { run: IRun }): React.JSX.Element | null {
  const { trans } = useServices();
  const known = useTrailPart(({ progress }) => progress.get(run.info.run_id));
  if (known === undefined || run.info.status !== 'RUNNING') {
    return null;
  }
  const { cells_done, cells_total } = known;
  const far = [cells_done, cells_total ?? '?'];
  return (
    <span className="nbtrail-Run-progress">
      <progress
        aria-label={trans.__('Progress of %1', run.info.run_name)}
        value={cells_done}
        max={Math.max(cells_total ?? 0, cells_done, 1)}
      />
      {SWEEP in run.tags ? trans.__('trial %1 of %2', ...far) : trans.__('cell %1 of %2', ...far)}
    </span>
  );
}

/** Its params and metrics: first those that have a column. */
function RunValues({ run }: { run: IRun }): React.JSX.Element {
  const columns = useTrailPart(state => state.columns);
  const params = columnsFirst(keyParamsFirst(run.params), columns.params);
  const metrics = columnsFirst(run.metrics, columns.metrics);
  return (
    <>
      <FewOf
        few={params.few || keyParams(run.params).length}
        items={params.items}
        show={param => <ParamChip key={param.key} param={param} />}
      />
      <FewOf
        few={metrics.few || run.metrics.length}
        items={metrics.items}
        show={metric => <MetricButton key={metric.key} run={run} metric={metric} />}
      />
    </>
  );
}
