import React, { useMemo } from 'react';

import { Figure } from '../chart/Figure';
import { type IDot, scatterFigure } from '../chart/scatter';
import { useServices } from '../common/context';
import { ColumnSelect } from './ColumnSelect';
import { parted } from './columns';
import { useComparePage, useComparison, useDrawnRuns } from './context';
import { scatterOf } from './model';
import { Tick } from './Tick';
import { axisValues } from './values';

/** A point a run, by two of its values; a click opens the run. */
export function ScatterView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { openRun } = useComparePage();
  const { choice, choose, keys } = useComparison();
  const { log_x, log_y } = choice;
  const [across, up] = scatterOf(choice, keys);
  const dots = useDots(across, up);
  const figure = useMemo(() => {
    const titles = { xTitle: parted(across).key, yTitle: parted(up).key };
    return scatterFigure(dots, { ...titles, logX: log_x, logY: log_y });
  }, [dots, across, up, log_x, log_y]);
  if (dots.length === 0) {
    return null;
  }
  return (
    <>
      <div className="nbtrail-Choices">
        <ColumnSelect
          label={trans.__('To the right')}
          value={across}
          onChoose={column => choose({ scatter: [column, up] })}
        />
        <ColumnSelect
          label={trans.__('Upwards')}
          value={up}
          onChoose={column => choose({ scatter: [across, column] })}
        />
        <Tick name="log_x">{trans.__('log x')}</Tick>
        <Tick name="log_y">{trans.__('log y')}</Tick>
        {figure.dropped > 0 && (
          <span className="nbtrail-Hint">
            {trans._n('%1 run has no place here', '%1 runs have no place here', figure.dropped)}
          </span>
        )}
        <TableLink columns={[across, up]} />
      </div>
      <div className="nbtrail-Compare-figure">
        <Figure
          data={figure.data}
          layout={figure.layout}
          label={trans.__('%1 and %2 of %3 runs', across, up, dots.length)}
          onClick={openRun}
        />
      </div>
    </>
  );
}

/** To the table of what is drawn. */
export function TableLink({ columns }: { columns: readonly string[] }): React.JSX.Element {
  const { trans } = useServices();
  const { choose } = useComparison();
  return (
    <button className="nbtrail-Link" onClick={() => choose({ view: 'table', columns })}>
      {trans.__('Show as table')}
    </button>
  );
}

function useDots(across: string, up: string): IDot[] {
  const { table } = useComparison();
  const runs = useDrawnRuns();
  return useMemo(() => {
    const [xs, ys] = [across, up].map(name => axisValues(table.columns[name] ?? []));
    return runs.map(({ runId, name, look, row }) => ({
      id: runId,
      name,
      look,
      x: xs[row] ?? null,
      y: ys[row] ?? null
    }));
  }, [table, runs, across, up]);
}
