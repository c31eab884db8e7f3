import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useLive, useOwnId, useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import { LostNote } from '../common/LostNote';
import { TabBar } from '../common/TabBar';
import { type View, VIEWS } from './choice';
import { useComparePage, useComparison } from './context';
import { FilterBox } from './FilterBox';
import { VIEW_COMPONENTS } from './views';

/** The whole page: which runs, and below it one of the ways to look at them. */
export function CompareView(): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useComparePage();
  const { ready, error, table } = useLive(model);
  if (error !== null) {
    return <ErrorState message={error} retry={() => model.invalidate()} />;
  }
  if (!ready || table === null) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  return <Loaded />;
}

function Loaded(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose } = useComparison();
  const Shown = VIEW_COMPONENTS[choice.view];
  const titles = titlesOf(trans);
  const panelId = useOwnId();
  return (
    <>
      <LostNote />
      <div className="nbtrail-Compare-head">
        <FilterBox />
        <TabBar
          className="nbtrail-Compare-tabs"
          panelId={panelId}
          label={trans.__('Views of the comparison')}
          tabs={VIEWS.map(id => ({ id, title: titles[id] }))}
          selected={choice.view}
          onSelect={view => choose({ view })}
        />
      </div>
      <div
        id={panelId}
        className="nbtrail-Compare-view"
        role="tabpanel"
        aria-label={titles[choice.view]}
        data-view={choice.view}
      >
        <NoRuns />
        <Shown />
      </div>
    </>
  );
}

/** What to do where there is nothing to compare. */
function NoRuns(): React.JSX.Element | null {
  const { trans } = useServices();
  const { table, choice, choose } = useComparison();
  if (table.total > 0) {
    return null;
  }
  return (
    <div className="nbtrail-State" data-testid="nbtrail-compare-empty">
      <p>
        {choice.filter
          ? trans.__('No run is left by this filter.')
          : trans.__('There are no runs to compare here: they were deleted, or none was made yet.')}
      </p>
      {choice.filter && (
        <button className="jp-mod-styled jp-mod-accept" onClick={() => choose({ filter: '' })}>
          {trans.__('Clear the filter')}
        </button>
      )}
    </div>
  );
}

function titlesOf(trans: TranslationBundle): Record<View, string> {
  return {
    table: trans.__('Table'),
    charts: trans.__('Charts'),
    bars: trans.__('Bars'),
    scatter: trans.__('Scatter'),
    parallel: trans.__('Parallel'),
    importance: trans.__('Importance'),
    images: trans.__('Images'),
    diff: trans.__('Cells')
  };
}
