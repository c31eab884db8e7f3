import React, { useState } from 'react';

import { chartedRuns } from '../chart/choice';
import { differs, metricRows, paramRows } from '../common/rows';
import type { IRun } from '../tokens';
import { MetricButton } from '../common/MetricButton';
import { Section } from '../common/Section';
import { Swatch } from '../common/Swatch';
import { useServices } from '../common/context';
import { useTrailState } from './context';

/** In pixels; two runs and the keys fit into a sidebar that nobody widened. */
const COLUMN_WIDTH = 72;

/** The ticked runs side by side: the params that differ, then the metrics. */
export function Comparison(): React.JSX.Element {
  const { trans } = useServices();
  const runs = chartedRuns(useTrailState());
  const minWidth = (runs.length + 1) * COLUMN_WIDTH;
  return (
    <Section title={trans.__('Compare %1 runs', runs.length)} testId="nbtrail-compare">
      <div className="nbtrail-Scroll" tabIndex={0}>
        <table className="nbtrail-Table nbtrail-Comparison" style={{ minWidth }}>
          <thead>
            <tr>
              <td />
              {runs.map(({ info }) => (
                <th key={info.run_id} scope="col" title={info.run_name}>
                  <Swatch runId={info.run_id} />
                  <span className="nbtrail-Run-name">{info.run_name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <ParamRows runs={runs} />
          <MetricRows runs={runs} />
        </table>
      </div>
    </Section>
  );
}

function ParamRows({ runs }: { runs: IRun[] }): React.JSX.Element {
  const { trans } = useServices();
  const [showsAll, setShowsAll] = useState(false);
  const all = paramRows(runs);
  const different = all.filter(differs);
  const equal = all.length - different.length;
  return (
    <tbody data-testid="nbtrail-compare-params">
      <GroupTitle columns={runs.length}>
        {trans._n('%1 param differs', '%1 params differ', different.length)}
        {equal > 0 && (
          <button
            className="nbtrail-Link"
            aria-expanded={showsAll}
            onClick={() => setShowsAll(!showsAll)}
          >
            {showsAll ? trans.__('hide equal') : trans.__('show %1 equal', equal)}
          </button>
        )}
      </GroupTitle>
      {(showsAll ? all : different).map(row => (
        <tr key={row.key} data-key={row.key} data-differs={differs(row)}>
          <th scope="row" title={row.key}>
            {row.key}
          </th>
          {row.entries.map((param, i) => (
            <td key={runs[i].info.run_id} title={param?.value}>
              {param?.value ?? '–'}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

function MetricRows({ runs }: { runs: IRun[] }): React.JSX.Element {
  const { trans } = useServices();
  return (
    <tbody data-testid="nbtrail-compare-metrics">
      <GroupTitle columns={runs.length}>{trans.__('Metrics, last values')}</GroupTitle>
      {metricRows(runs).map(row => (
        <tr key={row.key} data-key={row.key}>
          <th scope="row" title={row.key}>
            {row.key}
          </th>
          {row.entries.map((metric, i) => (
            <td key={runs[i].info.run_id}>
              {metric ? <MetricButton run={runs[i]} metric={metric} isBare /> : '–'}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

interface IGroupTitleProps {
  columns: number;
  children: React.ReactNode;
}

function GroupTitle({ columns, children }: IGroupTitleProps): React.JSX.Element {
  return (
    <tr className="nbtrail-Table-group">
      <th scope="rowgroup" colSpan={columns + 1}>
        {children}
      </th>
    </tr>
  );
}
