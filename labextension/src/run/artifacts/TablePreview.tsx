import React from 'react';

import type { IPreview } from '../../api/artifacts';
import { useServices } from '../../common/context';

/** The first rows of a table. */
export function TablePreview({ file }: { file: IPreview }): React.JSX.Element {
  const { trans } = useServices();
  const columns = file.columns ?? [];
  const rows = file.rows ?? [];
  return (
    <>
      <div className="nbtrail-Scroll nbtrail-DataTable" tabIndex={0}>
        <table className="nbtrail-Table" aria-label={file.path}>
          <thead>
            <tr>
              {columns.map((column, i) => (
                <th key={i} scope="col" title={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => (
                  <td key={j} title={cell ?? undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="nbtrail-Note">
        {file.total === null
          ? trans.__('The first %1 rows', rows.length)
          : trans.__('%1 of %2 rows', rows.length, file.total)}
      </p>
    </>
  );
}
