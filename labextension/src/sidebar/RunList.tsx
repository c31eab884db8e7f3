import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import React from 'react';

import { chartedRuns } from '../chart/choice';
import { useMinutes, useServices } from '../common/context';
import { Section } from '../common/Section';
import { CommandIDs, type IRun, type RunView } from '../tokens';
import { useTrail, useTrailState } from './context';
import { RunRow } from './RunRow';

/** The runs, those of the notebook in front before the others, each with a box to tick. */
export function RunList(): React.JSX.Element {
  const { trans } = useServices();
  const model = useTrail();
  const state = useTrailState();
  const minutes = useMinutes(model);
  const { runs, ownCount, notebook } = state;
  const title = state.view === 'deleted' ? trans.__('Deleted runs') : trans.__('Runs');
  const own = (notebook ?? '').split('/').pop();
  const isDivided = ownCount > 0 && ownCount < runs.length;
  return (
    <Section title={title} actions={<SelectionNote />}>
      {runs.length === 0 && <Nothing />}
      <div className="nbtrail-RunList">
        {isDivided && <h3>{own}</h3>}
        <Rows runs={runs.slice(0, ownCount)} minutes={minutes} />
        {isDivided && <h3>{trans.__('Other runs')}</h3>}
        <Rows runs={runs.slice(ownCount)} minutes={minutes} />
      </div>
      <Footer />
    </Section>
  );
}

interface IRowsProps {
  runs: readonly IRun[];
  minutes: number;
}

function Rows({ runs, minutes }: IRowsProps): React.JSX.Element | null {
  const state = useTrailState();
  const charted = new Set(chartedRuns(state).map(run => run.info.run_id));
  return runs.length === 0 ? null : (
    <ul>
      {runs.map(run => (
        <RunRow
          key={run.info.run_id}
          run={run}
          isSelected={state.selected.includes(run.info.run_id)}
          isCharted={charted.has(run.info.run_id)}
          minutes={minutes}
        />
      ))}
    </ul>
  );
}

/** Why there is no run to show. */
function Nothing(): React.JSX.Element {
  const { trans } = useServices();
  const { retention } = useTrail();
  const { filter, view } = useTrailState();
  return <p className="nbtrail-Note">{wordsFor(trans, filter, view, retention)}</p>;
}

function wordsFor(trans: TranslationBundle, filter: string, view: RunView, days: number): string {
  if (filter) {
    return trans.__('No run fulfils the filter.');
  }
  if (days > 0) {
    return trans._n('No run of the last day.', 'No run of the last %1 days.', days);
  }
  return view === 'deleted'
    ? trans.__('No run of this experiment is deleted.')
    : trans.__('This experiment has no runs.');
}

/** The way to older runs, and to those that were deleted. */
function Footer(): React.JSX.Element {
  const { trans } = useServices();
  const model = useTrail();
  const { hasOlder, view } = useTrailState();
  const isDeleted = view === 'deleted';
  return (
    <>
      {hasOlder && (
        <Button minimal small className="nbtrail-Older" onClick={() => model.showOlder()}>
          {trans.__('Show older runs')}
        </Button>
      )}
      <button className="nbtrail-Link" onClick={() => model.show(isDeleted ? 'active' : 'deleted')}>
        {isDeleted ? trans.__('Back to the runs') : trans.__('Show deleted runs')}
      </button>
    </>
  );
}

/** What can be done with the ticked runs, or what ticking is for. */
function SelectionNote(): React.JSX.Element {
  const { commands, trans } = useServices();
  const model = useTrail();
  const { selected, runs } = useTrailState();
  if (selected.length === 0) {
    const hint = runs.length > 1 ? trans.__('Tick two or more to compare') : '';
    return <span className="nbtrail-Hint">{hint}</span>;
  }
  return (
    <span className="nbtrail-Controls">
      {selected.length > 1 && (
        <Button
          small
          className="jp-mod-styled jp-mod-accept nbtrail-Compare"
          onClick={() => void commands.execute(CommandIDs.compareRuns)}
        >
          {trans.__('Compare %1', selected.length)}
        </Button>
      )}
      <button className="nbtrail-Link" onClick={() => model.clearSelection()}>
        {trans.__('Clear')}
      </button>
    </span>
  );
}
