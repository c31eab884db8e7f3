import React from 'react';

import { useServices } from '../common/context';
import { exactNumber } from '../common/format';
import type { ILine } from './lines';

/** More rows than these are for a file, not for reading. */
const MOST_ROWS = 1000;

/** The numbers behind lines. */
export function LinesTable({
  lines,
  axis
}: {
  lines: readonly ILine[];
  axis: string;
}): React.JSX.Element {
  const { trans } = useServices();
  const hasN = lines.some(({ n }) => n !== null);
  const rows = lines.flatMap(line => line.x.map((_, i) => ({ line, i })));
  return (
    <div className="nbtrail-Scroll nbtrail-LinesTable" tabIndex={0}>
      <table className="nbtrail-Table" data-testid="nbtrail-lines-table">
        <thead>
          <tr>
            <th scope="col">{hasN ? trans.__('Group') : trans.__('Run')}</th>
            <th scope="col">{axis}</th>
            <th scope="col">{hasN ? trans.__('Mean') : trans.__('Value')}</th>
            {hasN && <th scope="col">{trans.__('Runs (n)')}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ line, i }) => (
            <tr key={`${line.id} ${i}`}>
              <th scope="row">{line.name}</th>
              <td>{line.x[i]}</td>
              <td>{exactNumber(line.y[i])}</td>
              {hasN && <td>{line.n?.[i]}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && (
        <p className="nbtrail-Hint">
          {trans.__('These are the first %1 of %2 points.', MOST_ROWS, rows.length)}
        </p>
      )}
    </div>
  );
}
