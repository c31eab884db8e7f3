import React from 'react';

import { Comparison } from './Comparison';
import { EmptyState } from './EmptyState';
import { ErrorState } from '../common/ErrorState';
import { ExperimentSelect } from './ExperimentSelect';
import { MetricChart } from './MetricChart';
import { RunList } from './RunList';
import { useServices } from '../common/context';
import { useTrailState } from './context';

/** The whole panel: experiment, runs, chart, and below them the comparison of the ticked runs. */
export function TrailView(): React.JSX.Element {
  const { trans } = useServices();
  const state = useTrailState();
  if (state.error !== null) {
    return <ErrorState message={state.error} />;
  }
  if (!state.ready) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  if (state.runs.length === 0 && state.experimentId === null) {
    return <EmptyState />;
  }
  return (
    <>
      <ExperimentSelect />
      <RunList />
      {state.runs.length > 0 && <MetricChart />}
      {state.selected.length > 1 && <Comparison />}
    </>
  );
}
