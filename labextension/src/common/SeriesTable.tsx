import React from 'react';

import type { ICurve } from '../chart/figure';
import { exactNumber } from './format';
import { useServices } from './context';

/** The numbers behind the chart. */
export function SeriesTable({ curves }: { curves: readonly ICurve[] }): React.JSX.Element {
  const { trans } = useServices();
  return (
    <div className="nbtrail-Scroll nbtrail-SeriesTable" tabIndex={0}>
      <table className="nbtrail-Table" data-testid="nbtrail-chart-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Run')}</th>
            <th scope="col">{trans.__('Step')}</th>
            <th scope="col">{trans.__('Value')}</th>
            <th scope="col">{trans.__('Time')}</th>
          </tr>
        </thead>
        {curves.map(curve => (
          <CurveRows key={curve.series.run_id} curve={curve} />
        ))}
      </table>
    </div>
  );
}

function CurveRows({ curve: { series, name } }: { curve: ICurve }): React.JSX.Element {
  return (
    <tbody>
      {series.value.map((value, i) => (
        <tr key={i}>
          <th scope="row">{name}</th>
          <td>{series.step[i]}</td>
          <td>{exactNumber(value)}</td>
          <td>{new Date(series.timestamp[i]).toLocaleTimeString()}</td>
        </tr>
      ))}
    </tbody>
  );
}
