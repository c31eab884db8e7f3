import React from 'react';

import { useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import { LostNote } from '../common/LostNote';
import type { ITrailState } from '../tokens';
import { Comparison } from './Comparison';
import { useTrailState } from './context';
import { EmptyState } from './EmptyState';
import { ExperimentSelect } from './ExperimentSelect';
import { MetricChart } from './MetricChart';
import { RunList } from './RunList';
import { SearchBox } from './SearchBox';
import type { SearchModel } from './search';

/** The runs: experiment, filter, list, chart, and below them the comparison of the ticked runs. */
export function RunsView({ search }: { search: SearchModel }): React.JSX.Element {
  const { trans } = useServices();
  const state = useTrailState();
  if (state.error !== null && state.experiments.length === 0) {
    return <ErrorState message={state.error} />;
  }
  if (!state.ready) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  if (isEmpty(state)) {
    return <EmptyState />;
  }
  return (
    <>
      {state.error !== null && <ErrorState message={state.error} />}
      <LostNote />
      <ExperimentSelect />
      <SearchBox search={search} />
      <RunList />
      {state.runs.length > 0 && <MetricChart />}
      {state.selected.length > 1 && <Comparison />}
    </>
  );
}

/** Whether nothing was recorded yet. */
function isEmpty({ runs, filter, view, experiments }: ITrailState): boolean {
  const isUnasked = runs.length === 0 && filter === '' && view === 'active';
  return isUnasked && experiments.every(experiment => experiment.run_count === 0);
}
