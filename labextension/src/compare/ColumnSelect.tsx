import React from 'react';

import { allColumns, parted } from './columns';
import { useComparison } from './context';
import { type Option, Select } from './Select';

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
  const columns = new Set([value, ...allColumns(keys).filter(among ?? (() => true))]);
  const options = [...columns].map((column): Option => [column, parted(column).key]);
  return <Select label={label} value={value} options={options} onChoose={onChoose} />;
}
