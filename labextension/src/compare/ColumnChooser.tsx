import React from 'react';

import { useServices } from '../common/context';
import { allColumns, parted } from './columns';
import { useComparison } from './context';
import { KeyChooser } from './KeyChooser';
import { shownColumns } from './model';

/** Which columns are shown, and which of them stay in sight while the others scroll. */
export function ColumnChooser(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose, keys } = useComparison();
  const shown = shownColumns(choice, keys);
  const pin = (column: string) =>
    choose({
      pinned: choice.pinned.includes(column)
        ? choice.pinned.filter(other => other !== column)
        : [...choice.pinned, column]
    });
  return (
    <KeyChooser
      title={trans.__('Columns (%1)', shown.length)}
      label={trans.__('Find a column')}
      all={allColumns(keys)}
      chosen={shown}
      onChoose={columns => choose({ columns })}
      onReset={choice.columns === null ? null : () => choose({ columns: null })}
      beside={column => (
        <button
          className="nbtrail-Link"
          aria-pressed={choice.pinned.includes(column)}
          aria-label={trans.__('Pin %1', parted(column).key)}
          onClick={() => pin(column)}
        >
          {choice.pinned.includes(column) ? trans.__('unpin') : trans.__('pin')}
        </button>
      )}
    />
  );
}
