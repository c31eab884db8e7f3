import React from 'react';

import { useServices } from '../common/context';
import { allColumns } from './columns';
import { useComparePage, useComparison, useDrawnRuns } from './context';
import { KeyChooser } from './KeyChooser';
import { axesOf } from './model';
import { Parallel } from './Parallel';
import { TableLink } from './ScatterView';

/** A line a run across an axis a column; part of an axis can be chosen, the others turn grey. */
export function ParallelView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { openRun } = useComparePage();
  const { choice, choose, keys, table } = useComparison();
  const runs = useDrawnRuns();
  const axes = axesOf(choice, keys);
  if (table.total === 0) {
    return null;
  }
  return (
    <>
      <div className="nbtrail-Choices">
        <KeyChooser
          title={trans.__('Axes (%1)', axes.length)}
          label={trans.__('Find an axis')}
          all={allColumns(keys)}
          chosen={axes}
          onChoose={chosen => choose({ axes: chosen })}
          onReset={choice.axes === null ? null : () => choose({ axes: null })}
        />
        <TableLink columns={axes} />
      </div>
      {axes.length < 2 ? (
        <p className="nbtrail-Note">{trans.__('Choose two axes or more.')}</p>
      ) : (
        <Parallel
          key={axes.join()}
          axes={axes}
          columns={table.columns}
          runs={runs}
          onOpen={openRun}
        />
      )}
    </>
  );
}
