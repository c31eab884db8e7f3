import React, { useState } from 'react';

import { useServices } from '../../common/context';
import { matching } from '../text';

/** More rows than this are shown when they are asked for, and can be filtered. */
const FEW = 30;

interface IFilteredRowsProps<T> {
  items: readonly T[];
  /** What the filter looks for its words in. */
  textOf: (item: T) => string;
  head: readonly string[];
  /** What the rows are, for those who hear the table. */
  label: string;
  children: (item: T) => React.ReactNode;
}

/** A table: the first rows of it, all when that is wished, or those that a word leaves. */
export function FilteredRows<T>(props: IFilteredRowsProps<T>): React.JSX.Element {
  const { items, textOf, head, label, children } = props;
  const { trans } = useServices();
  const [words, setWords] = useState('');
  const [showsAll, setShowsAll] = useState(false);
  const found = matching(items, textOf, words);
  const shown = showsAll ? found : found.slice(0, FEW);
  return (
    <>
      {items.length > FEW && (
        <input
          type="search"
          className="nbtrail-Filter"
          placeholder={trans.__('Filter %1 rows', items.length)}
          aria-label={trans.__('Filter %1', label)}
          value={words}
          onChange={event => setWords(event.target.value)}
        />
      )}
      <div className="nbtrail-Scroll" tabIndex={0} role="group" aria-label={label}>
        <table className="nbtrail-Facts">
          <thead>
            <tr>
              {head.map(title => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{shown.map(children)}</tbody>
        </table>
      </div>
      {found.length === 0 && <p className="nbtrail-Note">{trans.__('Nothing matches.')}</p>}
      {found.length > shown.length && (
        <button className="nbtrail-Link" onClick={() => setShowsAll(true)}>
          {trans.__('Show all %1', found.length)}
        </button>
      )}
    </>
  );
}
