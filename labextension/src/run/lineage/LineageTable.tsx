import React from 'react';

import type { ILineage } from '../../api/trails';
import { useServices } from '../../common/context';
import { kindInWords } from './LineageNode';

/** The graph in words: each line is one way from something to what came of it. */
export function LineageTable({ lineage }: { lineage: ILineage }): React.JSX.Element {
  const { trans } = useServices();
  const names = new Map(
    lineage.nodes.map(({ id, kind, label }) => [id, `${kindInWords(kind, trans)} ${label}`])
  );
  return (
    <div className="nbtrail-Scroll" tabIndex={0}>
      <table className="nbtrail-Facts" data-testid="nbtrail-lineage-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('From')}</th>
            <th scope="col">{trans.__('To')}</th>
          </tr>
        </thead>
        <tbody>
          {lineage.edges.map(([from, to]) => (
            <tr key={`${from} ${to}`}>
              <th scope="row">{names.get(from) ?? from}</th>
              <td>{names.get(to) ?? to}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
