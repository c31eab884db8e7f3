import React from 'react';

import type { IImportance, IParamImportance } from '../api/charts';
import { useLive, useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import { Resource } from '../common/resource';
import { formatNumber } from '../common/format';
import { ColumnSelect } from './ColumnSelect';
import { parted } from './columns';
import { useAttended, useComparePage, useComparison } from './context';
import { barsOf, scopeOf } from './model';

/** Which params go with a metric, and from how many runs that is known. */
export function ImportanceView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { choice, choose, keys, table } = useComparison();
  const metric = choice.target ?? parted(barsOf(choice, keys) ?? '').key;
  if (table.total === 0) {
    return null;
  }
  if (metric === '') {
    return <p className="nbtrail-Note">{trans.__('These runs have no metrics.')}</p>;
  }
  return (
    <>
      <div className="nbtrail-Choices">
        <ColumnSelect
          label={trans.__('What the params matter for')}
          value={`metrics.${metric}`}
          among={column => column.startsWith('metrics.')}
          onChoose={column => choose({ target: parted(column).key })}
        />
      </div>
      <Importance key={`${metric} ${choice.filter}`} metric={metric} />
    </>
  );
}

function Importance({ metric }: { metric: string }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useComparePage();
  const asked = useAttended(
    () =>
      new Resource(() => {
        const { experiment_ids, filter } = scopeOf(model.state.choice);
        return model.api.importance(experiment_ids, filter, metric);
      })
  );
  const { data, error } = useLive(asked);
  if (error !== null) {
    return <ErrorState message={error} retry={() => asked.invalidate()} />;
  }
  if (data === null) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  return data.refused === null ? (
    <ImportanceTable importance={data} />
  ) : (
    <p className="nbtrail-Note" data-testid="nbtrail-refused">
      {data.refused}
    </p>
  );
}

function ImportanceTable({ importance }: { importance: IImportance }): React.JSX.Element {
  const { trans } = useServices();
  const { metric, n, params } = importance;
  return (
    <>
      <p className="nbtrail-Hint">
        {trans.__(
          'From %1 runs that have %2: the part of its variation that goes with each param by itself. Params that were always changed together share it.',
          n,
          metric
        )}
      </p>
      <div className="nbtrail-Scroll" tabIndex={0}>
        <table className="nbtrail-Table nbtrail-Importance">
          <thead>
            <tr>
              <th scope="col">{trans.__('Param')}</th>
              <th scope="col">{trans.__('Importance')}</th>
              <th scope="col">{trans.__('Correlation')}</th>
              <th scope="col">{trans.__('Runs (n)')}</th>
            </tr>
          </thead>
          <tbody>
            {params.map(param => (
              <ParamLine key={param.key} param={param} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function ParamLine({ param }: { param: IParamImportance }): React.JSX.Element {
  const { trans } = useServices();
  const { key, importance, correlation, n } = param;
  return (
    <tr data-key={key}>
      <th scope="row">{key}</th>
      <td>
        <meter min={0} max={1} value={importance} aria-label={trans.__('Importance of %1', key)} />
        <span className="nbtrail-Importance-value">{importance.toFixed(2)}</span>
      </td>
      <td>{correlation === null ? '–' : formatNumber(Number(correlation.toFixed(2)))}</td>
      <td>{n}</td>
    </tr>
  );
}
