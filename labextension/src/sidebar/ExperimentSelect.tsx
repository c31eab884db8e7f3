import { HTMLSelect } from '@jupyterlab/ui-components';
import React from 'react';

import { useServices } from '../common/context';
import { useTrail, useTrailState } from './context';

const ALL = '';

/** Which experiment's runs to list; the server names those with the newest activity first. */
export function ExperimentSelect(): React.JSX.Element {
  const { trans } = useServices();
  const model = useTrail();
  const { experiments, experimentId } = useTrailState();
  const active = experiments.filter(experiment => experiment.lifecycle_stage === 'active');
  const total = active.reduce((sum, experiment) => sum + experiment.run_count, 0);
  return (
    <HTMLSelect
      className="nbtrail-Select"
      aria-label={trans.__('Experiment')}
      data-testid="nbtrail-experiment"
      value={experimentId ?? ALL}
      onChange={event => model.showExperiment(event.target.value || null)}
    >
      <option value={ALL}>{trans.__('All experiments (%1)', total)}</option>
      {active.map(experiment => (
        <option key={experiment.experiment_id} value={experiment.experiment_id}>
          {`${experiment.name} (${experiment.run_count})`}
        </option>
      ))}
    </HTMLSelect>
  );
}
