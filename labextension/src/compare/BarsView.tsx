import React, { useMemo } from 'react';

import { Figure } from '../chart/Figure';
import { barsOf as figureOf, type ILine } from '../chart/lines';
import { useServices } from '../common/context';
import { ColumnSelect } from './ColumnSelect';
import { useComparePage, useComparison, useDrawnRuns } from './context';
import { barsOf } from './model';
import { TableLink } from './ScatterView';
import { numberIn, parted } from './columns';

/** In pixels. */
const BAR = 22;
const AXIS = 60;

/** One value of each run as a bar, in the order of the table. */
export function BarsView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { choice, choose, keys, table } = useComparison();
  const column = barsOf(choice, keys);
  if (table.total === 0) {
    return null;
  }
  if (column === null) {
    return <p className="nbtrail-Note">{trans.__('These runs have no metrics.')}</p>;
  }
  return (
    <>
      <div className="nbtrail-Choices">
        <ColumnSelect
          label={trans.__('Length')}
          value={column}
          among={name => name.startsWith('metrics.') || name === 'attributes.duration'}
          onChoose={bars => choose({ bars })}
        />
        <TableLink columns={[column]} />
      </div>
      <Bars column={column} />
    </>
  );
}

function Bars({ column }: { column: string }): React.JSX.Element {
  const { trans } = useServices();
  const { openRun } = useComparePage();
  const { table } = useComparison();
  const runs = useDrawnRuns();
  const figure = useMemo(() => {
    const values = table.columns[column] ?? [];
    const lines: ILine[] = runs.map(({ runId, name, look, row }) => ({
      ...{ id: runId, name, look, x: [0], y: [numberIn(values[row])] },
      ...{ low: null, high: null, n: null }
    }));
    return figureOf(lines, lines.length);
  }, [table, column, runs]);
  return (
    <div style={{ flex: 'none', height: runs.length * BAR + AXIS }}>
      <Figure
        data={figure.data}
        layout={figure.layout}
        label={trans.__('%1 of %2 runs', parted(column).key, runs.length)}
        onClick={openRun}
      />
    </div>
  );
}
