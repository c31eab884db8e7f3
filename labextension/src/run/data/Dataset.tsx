import React from 'react';

import type { IDatasetInput } from '../../api/run';
import { formatNumber } from '../../common/format';
import { useServices } from '../../common/context';
import { Facts } from '../common/Facts';
import { useRunPage } from '../context';
import { inWords } from '../text';
import { columnsIn, type IColumn, profileIn, spreadKeys } from './dataset';

interface IDatasetProps {
  input: IDatasetInput;
}

/** One data set: what it is, where it is from, and what is in it. */
export function Dataset({ input: { dataset, tags, execution } }: IDatasetProps): React.JSX.Element {
  const { trans } = useServices();
  const { go } = useRunPage();
  const { name, digest, source, source_type, schema, profile } = dataset;
  const columns = columnsIn(schema, profile);
  const facts: [string, string][] = [
    [trans.__('digest'), digest],
    [trans.__('source'), `${source_type} ${source}`],
    ...profileIn(profile)
  ];
  return (
    <article className="nbtrail-Part" aria-label={name}>
      <header>
        <h3>{name}</h3>
        <span className="nbtrail-Faint">{tags.map(({ value }) => value).join(', ')}</span>
        {execution !== null && (
          <button className="nbtrail-Link" onClick={() => go('trail', execution)}>
            {trans.__('Cell')}
          </button>
        )}
      </header>
      <Facts facts={facts} />
      {columns.length > 0 && (
        <details>
          <summary>{trans._n('%1 column', '%1 columns', columns.length)}</summary>
          <Columns columns={columns} />
        </details>
      )}
    </article>
  );
}

function Columns({ columns }: { columns: IColumn[] }): React.JSX.Element {
  const { trans } = useServices();
  const keys = spreadKeys(columns);
  return (
    <div className="nbtrail-Scroll" tabIndex={0}>
      <table className="nbtrail-Facts">
        <thead>
          <tr>
            {[trans.__('Column'), trans.__('Type'), ...keys].map(title => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, type, spread }, i) => (
            <tr key={i}>
              <th scope="row">{name}</th>
              <td>{type}</td>
              {keys.map(key => (
                <td key={key}>{written(spread[key])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function written(value: unknown): string {
  return typeof value === 'number' ? formatNumber(value) : inWords(value);
}
