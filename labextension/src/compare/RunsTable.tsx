import { useVirtualizer } from '@tanstack/react-virtual';
import React, { memo, useMemo, useRef } from 'react';

import { useServices } from '../common/context';
import { parted, type Line, linesOf } from './columns';
import { useComparison } from './context';
import { RunLine } from './RunLine';
import { TableHead } from './TableHead';
import { edgesOf, FIRST_WIDTH, widthOf } from './widths';

/** In pixels, as in compare.css. */
const LINE_HEIGHT = 28;
const OVERSCAN = 10;

/** Thousands of runs, of which the rows in sight are drawn. */
export function RunsTable({ columns }: { columns: readonly string[] }): React.JSX.Element {
  const { trans } = useServices();
  const { choice, table } = useComparison();
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => linesOf(table, choice.group_by), [table, choice.group_by]);
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: OVERSCAN
  });
  const seen = virtual.getVirtualItems();
  const above = seen[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (seen[seen.length - 1]?.end ?? 0);
  const { pinned, widths } = choice;
  const edges = useMemo(() => edgesOf(columns, { pinned, widths }), [columns, pinned, widths]);
  return (
    <div
      ref={scroller}
      className="nbtrail-Scroll nbtrail-RunsTable"
      tabIndex={0}
      role="region"
      aria-label={trans.__('Table of runs')}
    >
      <table className="nbtrail-Table" aria-rowcount={lines.length + 1}>
        <colgroup>
          <col style={{ width: FIRST_WIDTH }} />
          {columns.map(column => (
            <col key={column} style={{ width: widthOf(column, choice) }} />
          ))}
        </colgroup>
        <Head columns={columns} edges={edges} />
        <tbody>
          <Gap height={above} />
          {seen.map(({ index, key }) => (
            <DrawnLine
              key={key}
              line={lines[index]}
              place={index}
              columns={columns}
              edges={edges}
            />
          ))}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  );
}

/** While one scrolls, what is drawn already stays as it is. */
const Head = memo(TableHead);
const DrawnLine = memo(LineOf);

interface ILineProps {
  line: Line;
  place: number;
  columns: readonly string[];
  edges: ReadonlyMap<string, number>;
}

function LineOf({ line, place, ...props }: ILineProps): React.JSX.Element {
  if ('row' in line) {
    return <RunLine row={line.row} place={place} {...props} />;
  }
  return <GroupLine group={line.group} runs={line.runs} columns={props.columns.length} />;
}

interface IGroupLineProps {
  group: string | null;
  runs: number;
  columns: number;
}

function GroupLine({ group, runs, columns }: IGroupLineProps): React.JSX.Element {
  const { trans } = useServices();
  const { choice } = useComparison();
  const key = parted(choice.group_by ?? '').key;
  return (
    <tr className="nbtrail-Table-group">
      <th scope="rowgroup" colSpan={columns + 1}>
        <span className="nbtrail-Table-stuck">
          {key} = {group ?? trans.__('nothing')}{' '}
          <span className="nbtrail-Hint">{trans._n('%1 run', '%1 runs', runs)}</span>
        </span>
      </th>
    </tr>
  );
}

/** What stands for the rows out of sight. */
function Gap({ height }: { height: number }): React.JSX.Element | null {
  return height > 0 ? <tr aria-hidden style={{ height }} /> : null;
}
