import React from 'react';

import type { Cell } from '../api/charts';
import { useServices } from '../common/context';
import { formatNumber } from '../common/format';
import { StatusLabel } from '../common/StatusLabel';
import { Swatch } from '../common/Swatch';
import { delta } from './columns';
import { useComparePage, useComparison } from './context';
import { written } from './written';

interface IRunLineProps {
  row: number;
  /** Its place among the lines, from 0. */
  place: number;
  columns: readonly string[];
  edges: ReadonlyMap<string, number>;
}

/** One run of the table. */
export function RunLine({ row, place, columns, edges }: IRunLineProps): React.JSX.Element {
  const { table, choice } = useComparison();
  const runId = table.runs.run_id[row];
  const isBase = choice.baseline === runId;
  const base = table.runs.run_id.indexOf(choice.baseline ?? '');
  return (
    <tr
      data-run-id={runId}
      data-testid="nbtrail-compare-run"
      data-baseline={isBase}
      aria-rowindex={place + 2}
    >
      <RunName row={row} isBase={isBase} />
      {columns.map(column => (
        <ValueCell
          key={column}
          column={column}
          value={table.columns[column]?.[row] ?? null}
          base={base < 0 || isBase ? null : (table.columns[column]?.[base] ?? null)}
          edge={edges.get(column)}
        />
      ))}
    </tr>
  );
}

function RunName({ row, isBase }: { row: number; isBase: boolean }): React.JSX.Element {
  const { trans } = useServices();
  const { openRun } = useComparePage();
  const { table, choice, choose } = useComparison();
  const runId = table.runs.run_id[row];
  const name = table.runs.name[row] || runId.slice(0, 8);
  const isHidden = choice.hidden.includes(runId);
  const toggle = () =>
    choose({
      hidden: isHidden ? choice.hidden.filter(id => id !== runId) : [...choice.hidden, runId]
    });
  return (
    <th scope="row">
      <span className="nbtrail-Table-run">
        <input
          type="checkbox"
          checked={!isHidden}
          onChange={toggle}
          aria-label={trans.__('Draw %1 in the charts', name)}
          title={trans.__('Draw it in the charts')}
        />
        <Swatch runId={runId} />
        <button
          className="nbtrail-Link nbtrail-Run-name"
          title={name}
          onClick={() => openRun(runId)}
        >
          {name}
        </button>
        <StatusLabel status={table.runs.status[row]} />
        <button
          className="nbtrail-Base"
          aria-pressed={isBase}
          aria-label={trans.__('Measure the others by %1', name)}
          title={trans.__('Baseline: measure the others by this run')}
          onClick={() => choose({ baseline: isBase ? null : runId })}
        >
          Δ
        </button>
      </span>
    </th>
  );
}

interface IValueCellProps {
  column: string;
  value: Cell;
  base: Cell;
  edge: number | undefined;
}

/** What a run has in a column, and how far that is from the baseline. */
export function ValueCell({ column, value, base, edge }: IValueCellProps): React.JSX.Element {
  const { text, exact } = written(column, value);
  const change = column === 'attributes.start_time' ? null : delta(value, base);
  const isNumber = typeof value === 'number' || value === 'NaN';
  return (
    <td
      title={exact}
      data-column={column}
      data-number={isNumber}
      data-pinned={edge !== undefined}
      style={edge === undefined ? undefined : { left: edge }}
    >
      {text}
      {change !== null && change.by !== 0 && <Delta by={change.by} ratio={change.ratio} />}
    </td>
  );
}

/** What it is more or less than the baseline's: a sign tells, not a colour. */
function Delta({ by, ratio }: { by: number; ratio: number | null }): React.JSX.Element {
  const sign = by > 0 ? '+' : '−';
  const percent = ratio === null ? '' : ` (${sign}${formatNumber(Math.abs(ratio) * 100)} %)`;
  return (
    <span className="nbtrail-Delta" title={sign + formatNumber(Math.abs(by)) + percent}>
      {sign}
      {formatNumber(Math.abs(by))}
    </span>
  );
}
