import { HTMLSelect } from '@jupyterlab/ui-components';
import React from 'react';

import { useServices } from '../common/context';
import type { IExperiment } from '../tokens';
import { useTrail, useTrailState } from './context';
import { byProject } from './projects';

const ALL = '';

/** Which experiment's runs to list, by project; those with the newest activity first. */
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
      {byProject(active).map(({ name, experiments }) =>
        name === null ? (
          <Options key="" experiments={experiments} />
        ) : (
          <optgroup key={name} label={name}>
            <Options experiments={experiments} />
          </optgroup>
        )
      )}
    </HTMLSelect>
  );
}

function Options({ experiments }: { experiments: readonly IExperiment[] }): React.JSX.Element {
  return (
    <>
      {experiments.map(({ experiment_id, name, run_count }) => (
        <option key={experiment_id} value={experiment_id}>
          {`${name} (${run_count})`}
        </option>
      ))}
    </>
  );
}
