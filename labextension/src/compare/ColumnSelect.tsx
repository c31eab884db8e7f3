import React from 'react';

import { allColumns, parted } from './columns';
import { useComparison } from './context';

interface IColumnSelectProps {
  label: string;
  value: string;
  /** Which of all columns to offer. */
  among?: (column: string) => boolean;
  onChoose(column: string): void;
}

/** One column of all that the runs have. */
export function ColumnSelect(props: IColumnSelectProps): React.JSX.Element {
  const { label, value, among, onChoose } = props;
  const { keys } = useComparison();
  const all = allColumns(keys).filter(among ?? (() => true));
  return (
    <label>
      {label}
      <select
        className="nbtrail-Choice"
        value={value}
        onChange={event => onChoose(event.target.value)}
      >
        {[...new Set([value, ...all])].map(column => (
          <option key={column} value={column}>
            {parted(column).key}
          </option>
        ))}
      </select>
    </label>
  );
}
