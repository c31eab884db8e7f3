import { Button } from '@jupyterlab/ui-components';
import React from 'react';

import { chartedRuns } from '../chart/choice';
import { RunRow } from './RunRow';
import { Section } from '../common/Section';
import { useMinutes, useServices } from '../common/context';
import { useTrail, useTrailState } from './context';

/** The runs, newest first, each with a box to tick for comparison. */
export function RunList(): React.JSX.Element {
  const { trans } = useServices();
  const model = useTrail();
  const state = useTrailState();
  useMinutes(model);
  const charted = new Set(chartedRuns(state).map(run => run.info.run_id));
  return (
    <Section title={trans.__('Runs')} actions={<SelectionNote />}>
      {state.runs.length === 0 && (
        <p className="nbtrail-Note">{trans.__('This experiment has no runs.')}</p>
      )}
      <ul className="nbtrail-RunList">
        {state.runs.map(run => (
          <RunRow
            key={run.info.run_id}
            run={run}
            isSelected={state.selected.includes(run.info.run_id)}
            isCharted={charted.has(run.info.run_id)}
          />
        ))}
      </ul>
      {state.hasOlder && (
        <Button minimal small className="nbtrail-Older" onClick={() => model.showOlder()}>
          {trans.__('Show older runs')}
        </Button>
      )}
    </Section>
  );
}

/** How many runs are ticked, or what ticking is for. */
function SelectionNote(): React.JSX.Element {
  const { trans } = useServices();
  const model = useTrail();
  const { selected, runs } = useTrailState();
  if (selected.length === 0) {
    const hint = runs.length > 1 ? trans.__('Tick two or more to compare') : '';
    return <span className="nbtrail-Hint">{hint}</span>;
  }
  return (
    <button className="nbtrail-Link" onClick={() => model.clearSelection()}>
      {trans.__('Clear %1 ticked', selected.length)}
    </button>
  );
}
