import React from 'react';

import { useServices } from '../common/context';
import { ColumnChooser } from './ColumnChooser';
import { arranged, disagree, numberIn, parted } from './columns';
import { useComparison } from './context';
import { shownColumns } from './model';
import { RunsTable } from './RunsTable';
import { type Option, Select } from './Select';
import { SideBySide } from './SideBySide';
import { Tick } from './Tick';

/** The most that the server gives at once. */
const MOST_ROWS = 10_000;

/** The runs in a table, with what is to be chosen of it. */
export function TableView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { choice, choose, table, keys } = useComparison();
  const listed = table.runs.run_id.length;
  if (listed === 0) {
    return null;
  }
  const shown = arranged(shownColumns(choice, keys), choice.pinned);
  const columns = choice.differing ? shown.filter(name => disagree(table.columns[name])) : shown;
  return (
    <>
      <div className="nbtrail-Choices">
        <ColumnChooser />
        <GroupSelect />
        <Tick name="differing">{trans.__('Only what differs')}</Tick>
        <Tick name="transposed">{trans.__('Runs side by side')}</Tick>
        {choice.differing && (
          <span className="nbtrail-Hint">
            {trans.__('%1 columns are the same in all', shown.length - columns.length)}
          </span>
        )}
        {choice.baseline !== null && (
          <button className="nbtrail-Link" onClick={() => choose({ baseline: null })}>
            {trans.__('No baseline')}
          </button>
        )}
        {listed < table.total && listed < MOST_ROWS && (
          <button className="nbtrail-Link" onClick={() => choose({ limit: MOST_ROWS })}>
            {trans.__('Show more runs')}
          </button>
        )}
      </div>
      {choice.transposed ? <SideBySide columns={columns} /> : <RunsTable columns={columns} />}
    </>
  );
}

/** By which of the shown columns the runs stand together; numbers seldom make groups. */
function GroupSelect(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose, keys } = useComparison();
  const params = keys.params.map(({ key }) => `params.${key}`);
  const others = ['attributes.status', 'attributes.notebook', 'attributes.experiment_name'];
  const tags = keys.tags.map(({ key }) => `tags.${key}`);
  const named = [...params, ...others, ...tags].map((column): Option => [
    column,
    parted(column).key
  ]);
  return (
    <Select
      label={trans.__('Group by')}
      value={choice.group_by ?? ''}
      options={[['', trans.__('nothing')], ...named]}
      onChoose={column => choose({ group_by: column || null })}
    />
  );
}

/** Whether a column is aligned as numbers are. */
export function isNumeric(values: readonly unknown[] | undefined): boolean {
  const some = values?.find(value => value !== null);
  return some !== undefined && numberIn(some as string | number) !== null;
}
