import React from 'react';

import type { IChange } from '../api/charts';
import { useServices } from '../common/context';
import { formatNumber } from '../common/format';

interface IChangesTableProps {
  title: string;
  changes: readonly IChange[];
}

/** What two runs have under the same keys. */
export function ChangesTable({ title, changes }: IChangesTableProps): React.JSX.Element {
  const { trans } = useServices();
  return (
    <table className="nbtrail-Table nbtrail-TrailDiff-changes">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('Key')}</th>
          <th scope="col">{trans.__('From')}</th>
          <th scope="col">{trans.__('To')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ key, a, b }) => (
          <tr key={key} data-key={key}>
            <th scope="row" title={key}>
              {key}
            </th>
            <td title={inWords(a)}>{short(a)}</td>
            <td title={inWords(b)}>{short(b)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function short(value: unknown): string {
  return typeof value === 'number' ? formatNumber(value) : inWords(value);
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) {
    return '–';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
