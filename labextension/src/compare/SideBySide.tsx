import React from 'react';

import { useServices } from '../common/context';
import { Swatch } from '../common/Swatch';
import { disagree, parted } from './columns';
import { useComparePage, useComparison } from './context';
import { ValueCell } from './RunLine';

/** More columns than this nobody reads side by side. */
const MOST_RUNS = 50;

/** The table turned: one column a run, one row a param or metric. */
export function SideBySide({ columns }: { columns: readonly string[] }): React.JSX.Element {
  const { trans } = useServices();
  const { table } = useComparison();
  const rows = table.runs.run_id.map((_, row) => row).slice(0, MOST_RUNS);
  return (
    <div
      className="nbtrail-Scroll nbtrail-RunsTable"
      tabIndex={0}
      role="region"
      aria-label={trans.__('Runs side by side')}
    >
      <table className="nbtrail-Table nbtrail-SideBySide">
        <Runs rows={rows} />
        <tbody>
          {columns.map(column => (
            <Values key={column} column={column} rows={rows} />
          ))}
        </tbody>
      </table>
      {rows.length < table.runs.run_id.length && (
        <p className="nbtrail-Hint">
          {trans.__('The first %1 of %2 runs.', rows.length, table.runs.run_id.length)}
        </p>
      )}
    </div>
  );
}

function Runs({ rows }: { rows: readonly number[] }): React.JSX.Element {
  const { openRun } = useComparePage();
  const { table } = useComparison();
  const { run_id, name } = table.runs;
  return (
    <thead>
      <tr>
        <td />
        {rows.map(row => (
          <th key={run_id[row]} scope="col">
            <Swatch runId={run_id[row]} />
            <button
              className="nbtrail-Link nbtrail-Run-name"
              title={name[row]}
              onClick={() => openRun(run_id[row])}
            >
              {name[row] || run_id[row].slice(0, 8)}
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface IValuesProps {
  column: string;
  rows: readonly number[];
}

/** A param or metric in all runs; marked where they disagree. */
function Values({ column, rows }: IValuesProps): React.JSX.Element {
  const { table, choice } = useComparison();
  const values = table.columns[column] ?? [];
  const base = table.runs.run_id.indexOf(choice.baseline ?? '');
  return (
    <tr data-key={column} data-differs={disagree(rows.map(row => values[row]))}>
      <th scope="row" title={column}>
        {parted(column).key}
      </th>
      {rows.map(row => (
        <ValueCell
          key={row}
          column={column}
          value={values[row] ?? null}
          base={base < 0 || base === row ? null : (values[base] ?? null)}
          edge={undefined}
        />
      ))}
    </tr>
  );
}
