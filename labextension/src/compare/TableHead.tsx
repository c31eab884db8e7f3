import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { useServices } from '../common/context';
import { parted } from './columns';
import { useComparison } from './context';
import { widened, widthOf } from './widths';

/** In pixels, for each press of an arrow key. */
const NUDGE = 16;

interface IHeadProps {
  columns: readonly string[];
  edges: ReadonlyMap<string, number>;
}

/** The names of the columns: a click sorts, the right edge resizes. */
export function TableHead({ columns, edges }: IHeadProps): React.JSX.Element {
  return (
    <thead>
      <tr aria-rowindex={1}>
        <HeadCell column="attributes.run_name" />
        {columns.map(column => (
          <HeadCell key={column} column={column} edge={edges.get(column)} canResize />
        ))}
      </tr>
    </thead>
  );
}

interface IHeadCellProps {
  column: string;
  edge?: number;
  canResize?: boolean;
}

function HeadCell({ column, edge, canResize }: IHeadCellProps): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose } = useComparison();
  const isOrder = choice.order === column;
  const { kind, key } = parted(column);
  const name = column === 'attributes.run_name' ? trans.__('Run') : key;
  const sort = () => choose({ order: column, descending: isOrder ? !choice.descending : true });
  const Caret = choice.descending ? caretDownIcon : caretUpIcon;
  return (
    <th
      scope="col"
      data-pinned={edge !== undefined}
      data-kind={kind}
      aria-sort={isOrder ? (choice.descending ? 'descending' : 'ascending') : undefined}
      style={edge === undefined ? undefined : { left: edge }}
    >
      <button className="nbtrail-Sort" title={trans.__('%1: sort by it', column)} onClick={sort}>
        <span className="nbtrail-Sort-name">{name}</span>
        {isOrder && <Caret.react tag="span" width="14px" height="14px" />}
      </button>
      {canResize && <ResizeHandle column={column} />}
    </th>
  );
}

/** The edge that is dragged, or moved by the arrow keys. */
function ResizeHandle({ column }: { column: string }): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose } = useComparison();
  const width = widthOf(column, choice);
  const setWidth = (value: number) => choose({ widths: { ...choice.widths, [column]: value } });
  const onPointerDown = (event: React.PointerEvent<HTMLSpanElement>) => {
    const handle = event.currentTarget;
    const start = event.clientX;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = move => setWidth(widened(width, move.clientX - start));
    handle.onlostpointercapture = () => (handle.onpointermove = null);
  };
  const onKeyDown = ({ key }: React.KeyboardEvent) => {
    const by = { ArrowLeft: -NUDGE, ArrowRight: NUDGE }[key];
    if (by !== undefined) {
      setWidth(widened(width, by));
    }
  };
  return (
    <span
      className="nbtrail-Resize"
      role="separator"
      aria-orientation="vertical"
      aria-label={trans.__('Width of %1', parted(column).key)}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
